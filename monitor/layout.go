package monitor

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// shown is the table as it is needed to show series of it. It never changes.
type shown struct {
	rows    [keyCount]Metric
	layouts [keyCount]layout
	byName  []key
	shapes  int
}

// layout is how the series of one metric look.
type layout struct {
	name, help *string
	kind       *dto.MetricType
	labels     []string // in the order of their names
	order      []int    // their places in the table's row
	shape      int      // the same for metrics with the same labels
}

func newShown() *shown {
	t := &shown{rows: table()}
	shapes := map[string]int{}
	for k := range keyCount {
		m := &t.rows[k]
		l := layout{name: &m.Name, help: &m.Help, kind: dto.MetricType_GAUGE.Enum()}
		if m.Type == Counter {
			l.kind = dto.MetricType_COUNTER.Enum()
		}
		for i := range m.Labels {
			l.order = append(l.order, i)
		}
		slices.SortFunc(l.order, func(a, b int) int { return strings.Compare(m.Labels[a], m.Labels[b]) })
		for _, from := range l.order {
			l.labels = append(l.labels, m.Labels[from])
		}
		// By the row's order, too, as its values come in that.
		name := strings.Join(m.Labels, ",")
		if _, known := shapes[name]; !known {
			shapes[name] = len(shapes)
		}
		l.shape = shapes[name]
		t.layouts[k] = l
		t.byName = append(t.byName, k)
	}
	t.shapes = len(shapes)
	slices.SortFunc(t.byName, func(a, b key) int { return strings.Compare(t.rows[a].Name, t.rows[b].Name) })
	return t
}

// descs are the rows as a registry wants them described.
func (t *shown) descs() (d [keyCount]*prometheus.Desc) {
	for k, m := range t.rows {
		d[k] = prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
	return d
}
