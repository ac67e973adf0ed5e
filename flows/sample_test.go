package flows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// sampledFlows are the flows with a sample, a line each.
func sampledFlows(s *logical.Snapshot, rules flows.Rules) []string {
	var lines []string
	for line := range strings.Lines(rules.Text(flows.NamesOf(s))) {
		if strings.Contains(line, "sample(") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// TestSampling: each port here is sampled once where packets enter from it and once
// where they leave to it, by its own rate or the host's; and only while the host does.
func TestSampling(t *testing.T) {
	n := twoHosts(t)
	blue := *n.rows[logical.Ref{Kind: logical.KindSwitchPort, UUID: portID("blue1").UUID()}].(*logical.SwitchPort)
	blue.Sampling = 1
	n.put(&blue)
	s := n.snapshot()
	local := on("h1", "blue1", "green1")
	local.Sampling = flows.Sampling{Every: 400, Set: 4739}
	rules, _ := flows.Compile(s, local)
	golden.Check(t, "testdata/sampling.txt", strings.Join(sampledFlows(s, rules), "\n")+"\n")

	local.Sampling = flows.Sampling{}
	rules, _ = flows.Compile(s, local)
	if got := sampledFlows(s, rules); len(got) > 0 {
		t.Errorf("sampled all the same:\n%s", strings.Join(got, "\n"))
	}
}

// TestSamplingFollowed: a compiler that goes on to another sampling has what a new one
// makes of it.
func TestSamplingFollowed(t *testing.T) {
	s := twoHosts(t).snapshot()
	c := flows.New()
	var all logical.Delta
	for e := range s.All() {
		all = append(all, e.Ref())
	}
	for _, every := range []uint32{0, 400, 1, 65535, 0} {
		local := on("h1", "blue1", "green1")
		local.Sampling = flows.Sampling{Every: every, Set: 4739}
		c.Update(s, all, local)
		all = nil
		want, _ := flows.Compile(s, local)
		if diff := cmp.Diff(want.Text(flows.NamesOf(s)), c.Rules().Text(flows.NamesOf(s))); diff != "" {
			t.Errorf("1 in %d: -want +got:\n%s", every, diff)
		}
		if got := sampledFlows(s, c.Rules()); len(got) != 4 && every > 0 || len(got) > 0 && every == 0 {
			t.Errorf("1 in %d: %d flows sample", every, len(got))
		}
	}
}

// TestSamplePoints: the points of a network's ports are numbers of their own, and a
// host's domain is never OVS's own, 0.
func TestSamplePoints(t *testing.T) {
	var points []uint32
	for p := range twoHosts(t).snapshot().Ports() {
		points = append(points, flows.SamplePoint(p.ID))
	}
	slices.Sort(points)
	if n := len(points); len(slices.Compact(points)) != n || n == 0 {
		t.Errorf("points %v", points)
	}
	if flows.SampleDomain("h1") == flows.SampleDomain("h2") || flows.SampleDomain("h1") == 0 {
		t.Error("two hosts have one domain")
	}
}
