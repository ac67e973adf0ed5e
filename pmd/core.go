package pmd

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
)

// core is one physical core: those CPUs of a sibling set that are online and
// that this host's services may run on.
type core struct {
	node     int
	cpus     cpuset.Set
	whole    bool // no online sibling is kept from us by the cpuset
	isolated bool // every CPU of it is isolated from the scheduler
}

// allowed returns the CPUs that may be used: online, and in the cpuset where
// the facts hold one.
func allowed(t host.Topology) cpuset.Set {
	if t.Allowed.IsEmpty() {
		return t.Online()
	}
	return t.Online().Intersect(t.Allowed)
}

// coresOf returns the physical cores, ascending by their first CPU.
func coresOf(t host.Topology) []core {
	online, usable := t.Online(), allowed(t)
	var all []core
	var seen cpuset.Set
	for _, c := range t.CPUs {
		if !usable.Contains(c.ID) || seen.Contains(c.ID) {
			continue
		}
		siblings := c.Siblings.Union(cpuset.Of(c.ID)).Intersect(online)
		cpus := siblings.Intersect(usable)
		seen = seen.Union(cpus)
		all = append(all, core{
			node:     max(c.Node, 0),
			cpus:     cpus,
			whole:    siblings.SubsetOf(usable),
			isolated: cpus.SubsetOf(t.Isolated),
		})
	}
	slices.SortFunc(all, func(a, b core) int { return cmp.Compare(a.cpus.First(), b.cpus.First()) })
	return all
}

// without returns the cores of one node that share no CPU with avoid.
func without(cores []core, node int, avoid cpuset.Set) []core {
	var free []core
	for _, c := range cores {
		if c.node == node && c.cpus.Intersect(avoid).IsEmpty() {
			free = append(free, c)
		}
	}
	return free
}

// rest returns what avoid leaves of a node's cores, fragments included.
func rest(cores []core, node int, avoid cpuset.Set) []core {
	var left []core
	for _, c := range cores {
		c.whole = c.whole && c.cpus.Intersect(avoid).IsEmpty()
		c.cpus = c.cpus.Minus(avoid)
		if c.node == node && !c.cpus.IsEmpty() {
			left = append(left, c)
		}
	}
	return left
}

// byFitness orders cores for polling: whole ones first, isolated ones first,
// then by number. It is a total order, so the same host gives the same plan.
func byFitness(a, b core) int {
	return cmp.Or(-compareBool(a.whole, b.whole), -compareBool(a.isolated, b.isolated),
		cmp.Compare(a.cpus.First(), b.cpus.First()))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// nodesOf returns the NUMA nodes that have usable cores, ascending.
func nodesOf(cores []core) []int {
	var nodes []int
	for _, c := range cores {
		nodes = append(nodes, c.node)
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// nodeOf returns a CPU's NUMA node; unknown counts as node 0, as in OVS.
func nodeOf(t host.Topology, cpu int) int {
	c, _ := t.CPU(cpu)
	return max(c.Node, 0)
}

// coreName names a physical core by its CPUs: "core 2 (sibling 30)".
func coreName(cpus cpuset.Set) string {
	first := cpus.First()
	others := cpus.Minus(cpuset.Of(first))
	switch others.Len() {
	case 0:
		return fmt.Sprintf("core %d", first)
	case 1:
		return fmt.Sprintf("core %d (sibling %s)", first, others)
	default:
		return fmt.Sprintf("core %d (siblings %s)", first, others)
	}
}
