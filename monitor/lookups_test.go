package monitor

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDatapathLookups: the sum goes on when threads go, come and start again, as
// Prometheus would take less than before for a counter that restarted.
func TestDatapathLookups(t *testing.T) {
	pmd := func(core int, emc, megaflow, upcall, lost uint64) PMDSample {
		return PMDSample{Core: core, Lookups: &Lookups{EMC: emc, Megaflow: megaflow, Upcall: upcall, Lost: lost}}
	}
	silent := PMDSample{Core: 1}
	steps := []struct {
		pmds []PMDSample
		want string
	}{
		{nil, ""},
		{[]PMDSample{pmd(1, 400, 99, 1, 0), pmd(2, 400, 99, 1, 0)}, "hit 0, lost 0, missed 0"},
		{[]PMDSample{pmd(1, 410, 100, 3, 5), pmd(2, 400, 99, 1, 0)}, "hit 11, lost 5, missed 2"},
		{[]PMDSample{pmd(1, 410, 100, 3, 5)}, "hit 11, lost 5, missed 2"},                 // one is gone
		{[]PMDSample{pmd(1, 7, 0, 1, 0)}, "hit 18, lost 5, missed 3"},                     // pmd-stats-clear
		{[]PMDSample{silent}, "hit 18, lost 5, missed 3"},                                 // not told
		{[]PMDSample{pmd(1, 8, 0, 1, 0), pmd(2, 2, 0, 0, 0)}, "hit 21, lost 5, missed 3"}, // the other is made anew
		{[]PMDSample{pmd(1, 8, 0, 1, 0), {Main: true, Lookups: &Lookups{SMC: 4, Upcall: 2}}}, "hit 25, lost 5, missed 5"},
	}
	source := &script{}
	for _, s := range steps {
		source.steps = append(source.steps, Snapshot{PMDs: s.pmds, Internals: InternalsSample{Datapaths: []DatapathSample{{Name: "netdev@ovs-netdev"}}}})
	}
	now := &clock{now: time.Unix(1700000000, 0)}
	registry := hostRegistryAt(t, source, now.Now)
	for i, s := range steps {
		var got []string
		for line := range strings.Lines(scrape(t, registry)) {
			if rest, ok := strings.CutPrefix(line, `ovs_datapath_lookups_total{datapath="netdev@ovs-netdev",result="`); ok {
				got = append(got, strings.ReplaceAll(strings.TrimSpace(rest), `"}`, ""))
			}
		}
		if diff := cmp.Diff(s.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("after look %d, -want +got:\n%s", i, diff)
		}
		now.add(2 * time.Second)
	}
}
