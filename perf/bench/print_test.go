package bench

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// examples are results of every kind with their scenarios.
func examples() ([]Scenario, []Result) {
	machine := Machine{
		CPU: "Imaginary CPU @ 2.00GHz", Cores: 2, Virtual: true, MemoryMiB: 8192, System: "Debian GNU/Linux 12 (bookworm)",
		Kernel: "6.1.0-18-amd64", OVS: "3.1.0", DPDK: "22.11.11", Go: "go1.26.0", Revision: "0123456789abcdef+", Load: 0.25,
	}
	scenarios := []Scenario{
		{Name: "apply", Title: "applying ports", Issue: 2, Method: "Timed from here to there."},
		{Name: "rest", Title: "the daemon at rest", Issue: 2, Method: "Looked at.", Table: true},
		{Name: "flows", Title: "flows of a host", Issue: 3, Method: "Counted."},
		{Name: "broken", Title: "a run that failed", Issue: 3, Method: "Tried."},
		{Name: "never", Title: "what was never run", Issue: 4, Method: "Imagined.", Bars: []Bar{{Text: "under 3 ms | always"}}},
	}
	results := []Result{
		{
			Scenario: "apply", Metrics: []Metric{{"time", Seconds}},
			Sides: []SideResult{
				{Name: "sluiced", Samples: map[string][]float64{"time": {0.110, 0.121, 0.140}}},
				{Name: "ovs-vsctl", Samples: map[string][]float64{"time": {0.100, 0.100, 0.100}}},
			},
			Bars: []Bar{{Text: "At most 1.3 times `ovs-vsctl`", Metric: "time", Of: "sluiced", Against: "ovs-vsctl", Limit: Limit{AtMost, 1.3}}},
		},
		{
			Scenario: "rest", Metrics: []Metric{{"memory", Bytes}, {"cpu", Cores}, {"children", Count}}, Quick: true,
			Sides: []SideResult{{Name: "sluiced", Samples: map[string][]float64{
				"memory": {41 << 20, 42 << 20}, "cpu": {0.0012, 0.0012}, "children": {0, 0},
			}}},
			Bars: []Bar{
				{Text: "Under 40 MiB resident", Metric: "memory", Of: "sluiced", Limit: Limit{Below, 40 << 20}},
				{Text: "Under 0.5 % of a core", Metric: "cpu", Of: "sluiced", Limit: Limit{Below, 0.005}},
				{Text: "Nothing is exec'ed", Metric: "children", Of: "sluiced", Limit: Limit{AtMost, 0}, Judged: ByWorst},
			},
			Notes: []string{"64 ports."},
		},
		{
			Scenario: "flows", Metrics: []Metric{{"flows", Count}},
			Sides: []SideResult{
				{Name: "sluiced", Samples: map[string][]float64{"flows": {15000}}},
				{Name: "ovn-controller", Missing: "package ovn-host is not installed"},
			},
			Bars: []Bar{{Text: "Fewer than half of OVN's", Metric: "flows", Of: "sluiced", Against: "ovn-controller", Limit: Limit{Below, 0.5}}},
		},
		{
			Scenario: "broken", Metrics: []Metric{{"time", Seconds}}, Failed: "prepare: no way",
			Sides: []SideResult{{Name: "sluiced"}},
			Bars:  []Bar{{Text: "Under 1 s", Metric: "time", Of: "sluiced", Limit: Limit{Below, 1}}},
		},
	}
	for i := range results {
		results[i].Issue, results[i].Machine = scenarios[i].Issue, machine
		results[i].Started = time.Date(2026, 3, 1+i, 12, 0, 0, 0, time.UTC)
		results[i].judge()
	}
	return scenarios, results
}

func TestPrint(t *testing.T) {
	var out bytes.Buffer
	scenarios, results := examples()
	for i, r := range results {
		if err := Print(&out, scenarios[i].Title, r); err != nil {
			t.Fatal(err)
		}
	}
	missing := Result{Scenario: "apply", Missing: []string{"root, for network namespaces", "hugepages"}}
	if err := Print(&out, "applying ports", missing); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/print.txt", out.String())
}

func TestRenderPage(t *testing.T) {
	golden.Check(t, "testdata/page.md", RenderPage(examples()))
}

// The tables of docs/performance.md are those of docs/performance.json, which
// `sluice-perf report` writes together.
func TestPageIsItsResults(t *testing.T) {
	results, err := ReadAll("../../docs/performance.json")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := ReplacePage(string(page), RenderPage(Scenarios(), results))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("run `sluice-perf report`: -want +got\n%s", diff)
	}
}

// A published verdict is on the bar that the code has: nobody moves a bar under
// a measurement.
func TestPublishedBars(t *testing.T) {
	results, err := ReadAll("../../docs/performance.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		s, ok := Find(Scenarios(), r.Scenario)
		if !ok {
			t.Errorf("docs/performance.json has a result of %s, which is no scenario", r.Scenario)
			continue
		}
		if diff := cmp.Diff(s.Bars, r.Bars); diff != "" {
			t.Errorf("%s: measure again, its bars have changed: -now +then\n%s", r.Scenario, diff)
		}
	}
}

func TestReplacePage(t *testing.T) {
	got, err := ReplacePage("a\n"+pageBegin+"\nold\n"+pageEnd+"\nb\n", "new")
	if want := "a\n" + pageBegin + "\nnew\n" + pageEnd + "\nb\n"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	for _, page := range []string{"", pageBegin + "\n", pageEnd, pageEnd + "\n" + pageBegin + "\n"} {
		if _, err := ReplacePage(page, "new"); err == nil {
			t.Errorf("page %q was taken", page)
		}
	}
}
