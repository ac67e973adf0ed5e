package pmd

import (
	"io"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// ParseStatsShow reads the reply of dpif-netdev/pmd-stats-show of OVS 2.17 to
// 3.7. It has what pmd-perf-show of these releases lacks: exact idle and busy
// cycles, and the main thread. A line it does not know is an error that matches
// ErrFormat.
//
// Printed by pmd_info_show_stats of lib/dpif-netdev.c, the same from 2.17 to
// 3.7: the cycle lines only where cycles were counted, the last two only where
// packets came too. From 4.0 on the command is an alias of pmd-perf-show, which
// this function refuses.
func ParseStatsShow(r io.Reader) ([]Perf, error) {
	var threads []Perf
	err := appctl.EachLine(r, "dpif-netdev/pmd-stats-show", func(line string) bool {
		if line == "" {
			return true
		}
		if h, ok := parseHeading(line); ok {
			threads = append(threads, Perf{Thread: h.thread, Node: h.node, Core: h.core})
			return true
		}
		return len(threads) > 0 && threads[len(threads)-1].parseStat(line)
	})
	if err != nil {
		return nil, err
	}
	return threads, nil
}

// parseStat reads "  idle cycles: 770567216 (7.59%)".
func (p *Perf) parseStat(line string) bool {
	line, ok := strings.CutPrefix(line, "  ")
	label, text, found := strings.Cut(line, ": ")
	if !ok || !found {
		return false
	}
	text, remark, _ := strings.Cut(text, " (")
	if slot, known := p.average(label); known {
		return setFloat(slot, text)
	}
	if label == "packet recirculations" {
		var recirculated *uint64
		if !setUint(&recirculated, text) {
			return false
		}
		if recirculated != nil && p.RxPackets != nil {
			passes := *p.RxPackets + *recirculated
			p.Passes = &passes
		}
		return true
	}
	slot := p.stat(label)
	if slot == nil || *slot != nil || !setUint(slot, text) {
		return false
	}
	switch label {
	case "idle cycles":
		return setPercent(&p.IdlePercent, remark)
	case "processing cycles":
		if p.IdleCycles != nil && p.BusyCycles != nil {
			used := *p.IdleCycles + *p.BusyCycles
			p.UsedCycles = &used
		}
		return setPercent(&p.BusyPercent, remark)
	}
	return true
}

// stat returns the field of a counter's label; nil = unknown label.
func (p *Perf) stat(label string) **uint64 {
	switch label {
	case "packets received":
		return &p.RxPackets
	case "phwol hits":
		return &p.PHWOLHits
	case "mfex opt hits":
		return &p.MFEXHits
	case "simple match hits":
		return &p.SimpleMatchHits
	case "emc hits":
		return &p.EMCHits
	case "smc hits":
		return &p.SMCHits
	case "megaflow hits":
		return &p.MegaflowHits
	case "miss with success upcall":
		return &p.Upcalls
	case "miss with failed upcall":
		return &p.LostUpcalls
	case "idle cycles":
		return &p.IdleCycles
	case "processing cycles":
		return &p.BusyCycles
	}
	return nil
}

// average returns the field of an average, nil for those that follow from the
// counters, and whether the label is an average at all.
func (p *Perf) average(label string) (slot **float64, known bool) {
	switch label {
	case "avg. subtable lookups per megaflow hit":
		return &p.SubtableLookupsPerHit, true
	case "avg. packets per output batch":
		return &p.PacketsPerBatch, true
	case "avg processing cycles per packet":
		return &p.CyclesPerPacket, true
	case "avg. datapath passes per packet", "avg cycles per packet":
		return nil, true
	}
	return nil, false
}

func setPercent(slot **float64, remark string) bool {
	text, ok := strings.CutSuffix(remark, "%)")
	return ok && setFloat(slot, text)
}
