package pmd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
)

// describedHost builds a Topology from lines like these:
//
//	node 0: cores 0-27 siblings +56
//	node 1: cores 28-55 siblings +56, no memory
//	isolated 2-27; nohz_full 2-27; rcu_nocbs 2-27; offline 3; allowed 4-7; quota 1.5
func describedHost(t *testing.T, text string) host.Topology {
	t.Helper()
	var topo host.Topology
	var offline cpuset.Set
	for line := range strings.SplitSeq(strings.ReplaceAll(text, ";", "\n"), "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var err error
		switch word {
		case "":
		case "node":
			err = addNode(&topo, rest)
		case "isolated":
			topo.Isolated, err = cpuset.Parse(rest)
		case "nohz_full":
			topo.NoHzFull, err = cpuset.Parse(rest)
		case "rcu_nocbs":
			topo.RCUNoCBs, err = cpuset.Parse(rest)
		case "allowed":
			topo.Allowed, err = cpuset.Parse(rest)
		case "offline":
			offline, err = cpuset.Parse(rest)
		case "quota":
			_, err = fmt.Sscanf(rest, "%g", &topo.CPUQuota)
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			t.Fatalf("described host: %s: %v", line, err)
		}
	}
	slices.SortFunc(topo.CPUs, func(a, b host.CPU) int { return a.ID - b.ID })
	for i := range topo.CPUs {
		topo.CPUs[i].Online = !offline.Contains(topo.CPUs[i].ID)
	}
	if topo.Allowed.IsEmpty() {
		topo.Allowed = topo.Online()
	}
	return topo
}

func addNode(topo *host.Topology, text string) error {
	id, what, _ := strings.Cut(text, ": ")
	n := host.Node{MemoryMiB: 65536}
	if _, err := fmt.Sscanf(id, "%d", &n.ID); err != nil {
		return err
	}
	what, noMemory := strings.CutSuffix(what, ", no memory")
	if noMemory {
		n.MemoryMiB = 0
	}
	var list string
	var stride int
	if scanned, _ := fmt.Sscanf(what, "cores %s siblings +%d", &list, &stride); scanned == 0 {
		return fmt.Errorf("want cores")
	}
	cores, err := cpuset.Parse(list)
	if err != nil {
		return err
	}
	for first := range cores.All() {
		siblings := cpuset.Of(first)
		if stride > 0 {
			siblings = cpuset.Of(first, first+stride)
		}
		for cpu := range siblings.All() {
			topo.CPUs = append(topo.CPUs, host.CPU{ID: cpu, Node: n.ID, Package: n.ID, Core: first, Siblings: siblings})
		}
		n.CPUs = n.CPUs.Union(siblings)
	}
	topo.Nodes = append(topo.Nodes, n)
	return nil
}
