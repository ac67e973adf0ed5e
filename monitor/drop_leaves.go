package monitor

import (
	"cmp"
	"slices"
	"strings"
)

// DropInput is what drops are told from.
type DropInput struct {
	// OVSVersion is the release, "3.1.0": it says which counters can be 0.
	OVSVersion string
	Interfaces []InterfaceSample
	// Coverage is of coverage/show; nil = not read.
	Coverage map[string]uint64
	// Unexplained is, by interface, how much of tx_dropped no other cause
	// explains: what a DropLedger found. Absent = not known.
	Unexplained map[string]uint64
}

// Drops returns the leaves that the input tells, each packet in one at most. A
// leaf that is not known is left out. Totals (rx_dropped, tx_dropped of DPDK's
// ports, lost upcalls) are no leaves, nor is what only some drivers count apart.
func Drops(in DropInput) []Drop {
	causes := portCauses()
	drops := processDrops(in, DropCauses()[len(causes):])
	// Cause by cause: see Collector.show.
	slices.SortFunc(causes, func(a, b DropCause) int {
		return cmp.Or(strings.Compare(a.Cause, b.Cause), strings.Compare(string(a.Direction), string(b.Direction)))
	})
	leaves := make([][]bool, len(in.Interfaces))
	known := map[netdev][]bool{}
	for i := range in.Interfaces {
		leaves[i] = leavesOf(&in.Interfaces[i], causes, known)
	}
	for c := range causes {
		for i := range in.Interfaces {
			if !leaves[i][c] {
				continue
			}
			if d, told := portDrop(&in.Interfaces[i], &causes[c], in.Unexplained); told {
				drops = append(drops, d)
			}
		}
	}
	return drops
}

// netdev is what says which counters of an interface are leaves.
type netdev struct{ kind, driver string }

// leavesOf tells of each cause whether it is a leaf of the interface.
func leavesOf(i *InterfaceSample, causes []DropCause, known map[netdev][]bool) []bool {
	of := netdev{i.Type, i.Driver}
	if leaves, ok := known[of]; ok {
		return leaves
	}
	leaves := make([]bool, len(causes))
	for c := range causes {
		leaves[c] = leafOf(i, &causes[c])
	}
	known[of] = leaves
	return leaves
}

func processDrops(in DropInput, causes []DropCause) []Drop {
	if in.Coverage == nil {
		return nil
	}
	zero := map[string]bool{}
	for _, event := range KnownEvents(in.OVSVersion) {
		zero[event] = true
	}
	var drops []Drop
	for _, c := range causes {
		if count, told := in.Coverage[c.Counter]; told || zero[c.Counter] {
			drops = append(drops, Drop{Scope: DropProcess, Cause: c.Cause, Packets: count})
		}
	}
	return drops
}

// portDrop is what a port tells of a cause that is a leaf of it, if it does.
func portDrop(i *InterfaceSample, c *DropCause, unexplained map[string]uint64) (Drop, bool) {
	d := Drop{Scope: DropPort, Cause: c.Cause, Bridge: i.Bridge, Interface: i.Interface, Direction: c.Direction}
	if c.Counter == unexplainedCounter {
		packets, told := unexplained[i.Interface]
		d.Packets = packets
		return d, told
	}
	count, told := i.Statistics[c.Counter]
	d.Packets = uint64(max(count, 0))
	return d, told && count >= 0
}
