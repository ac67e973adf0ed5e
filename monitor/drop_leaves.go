package monitor

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
	var drops []Drop
	causes := portCauses()
	for _, i := range in.Interfaces {
		drops = appendPortDrops(drops, i, causes, in.Unexplained)
	}
	if in.Coverage == nil {
		return drops
	}
	zero := map[string]bool{}
	for _, event := range KnownEvents(in.OVSVersion) {
		zero[event] = true
	}
	for _, c := range DropCauses()[len(causes):] {
		if count, told := in.Coverage[c.Counter]; told || zero[c.Counter] {
			drops = append(drops, Drop{Scope: DropProcess, Cause: c.Cause, Packets: count})
		}
	}
	return drops
}

func appendPortDrops(drops []Drop, i InterfaceSample, causes []DropCause, unexplained map[string]uint64) []Drop {
	for _, c := range causes {
		if !leafOf(i, c) {
			continue
		}
		d := Drop{Scope: DropPort, Cause: c.Cause, Bridge: i.Bridge, Interface: i.Interface, Direction: c.Direction}
		if c.Counter == unexplainedCounter {
			packets, ok := unexplained[i.Interface]
			if d.Packets = packets; ok {
				drops = append(drops, d)
			}
			continue
		}
		if count, ok := i.Statistics[c.Counter]; ok && count >= 0 {
			d.Packets = uint64(count)
			drops = append(drops, d)
		}
	}
	return drops
}
