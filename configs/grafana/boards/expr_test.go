package boards

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// concrete puts values in place of Grafana's variables, as Grafana does.
func concrete(expr string) string {
	expr = strings.ReplaceAll(expr, "$__rate_interval", "1m")
	return regexp.MustCompile(`\$[a-z]+`).ReplaceAllString(expr, ".+")
}

// complaints says what is wrong with an expression: that it does not parse, asks
// for a metric or a label that is not in the table, or takes a counter for a
// gauge or a gauge for a counter.
func complaints(expr string, table map[string]metric) []string {
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(concrete(expr))
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	parser.Inspect(tree, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			m, known := table[n.Name]
			if !known {
				say("%s is not in the table", n.Name)
				return nil
			}
			for _, matcher := range n.LabelMatchers {
				if matcher.Name != "__name__" && !m.labels[matcher.Name] {
					say("%s has no label %s", n.Name, matcher.Name)
				}
			}
			if rated := underRate(path); m.histogram {
				say("%s is a histogram: ask for its _bucket, _sum or _count", n.Name)
			} else if rated != m.counter {
				say("%s: counter=%v, under rate or increase: %v", n.Name, m.counter, rated)
			}
		case *parser.AggregateExpr:
			for _, label := range missingLabels(n.Grouping, n.Expr, table) {
				say("%s by %s, which is a label of nothing in it", n.Op, label)
			}
		case *parser.BinaryExpr:
			if v := n.VectorMatching; v != nil {
				for _, label := range missingLabels(v.MatchingLabels, n, table) {
					say("matching on %s, which is a label of nothing in it", label)
				}
			}
		}
		return nil
	})
	return wrong
}

// underRate tells whether the innermost function around a selector is one for
// counters.
func underRate(path []parser.Node) bool {
	for _, node := range slices.Backward(path) {
		if call, ok := node.(*parser.Call); ok {
			return slices.Contains([]string{"rate", "increase", "irate", "resets"}, call.Func.Name)
		}
	}
	return false
}

// missingLabels are those of names that no metric below a node has.
func missingLabels(names []string, below parser.Node, table map[string]metric) []string {
	have := map[string]bool{}
	parser.Inspect(below, func(node parser.Node, _ []parser.Node) error {
		if n, ok := node.(*parser.VectorSelector); ok {
			maps.Copy(have, table[n.Name].labels)
		}
		return nil
	})
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return have[name] })
}

// TestComplaintsBite shows that what is wrong with an expression is found, and
// nothing else is.
func TestComplaintsBite(t *testing.T) {
	table := map[string]metric{
		"a_total":  {counter: true, labels: labelSet("core")},
		"b":        {labels: labelSet("core, queue")},
		"h":        {histogram: true, labels: labelSet("")},
		"h_bucket": {counter: true, labels: labelSet("le")},
	}
	for _, tt := range []struct{ expr, want string }{
		{`sum by (core) (rate(a_total{job=~"$job"}[$__rate_interval]))`, ""},
		{`b{core="1"} > 0 and on (core) rate(a_total[5m]) > 0`, ""},
		{`histogram_quantile(0.9, sum by (le) (rate(h_bucket[5m])))`, ""},
		{`topk(3, b{queue!="0"})`, ""},
		{`sum(`, "parse error"},
		{`c`, "c is not in the table"},
		{`a_total`, "counter=true, under rate or increase: false"},
		{`rate(b[5m])`, "counter=false, under rate or increase: true"},
		{`max_over_time(a_total[5m])`, "counter=true, under rate or increase: false"},
		{`rate(a_total{queue="1"}[5m])`, "a_total has no label queue"},
		{`sum by (numa) (b)`, "by numa"},
		{`b / on (numa) b`, "on numa"},
		{`h`, "is a histogram"},
	} {
		got := strings.Join(complaints(tt.expr, table), "; ")
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.expr, got, tt.want)
		}
	}
}
