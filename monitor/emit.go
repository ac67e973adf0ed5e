package monitor

import (
	"math"
	"strings"
)

// emitter adds metrics to those of one scrape.
type emitter struct{ *gathering }

// emit adds one series. Labels come in the order of the table. Not-a-number
// and infinities count as not known. A wrong number of labels becomes an error
// of the scrape, beside which the rest is served.
func (e emitter) emit(k key, value float64, labels ...string) {
	if math.IsNaN(value) || math.IsInf(value, 0) || e.without[e.shown.rows[k].Set] {
		return
	}
	e.add(k, value, labels)
}

// sanitise makes a text from outside fit for a label. Prometheus takes any
// UTF-8 and its format escapes quotes and line ends, so these stay as they are
// and two names never become one; bytes that are no UTF-8 become U+FFFD.
func sanitise(label string) string { return strings.ToValidUTF8(label, "\uFFFD") }

// known adds a number when there is one.
func known[N uint64 | int64 | float64](e emitter, k key, value *N, labels ...string) {
	if value != nil {
		e.emit(k, float64(*value), labels...)
	}
}

// truth adds 1 or 0 when it is known which.
func truth(e emitter, k key, value *bool, labels ...string) {
	if value != nil {
		e.emit(k, number(*value), labels...)
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
