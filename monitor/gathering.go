package monitor

import (
	"fmt"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// gathering is the series of one scrape as Prometheus's encoders take them. It does what
// a registry does (labels in the order of their names, series in that of their values,
// none twice) for series of the table alone, in a third of the time: 512 ports have
// 16,000 of them.
type gathering struct {
	shown   *shown
	without map[Set]bool // sets that are left out; nil = none
	of      [keyCount][]*dto.Metric
	errs    []error

	negotiated featureTexts // of the newest vhost port

	// last are the labels of the newest series of each shape: many in a row have the
	// same ones, or some of them, and share them.
	last [][]*dto.LabelPair
	// What the next ones are taken from.
	counters []counter
	gauges   []gauge
	pairs    []pair
	lists    []*dto.LabelPair
}

// counter is a series of a counter with what it points to.
type counter struct {
	metric  dto.Metric
	counter dto.Counter
	value   float64
}

// gauge is the same of a gauge.
type gauge struct {
	metric dto.Metric
	gauge  dto.Gauge
	value  float64
}

// pair is a label with its value.
type pair struct {
	label dto.LabelPair
	value string
}

func newGathering(t *shown, without map[Set]bool) *gathering {
	return &gathering{shown: t, without: without, last: make([][]*dto.LabelPair, t.shapes)}
}

// take returns the next of some that are allocated together.
func take[T any](from *[]T, n int) []T {
	if len(*from) < n {
		*from = make([]T, max(n, 256))
	}
	taken := (*from)[:n:n]
	*from = (*from)[n:]
	return taken
}

// add adds a series. Labels come in the order of the table; it does not keep the slice.
func (s *gathering) add(k key, value float64, labels []string) {
	l := &s.shown.layouts[k]
	if len(labels) != len(l.order) {
		s.errs = append(s.errs, fmt.Errorf("%s: %d labels, not %d", *l.name, len(labels), len(l.order)))
		return
	}
	m := s.metric(l, value)
	m.Label = s.labels(l, labels)
	s.of[k] = append(s.of[k], m)
}

func (s *gathering) metric(l *layout, value float64) *dto.Metric {
	if *l.kind == dto.MetricType_COUNTER {
		c := &take(&s.counters, 1)[0]
		c.value = value
		c.counter.Value, c.metric.Counter = &c.value, &c.counter
		return &c.metric
	}
	g := &take(&s.gauges, 1)[0]
	g.value = value
	g.gauge.Value, g.metric.Gauge = &g.value, &g.gauge
	return &g.metric
}

func (s *gathering) labels(l *layout, values []string) []*dto.LabelPair {
	last := s.last[l.shape]
	same := 0
	for i, from := range l.order {
		if last != nil && *last[i].Value == values[from] {
			same++
		}
	}
	if last != nil && same == len(l.order) {
		return last
	}
	list := take(&s.lists, len(l.order))
	for i, from := range l.order {
		if last != nil && *last[i].Value == values[from] {
			list[i] = last[i]
			continue
		}
		p := &take(&s.pairs, 1)[0]
		p.value = sanitise(values[from])
		p.label.Name, p.label.Value = &l.labels[i], &p.value
		list[i] = &p.label
	}
	s.last[l.shape] = list
	return list
}

// families returns what was added, in the order of its names, and what could not be.
func (s *gathering) families() ([]*dto.MetricFamily, []error) {
	var all []*dto.MetricFamily
	for _, k := range s.shown.byName {
		if len(s.of[k]) == 0 {
			continue
		}
		l := &s.shown.layouts[k]
		all = append(all, &dto.MetricFamily{Name: l.name, Help: l.help, Type: l.kind, Metric: s.sorted(k)})
	}
	return all, s.errs
}

// sorted are the series of one metric in order. Of two with the same labels the first
// stays.
func (s *gathering) sorted(k key) []*dto.Metric {
	all := s.of[k]
	compare := func(a, b *dto.Metric) int { return compareLabels(a.Label, b.Label) }
	if !slices.IsSortedFunc(all, compare) { // mostly they are: see Collector.show
		slices.SortStableFunc(all, compare)
	}
	return slices.CompactFunc(all, func(a, b *dto.Metric) bool {
		same := compareLabels(a.Label, b.Label) == 0
		if same {
			s.errs = append(s.errs, fmt.Errorf("%s: a second series with the labels %v", *s.shown.layouts[k].name, b.Label))
		}
		return same
	})
}

// compareLabels compares the values of the same labels.
func compareLabels(a, b []*dto.LabelPair) int {
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if c := strings.Compare(*a[i].Value, *b[i].Value); c != 0 {
			return c
		}
	}
	return 0
}
