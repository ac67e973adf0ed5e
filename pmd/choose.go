package pmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

// How many physical cores `pmd: auto` takes of a node.
const (
	coresWithPort    = 2 // the node owns a dpdk port
	coresWithoutPort = 1 // for guests that may live there
)

// chooser turns the profile's core sections into CPU sets. Explicit sets are
// taken as they are; what is automatic gives way to what is explicit.
type chooser struct {
	topo    host.Topology
	spec    Spec
	cores   []core
	owners  map[int][]string // node -> its physical ports
	reasons []Reason
	found   []finding.Finding
}

func (c *chooser) explain(cpus cpuset.Set, role Role, why string) {
	c.reasons = append(c.reasons, Reason{CPUs: cpus, Role: role, Why: why})
}

// reserve chooses the cores of the operating system and of OVS's other threads.
func (c *chooser) reserve() cpuset.Set {
	want := c.spec.Reserved
	if !want.Set.IsEmpty() {
		c.explainSet(want.Set, RoleReserved, "named in cpu.reserved")
		return want.Set
	}
	perNode := want.PerNode
	if want.Auto {
		perNode = 1
	}
	if perNode == 0 {
		return cpuset.Set{}
	}
	taken := c.spec.PMD.Set.Union(c.spec.Guests)
	pmdNeedsCores := c.spec.PMD.Set.IsEmpty()
	var reserved cpuset.Set
	for _, node := range nodesOf(c.cores) {
		free := without(c.cores, node, taken)
		n := min(perNode, len(free))
		if pmdNeedsCores && n == len(free) {
			n--
		}
		for i := range max(n, 0) {
			c.explain(free[i].cpus, RoleReserved, fmt.Sprintf("for the system, first of node %d", node))
			reserved = reserved.Union(free[i].cpus)
		}
	}
	if reserved.IsEmpty() && pmdNeedsCores {
		reserved = c.reserveScarce(taken)
	}
	return reserved
}

// reserveScarce serves hosts where no node has a core to spare: one of several
// nodes, one thread of the only core, or nothing.
func (c *chooser) reserveScarce(taken cpuset.Set) cpuset.Set {
	var free []core
	for _, node := range nodesOf(c.cores) {
		free = append(free, rest(c.cores, node, taken)...)
	}
	switch {
	case len(free) > 1:
		c.explain(free[0].cpus, RoleReserved, fmt.Sprintf("for the system, the only core of node %d", free[0].node))
		return free[0].cpus
	case len(free) == 1 && free[0].cpus.Len() > 1:
		first := cpuset.Of(free[0].cpus.First())
		c.explain(first, RoleReserved, "for the system, one thread of the only physical core")
		return first
	}
	return cpuset.Set{}
}

// poll chooses the PMD cores.
func (c *chooser) poll(reserved cpuset.Set) cpuset.Set {
	want := c.spec.PMD
	if !want.Set.IsEmpty() {
		c.explainSet(want.Set, RolePMD, "named in cpu.pmd")
		return want.Set
	}
	if !want.Auto && want.PerNode == 0 {
		return cpuset.Set{}
	}
	avoid := reserved.Union(c.spec.Guests)
	var pmds cpuset.Set
	for _, node := range nodesOf(c.cores) {
		n, why := c.wanted(node)
		if n == 0 {
			continue
		}
		left := rest(c.cores, node, avoid)
		slices.SortFunc(left, byFitness)
		got := 0
		for _, core := range left {
			// A fragment of a core is better than no PMD, worse than one PMD less.
			if got == n || got > 0 && !core.whole {
				break
			}
			c.explain(core.cpus, RolePMD, why)
			pmds = pmds.Union(core.cpus)
			got++
		}
		if got > 0 && got < n {
			c.fewer(node, got, n)
		}
	}
	return pmds
}

// wanted returns how many physical cores of a node shall poll, and why.
func (c *chooser) wanted(node int) (int, string) {
	why := fmt.Sprintf("node %d, for guests there", node)
	if ports := c.owners[node]; len(ports) > 0 {
		why = fmt.Sprintf("node %d owns %s", node, strings.Join(ports, ", "))
	}
	switch {
	case c.spec.PMD.PerNode > 0:
		return c.spec.PMD.PerNode, why
	case len(c.owners[node]) > 0:
		return coresWithPort, why
	}
	if n, ok := c.topo.Node(node); ok && n.MemoryMiB == 0 {
		return 0, "" // no memory: no guest can live there
	}
	return coresWithoutPort, why
}

func (c *chooser) fewer(node, got, wanted int) {
	severity := finding.Info
	if c.spec.PMD.PerNode > 0 {
		severity = finding.Warning
	}
	c.found = append(c.found, finding.Finding{
		Severity: severity, Code: "pmd-fewer-cores", Path: "cpu.pmd",
		What: fmt.Sprintf("node %d has %d physical core(s) left to poll with, %d are wanted", node, got, wanted),
		Cost: "all queues of the node share fewer PMD threads",
		Fix:  fmt.Sprintf("none, if %d will do; else take cores of node %d from cpu.reserved or cpu.guests, or give the host more", got, node),
	})
}

// explainSet gives one reason per physical core of an explicit set.
func (c *chooser) explainSet(set cpuset.Set, role Role, why string) {
	for _, core := range c.cores {
		part := core.cpus.Intersect(set)
		if !part.IsEmpty() {
			c.explain(part, role, why)
			set = set.Minus(part)
		}
	}
	for cpu := range set.All() {
		c.explain(cpuset.Of(cpu), role, why)
	}
}
