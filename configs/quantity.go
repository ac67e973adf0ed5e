package configs

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// duration is a whole number with its unit: 50us, 10ms, 60s, 5m.
type duration time.Duration

type unit[T any] struct {
	name string
	size T
}

// durationUnits runs from the largest that is written to the smallest.
func durationUnits() []unit[time.Duration] {
	return []unit[time.Duration]{{"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}, {"m", time.Minute}}
}

var durationForm = regexp.MustCompile(`^(0|[1-9][0-9]*)([a-zµ]*)$`)

// UnmarshalText reads a duration; the unit is not optional.
func (d *duration) UnmarshalText(text []byte) error {
	m := durationForm.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("%q is no duration; write a whole number and a unit: 50us, 10ms, 60s, 5m", text)
	}
	if m[2] == "" {
		return fmt.Errorf("%q has no unit; write for instance %sus, %sms or %ss", text, m[1], m[1], m[1])
	}
	for _, u := range durationUnits() {
		if u.name != m[2] {
			continue
		}
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || n > int64(365*24*time.Hour/u.size) {
			return fmt.Errorf("%q is longer than a year", text)
		}
		*d = duration(time.Duration(n) * u.size)
		return nil
	}
	return fmt.Errorf("%q has the unknown unit %s; valid: us, ms, s, m", text, m[2])
}

// MarshalText writes the duration in the largest unit that divides it.
func (d duration) MarshalText() ([]byte, error) {
	if d == 0 {
		return []byte("0us"), nil
	}
	for _, u := range durationUnits() {
		if time.Duration(d)%u.size == 0 {
			return fmt.Appendf(nil, "%d%s", time.Duration(d)/u.size, u.name), nil
		}
	}
	return nil, fmt.Errorf("%v is no whole number of microseconds", time.Duration(d))
}

// within tells whether d is in the range that a key allows.
func (d duration) within(lo, hi time.Duration) bool {
	return time.Duration(d) >= lo && time.Duration(d) <= hi
}

// share is a part of the whole, 0 to 1, in hundredths: OVS reads whole percents.
type share float64

var shareForm = regexp.MustCompile(`^(0|1|[01]\.[0-9]+)$`)

// UnmarshalText reads a share.
func (s *share) UnmarshalText(text []byte) error {
	if !shareForm.Match(text) {
		return fmt.Errorf("%q is no share; write a number between 0 and 1: 0.80 for 80 percent", text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f > 1 {
		return fmt.Errorf("%s is more than 1; write 0.80 for 80 percent", text)
	}
	percent := int(f*100 + 0.5)
	if d := f*100 - float64(percent); d > 1e-9 || d < -1e-9 {
		return fmt.Errorf("%s is finer than OVS reads it, in whole percents; write 0.%02d", text, percent)
	}
	*s = share(float64(percent) / 100)
	return nil
}

// MarshalText writes the share with two decimals.
func (s share) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s), 'f', 2, 64), nil
}
