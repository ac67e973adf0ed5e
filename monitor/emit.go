package monitor

import (
	"math"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// descs are the table's rows as Prometheus wants them described.
type descs [keyCount]*prometheus.Desc

func newDescs() *descs {
	var d descs
	for k, m := range table() {
		d[k] = prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
	return &d
}

// emitter sends metrics of one scrape.
type emitter struct {
	rows  *[keyCount]Metric
	descs *descs
	ch    chan<- prometheus.Metric
	// without are the sets that are left out; nil = none.
	without map[Set]bool
}

// emit sends one series. Labels come in the order of the table. Not-a-number
// and infinities count as not known. A wrong number of labels becomes an error
// of the scrape, beside which the rest is served.
func (e emitter) emit(k key, value float64, labels ...string) {
	if math.IsNaN(value) || math.IsInf(value, 0) || e.without[e.rows[k].Set] {
		return
	}
	valueType := prometheus.GaugeValue
	if e.rows[k].Type == Counter {
		valueType = prometheus.CounterValue
	}
	for i := range labels {
		labels[i] = sanitise(labels[i])
	}
	m, err := prometheus.NewConstMetric(e.descs[k], valueType, value, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(e.descs[k], err)
	}
	e.ch <- m
}

// sanitise makes a text from outside fit for a label. Prometheus takes any
// UTF-8 and its format escapes quotes and line ends, so these stay as they are
// and two names never become one; bytes that are no UTF-8 become U+FFFD.
func sanitise(label string) string { return strings.ToValidUTF8(label, "\uFFFD") }

// known sends a number when there is one.
func known[N uint64 | int64 | float64](e emitter, k key, value *N, labels ...string) {
	if value != nil {
		e.emit(k, float64(*value), labels...)
	}
}

// truth sends 1 or 0 when it is known which.
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
