package pmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Plan is the CPU side of a host as decided. It is plain data; nothing in it
// may be changed by who reads it.
type Plan struct {
	PMDs     cpuset.Set
	Reserved cpuset.Set
	Nodes    []NodePMDs // ascending by node; nodes without a PMD are absent
	Reasons  []Reason   // ascending by first CPU
	// Settings are those of the Open_vSwitch row.
	Settings vswitch.Settings
	// Affinity holds other_config:pmd-rxq-affinity of each port with pins:
	// "0:3,1:7" pins queue 0 to core 3 and queue 1 to core 7.
	Affinity map[string]string
}

// NodePMDs are the PMD cores of one NUMA node.
type NodePMDs struct {
	Node int
	PMDs cpuset.Set
}

// Role is what a core is for.
type Role string

// The roles.
const (
	RolePMD      Role = "pmd"
	RoleReserved Role = "reserved"
)

// Reason tells why a physical core got its role.
type Reason struct {
	CPUs cpuset.Set // the CPUs of one physical core
	Role Role
	Why  string
}

// String returns for instance "core 2 (sibling 30): node 0 owns dpdk0".
func (r Reason) String() string { return coreName(r.CPUs) + ": " + r.Why }

// Decide lays out the host's cores for the queues of a profile and says what is
// wrong with that. The plan is complete even where a finding is an error, so
// that it can be shown; it must not be applied then. release is the running
// OVS's ("3.1.0"), empty for the newest.
func Decide(topo host.Topology, spec Spec, queues []Queue, release string) (Plan, []finding.Finding) {
	c := chooser{topo: topo, spec: spec, cores: coresOf(topo), owners: owners(queues)}
	p := Plan{Affinity: affinity(queues)}
	p.Reserved = c.reserve()
	p.PMDs = c.poll(p.Reserved)
	p.Nodes = byNode(topo, p.PMDs)
	slices.SortStableFunc(c.reasons, func(a, b Reason) int { return cmp.Compare(a.CPUs.First(), b.CPUs.First()) })
	p.Reasons = c.reasons

	var unknown []finding.Finding
	p.Settings, unknown = settings(spec, p.PMDs, release)
	found := slices.Concat(c.found, unknown, checkCores(topo, spec, p), checkQueues(topo, spec, queues, p))
	finding.Sort(found)
	return p, found
}

// owners maps each node to its physical ports. A device without a node counts
// for node 0, as in lib/netdev-dpdk.c, common_construct.
func owners(queues []Queue) map[int][]string {
	m := map[int][]string{}
	for _, q := range queues {
		if q.Physical {
			m[max(q.Node, 0)] = append(m[max(q.Node, 0)], q.Port)
		}
	}
	return m
}

func byNode(t host.Topology, pmds cpuset.Set) []NodePMDs {
	sets := map[int]cpuset.Set{}
	for cpu := range pmds.All() {
		n := nodeOf(t, cpu)
		sets[n] = sets[n].Union(cpuset.Of(cpu))
	}
	var nodes []NodePMDs
	for n, set := range sets {
		nodes = append(nodes, NodePMDs{n, set})
	}
	slices.SortFunc(nodes, func(a, b NodePMDs) int { return cmp.Compare(a.Node, b.Node) })
	return nodes
}

// on returns the PMDs of one node.
func (p Plan) on(node int) cpuset.Set {
	for _, n := range p.Nodes {
		if n.Node == node {
			return n.PMDs
		}
	}
	return cpuset.Set{}
}

// affinity writes the pins of each port, ascending by queue.
func affinity(queues []Queue) map[string]string {
	m := map[string]string{}
	for _, q := range queues {
		if len(q.Pins) == 0 {
			continue
		}
		pins := slices.Clone(q.Pins)
		slices.SortFunc(pins, func(a, b Pin) int { return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.CPU, b.CPU)) })
		texts := make([]string, 0, len(pins))
		for _, p := range pins {
			texts = append(texts, fmt.Sprintf("%d:%d", p.Queue, p.CPU))
		}
		m[q.Port] = strings.Join(texts, ",")
	}
	return m
}

// settings writes the cpu section into the words of other_config, every value
// in full: a value equal to OVS's default is still the profile's word.
func settings(spec Spec, pmds cpuset.Set, release string) (vswitch.Settings, []finding.Finding) {
	s := vswitch.Settings{
		keyIsolate: strconv.FormatBool(spec.Isolate),
		keyEMC:     strconv.FormatUint(uint64(spec.Lookup.EMCInverseProbability), 10),
		keySMC:     strconv.FormatBool(spec.Lookup.SMC),
		keyTxFlush: strconv.FormatInt(spec.TxFlushInterval.Microseconds(), 10),
	}
	s.Set(keyAssign, string(spec.Assign))
	if !pmds.IsEmpty() { // an empty mask would mean one PMD per node on any core
		s[keyMask] = pmds.Mask()
	}
	if spec.Rebalance.Mode == Auto {
		s[keyAutoLB] = "false" // two masters would undo each other's work
	}
	name, known := sleepKey().NameIn(release)
	if known {
		s[name] = strconv.FormatInt(spec.SleepMax.Microseconds(), 10)
		return s, nil
	}
	if spec.SleepMax == 0 {
		return s, nil
	}
	return s, []finding.Finding{{
		Severity: finding.Warning, Code: "pmd-sleep-unknown", Path: "cpu.sleepMax",
		What: fmt.Sprintf("OVS %s cannot let PMD threads sleep: that came with 3.1", release),
		Cost: "idle PMDs go on using their cores whole; the value is not written",
		Fix:  fmt.Sprintf("take sleepMax: %dus out of the profile, or run OVS 3.1 or newer", spec.SleepMax.Microseconds()),
	}}
}
