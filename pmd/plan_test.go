package pmd_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/pmd"
)

const (
	twoSockets = "node 0: cores 0-27 siblings +56; node 1: cores 28-55 siblings +56"
	isolated   = "; isolated 1-27,29-55,57-83,85-111; nohz_full 1-27,29-55,57-83,85-111"
)

// automatic is the profile's cpu section with every default.
func automatic() pmd.Spec {
	return pmd.Spec{
		Reserved: pmd.CoreSpec{Auto: true}, PMD: pmd.CoreSpec{Auto: true}, Assign: pmd.Group,
		Rebalance: pmd.RebalanceSpec{Mode: pmd.Advise}, Lookup: pmd.LookupSpec{EMCInverseProbability: 100, Tune: pmd.Off},
	}
}

// with changes the automatic section.
func with(change func(*pmd.Spec)) pmd.Spec {
	s := automatic()
	change(&s)
	return s
}

func set(list string) cpuset.Set {
	s, err := cpuset.Parse(list)
	if err != nil {
		panic(err)
	}
	return s
}

// nic is a physical port with its pins, written "queue:cpu".
func nic(name string, node, queues int, pins ...string) pmd.Queue {
	q := pmd.Queue{Path: "bridges[0].ports[" + name[len(name)-1:] + "]", Port: name, Node: node, RxQueues: queues, Physical: true}
	for i, text := range pins {
		pin := pmd.Pin{Path: fmt.Sprintf("%s.rxAffinity[%d]", q.Path, i)}
		if _, err := fmt.Sscanf(text, "%d:%d", &pin.Queue, &pin.CPU); err != nil {
			panic(err)
		}
		q.Pins = append(q.Pins, pin)
	}
	return q
}

func dictated(q pmd.Queue) pmd.Queue {
	q.Dictated = true
	return q
}

func guest(name string, queues int) pmd.Queue {
	return pmd.Queue{Path: "vhost.ports[0]", Port: name, Node: -1, RxQueues: queues}
}

var planTests = []struct {
	name, host string
	spec       pmd.Spec
	queues     []pmd.Queue
	release    string
}{
	{"two-core-vm", "node 0: cores 0-1", automatic(), []pmd.Queue{nic("dpdk0", 0, 1), guest("vm1", 1)}, "3.1.0"},
	{"one-core-vm", "node 0: cores 0", automatic(), []pmd.Queue{nic("dpdk0", -1, 1)}, "3.1.0"},
	{"one-core-two-threads", "node 0: cores 0 siblings +1", automatic(), []pmd.Queue{nic("dpdk0", 0, 1)}, "3.3.0"},
	{"two-nodes-one-core-each", "node 0: cores 0; node 1: cores 1", automatic(), []pmd.Queue{nic("dpdk0", 1, 1)}, "3.3.0"},
	{"two-sockets", twoSockets + isolated, automatic(), []pmd.Queue{nic("dpdk0", 0, 4), nic("dpdk1", 1, 4)}, "3.6.3"},
	{"two-sockets-nic-on-one", twoSockets, automatic(), []pmd.Queue{nic("dpdk0", 1, 2, "0:29", "1:85")}, "3.1.0"},
	{
		"two-sockets-isolated-elsewhere", twoSockets + "; isolated 10-13,66-69; nohz_full 10-13,66-69",
		automatic(),
		[]pmd.Queue{nic("dpdk0", 0, 4)},
		"3.6.3",
	},
	{
		"epyc", "node 0: cores 0-7 siblings +64; node 1: cores 8-15 siblings +64; node 2: cores 16-23 siblings +64; node 3: cores 24-31 siblings +64;" +
			"node 4: cores 32-39 siblings +64; node 5: cores 40-47 siblings +64; node 6: cores 48-55 siblings +64; node 7: cores 56-63 siblings +64, no memory",
		automatic(),
		[]pmd.Queue{nic("dpdk0", 3, 2)},
		"4.0.0",
	},
	{"container", twoSockets + "; allowed 4-7,60-61; quota 2.5", automatic(), []pmd.Queue{nic("dpdk0", 0, 2), nic("dpdk1", 1, 2)}, "3.1.0"},
	{
		"nic-on-another-node", twoSockets + isolated,
		with(func(s *pmd.Spec) { s.PMD = pmd.CoreSpec{Set: set("2,58")} }),
		[]pmd.Queue{nic("dpdk0", 1, 1), nic("dpdk1", 0, 4)},
		"3.1.0",
	},
	{"tap-wants-a-queue-more", "node 0: cores 0-1; isolated 1; nohz_full 1", automatic(), []pmd.Queue{dictated(nic("dpdk0", 0, 2))}, "3.1.0"},
	{
		"sibling-of-a-guest", "node 0: cores 0-3 siblings +4; isolated 1-3,5-7; nohz_full 1-3,5-7",
		with(func(s *pmd.Spec) { s.PMD, s.Guests = pmd.CoreSpec{Set: set("1-2")}, set("3,5,7") }),
		[]pmd.Queue{nic("dpdk0", 0, 1)},
		"3.1.0",
	},
	{
		"per-node-short", "node 0: cores 0-2 siblings +3",
		with(func(s *pmd.Spec) { s.PMD = pmd.CoreSpec{PerNode: 3} }),
		[]pmd.Queue{nic("dpdk0", 0, 4)},
		"3.1.0",
	},
	{
		"guests-take-the-rest", "node 0: cores 0-3 siblings +4",
		with(func(s *pmd.Spec) { s.Guests = set("1-3,5-7") }),
		[]pmd.Queue{nic("dpdk0", 0, 1)},
		"3.1.0",
	},
	{
		"overlaps", "node 0: cores 0-7",
		with(func(s *pmd.Spec) {
			s.PMD, s.Reserved, s.Guests = pmd.CoreSpec{Set: set("1-3")}, pmd.CoreSpec{Set: set("0-1,5")}, set("3-5")
		}),
		[]pmd.Queue{nic("dpdk0", 0, 1)},
		"3.1.0",
	},
	{
		"cores-that-cannot-poll", "node 0: cores 0-3; offline 2; allowed 0-1",
		with(func(s *pmd.Spec) { s.PMD = pmd.CoreSpec{Set: set("1-3,12")} }),
		[]pmd.Queue{nic("dpdk0", 0, 1)},
		"3.1.0",
	},
	{
		"pins", twoSockets,
		with(func(s *pmd.Spec) { s.PMD = pmd.CoreSpec{Set: set("2,58,30,86")} }),
		[]pmd.Queue{nic("dpdk0", 0, 2, "0:2", "1:30", "2:58", "0:58"), nic("dpdk1", 0, 2, "1:5")},
		"3.1.0",
	},
	{
		"isolate-node", twoSockets + isolated,
		with(func(s *pmd.Spec) { s.PMD, s.Isolate = pmd.CoreSpec{Set: set("2,58,30,86")}, true }),
		[]pmd.Queue{nic("dpdk0", 0, 2, "0:2", "1:58")},
		"3.6.3",
	},
	{
		"isolate-unpolled", "node 0: cores 0-3; isolated 1-3; nohz_full 1-3",
		with(func(s *pmd.Spec) { s.PMD, s.Isolate = pmd.CoreSpec{Set: set("2-3")}, true }),
		[]pmd.Queue{nic("dpdk0", 0, 2, "0:2", "1:3"), guest("vm1", 1)},
		"3.6.3",
	},
	{
		"no-pmd", "node 0: cores 0-1",
		with(func(s *pmd.Spec) { s.Reserved = pmd.CoreSpec{Set: set("0-1")} }),
		[]pmd.Queue{nic("dpdk0", 0, 1)},
		"3.1.0",
	},
	{
		"cycles-without-isolate", "node 0: cores 0-1; isolated 1; nohz_full 1",
		with(func(s *pmd.Spec) {
			s.Assign, s.SleepMax, s.Rebalance.Mode = pmd.Cycles, 500*time.Microsecond, pmd.Auto
			s.TxFlushInterval, s.Lookup.SMC = 50*time.Microsecond, true
		}),
		[]pmd.Queue{nic("dpdk0", 0, 1)},
		"2.17.12",
	},
}

func TestDecide(t *testing.T) {
	for _, tt := range planTests {
		t.Run(tt.name, func(t *testing.T) {
			p, found := pmd.Decide(describedHost(t, tt.host), tt.spec, tt.queues, tt.release)
			got := "host: " + strings.ReplaceAll(strings.ReplaceAll(tt.host, "; ", ";"), ";", "\n      ") + "\nOVS " + tt.release + "\n\n" + printed(p, found)
			golden.Check(t, filepath.Join("testdata", "plan", tt.name+".txt"), got)
		})
	}
}

// TestNoCoreTwice holds the plans of all hosts against the rules that every
// automatic choice must keep.
func TestNoCoreTwice(t *testing.T) {
	for cores := 1; cores <= 6; cores++ {
		for _, threads := range []string{"", fmt.Sprintf(" siblings +%d", 2*cores)} {
			text := fmt.Sprintf("node 0: cores 0-%d%s; node 1: cores %d-%d%s", cores-1, threads, cores, 2*cores-1, threads)
			topo := describedHost(t, text)
			for guests := range 1 << min(2*cores, 8) {
				spec := automatic()
				for cpu := range 8 {
					if guests&(1<<cpu) != 0 {
						spec.Guests = spec.Guests.Union(cpuset.Of(cpu))
					}
				}
				p, _ := pmd.Decide(topo, spec, []pmd.Queue{nic("dpdk0", 0, 1)}, "")
				used := p.PMDs.Union(p.Reserved)
				switch {
				case !p.PMDs.Intersect(p.Reserved).IsEmpty(), !used.Intersect(spec.Guests).IsEmpty(), !used.SubsetOf(topo.Online()):
					t.Fatalf("%s, guests %s: pmd %s, reserved %s", text, spec.Guests, p.PMDs, p.Reserved)
				case p.PMDs.IsEmpty() && !topo.Online().SubsetOf(spec.Guests):
					t.Fatalf("%s, guests %s: no PMD though cores are left", text, spec.Guests)
				}
			}
		}
	}
}

func printed(p pmd.Plan, found []finding.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "pmd      %s\nreserved %s\n", p.PMDs, p.Reserved)
	for _, n := range p.Nodes {
		fmt.Fprintf(&b, "node %d   pmd %s\n", n.Node, n.PMDs)
	}
	for _, r := range p.Reasons {
		fmt.Fprintf(&b, "%-8s %s\n", r.Role, r)
	}
	b.WriteString("\nOpen_vSwitch .\n")
	for _, name := range p.Settings.Names() {
		fmt.Fprintf(&b, "  %s=%s\n", name, p.Settings[name])
	}
	for _, port := range slices.Sorted(maps.Keys(p.Affinity)) {
		fmt.Fprintf(&b, "Interface %s\n  other_config:pmd-rxq-affinity=%s\n", port, p.Affinity[port])
	}
	for _, f := range found {
		fmt.Fprintf(&b, "\n%s %s at %s\n  %s\n", f.Severity, f.Code, f.Path, f.What)
		if f.Cost != "" {
			fmt.Fprintf(&b, "  cost: %s\n", f.Cost)
		}
		fmt.Fprintf(&b, "  fix:  %s\n", f.Fix)
	}
	return b.String()
}
