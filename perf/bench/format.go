package bench

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// format prints a number of this unit with three digits or so.
func (u Unit) format(x float64) string {
	switch u {
	case Seconds:
		return duration(x)
	case Bytes:
		return digits(x/(1<<20)) + " MiB"
	case Cores:
		return digits(x*100) + " % of a core"
	case Cycles:
		return digits(x) + " cycles"
	case Ratio:
		return digits(x)
	case PerSecond, PerRecord:
		return digits(x) + " " + string(u)
	case Count:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return digits(x) + " " + string(u)
}

func duration(seconds float64) string {
	switch {
	case math.IsInf(seconds, 0):
		return "infinite"
	case seconds >= 1:
		return digits(seconds) + " s"
	case seconds >= time.Millisecond.Seconds():
		return digits(seconds*1e3) + " ms"
	default:
		return digits(seconds*1e6) + " µs"
	}
}

// digits prints x with three significant digits, more before the point.
func digits(x float64) string {
	switch size := math.Abs(x); {
	case math.IsInf(x, 0):
		return "infinite"
	case size >= 100 || x == 0:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case size >= 1:
		return strconv.FormatFloat(x, 'f', 2, 64)
	default:
		return strconv.FormatFloat(x, 'f', 3, 64)
	}
}

// format prints a number in what the bar is about: a ratio or the metric's unit.
func (b Bar) format(metrics []Metric, x float64) string {
	if b.Against != "" {
		return digits(x) + " times"
	}
	for _, m := range metrics {
		if m.Name == b.Metric {
			return m.Unit.format(x)
		}
	}
	return digits(x)
}

// spread prints a summary: "1.08 (0.97 .. 1.21)"; equal ends are left out.
func spread(s Summary, format func(float64) string) string {
	if s.Min == s.Max {
		return format(s.Median)
	}
	return fmt.Sprintf("%s (%s .. %s)", format(s.Median), format(s.Min), format(s.Max))
}
