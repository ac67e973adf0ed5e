package host

import "github.com/sluice-nfv/sluice/internal/cpuset"

// PhysicalCores returns the physical cores of a NUMA node, each as the set of
// its online siblings, ascending by their lowest CPU. A CPU whose siblings are
// unknown counts as a core of its own. An unknown node has none.
func (t Topology) PhysicalCores(node int) []cpuset.Set {
	var cores []cpuset.Set
	var seen cpuset.Set
	online := t.Online()
	for _, c := range t.CPUs {
		if !c.Online || c.Node != node || seen.Contains(c.ID) {
			continue
		}
		core := c.Siblings.Intersect(online).Union(cpuset.Of(c.ID)).Minus(seen)
		seen = seen.Union(core)
		cores = append(cores, core)
	}
	return cores
}

// NodeOf returns the NUMA node of a CPU; -1 = unknown, or no such CPU.
func (t Topology) NodeOf(cpu int) int {
	if c, ok := t.CPU(cpu); ok {
		return c.Node
	}
	return -1
}

// HugepagesFree returns how many pages of this size are free on a node; false
// where the node or its pool of this size is not known, which is not zero pages.
func (t Topology) HugepagesFree(node int, sizeKiB uint64) (uint64, bool) {
	n, _ := t.Node(node)
	for _, h := range n.Hugepages {
		if h.SizeKiB == sizeKiB {
			return h.Free, true
		}
	}
	return 0, false
}
