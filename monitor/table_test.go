package monitor

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTable keeps the naming rules: what promlint cannot see in a scrape that
// happens not to hold a metric.
func TestTable(t *testing.T) {
	name := regexp.MustCompile(`^(ovs|sluice)(_[a-z0-9]+)+$`)
	label := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	seen := map[string]bool{}
	for _, m := range Table() {
		switch {
		case !name.MatchString(m.Name):
			t.Errorf("%q: not an ovs_ or sluice_ name in snake case; or a key without a row", m.Name)
		case seen[m.Name]:
			t.Errorf("%s: twice", m.Name)
		case (m.Type == Counter) != strings.HasSuffix(m.Name, "_total"):
			t.Errorf("%s: _total is for counters and all of them", m.Name)
		case m.Type != Counter && m.Type != Gauge && m.Type != Histogram:
			t.Errorf("%s: type %q", m.Name, m.Type)
		case m.Set == "" || m.Source == "":
			t.Errorf("%s: without a set or a source", m.Name)
		case !strings.HasSuffix(m.Help, "."):
			t.Errorf("%s: help is not a sentence: %q", m.Name, m.Help)
		case strings.HasSuffix(m.Name, "_info") && m.Type != Gauge:
			t.Errorf("%s: an info metric is a gauge of 1", m.Name)
		}
		seen[m.Name] = true
		for _, unit := range []Unit{Bytes, ByteRate, Seconds, Ratio} {
			inName := strings.HasSuffix(strings.TrimSuffix(m.Name, "_total"), "_"+string(unit))
			if unit == Seconds && strings.HasSuffix(m.Name, string(ByteRate)) {
				continue
			}
			if inName != (m.Unit == unit) {
				t.Errorf("%s: unit is %q, the name says otherwise", m.Name, m.Unit)
			}
		}
		sorted := slices.Sorted(slices.Values(m.Labels))
		if len(slices.Compact(sorted)) != len(m.Labels) {
			t.Errorf("%s: labels %v", m.Name, m.Labels)
		}
		for _, l := range m.Labels {
			if !label.MatchString(l) {
				t.Errorf("%s: label %q", m.Name, l)
			}
		}
	}
}

// TestTableIsACopy: what a caller does to the table stays with the caller.
func TestTableIsACopy(t *testing.T) {
	for _, m := range Table() {
		for i := range m.Labels {
			m.Labels[i] = "spoilt"
		}
	}
	for _, m := range Table() {
		if slices.Contains(m.Labels, "spoilt") {
			t.Fatalf("%s: the table was changed from outside", m.Name)
		}
	}
}
