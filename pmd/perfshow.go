package pmd

import (
	"io"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// Perf is what one thread counted since Duration ago. A nil field was not
// printed, or was printed as no number ("nan", "inf").
//
// Counters are those of the thread: they begin anew when it is re-created and
// when somebody calls dpif-netdev/pmd-stats-clear. The percentages are worked
// out by OVS; in a build without DPDK the clock of the cycles has no frequency,
// and whatever relates cycles to time is absurd.
type Perf struct {
	Thread     Thread
	Node, Core int // -1 = not printed, as the main thread's core
	// Duration is how long was measured; 0 from ParseStatsShow.
	Duration time.Duration

	// The loop over the queues; the main thread has none.
	Iterations      *uint64
	IdleIterations  *uint64        // without a packet
	BusyIterations  *uint64        // with packets
	SleepIterations *uint64        // ended by a sleep; since OVS 3.1
	SleepTime       *time.Duration // in all; since OVS 3.1
	UsedCycles      *uint64        // cycles of the time-stamp counter, without sleep
	UsedPercent     *float64       // of all cycles of Duration; drops when the PMD sleeps
	IdlePercent     *float64       // cycles of idle iterations, of UsedCycles
	BusyPercent     *float64       // cycles of busy iterations, of UsedCycles
	// IdleCycles and BusyCycles are the exact counts, from ParseStatsShow only.
	IdleCycles, BusyCycles *uint64

	// Packets received, and lookups by the tier that answered. OVS prints none
	// of the tiers while RxPackets is 0: they are given as 0 then, except
	// MFEXHits.
	RxPackets       *uint64
	CyclesPerPacket *float64 // busy cycles for each packet received
	Passes          *uint64  // through the datapath: packets received and recirculated
	PHWOLHits       *uint64  // partial hardware offload marked the flow
	MFEXHits        *uint64  // vectorized key extraction; no tier of its own; gone in OVS 4.0
	SimpleMatchHits *uint64
	EMCHits         *uint64
	SMCHits         *uint64
	MegaflowHits    *uint64
	// SubtableLookupsPerHit is how many masks were tried for a megaflow hit.
	SubtableLookupsPerHit *float64
	Upcalls               *uint64  // that found or made a flow
	MicrosPerUpcall       *float64 // µs
	LostUpcalls           *uint64  // that failed; where only the flow could not be installed (ENOSPC), the packet was forwarded

	TxPackets       *uint64
	TxBatches       *uint64 // nil while TxPackets is 0
	PacketsPerBatch *float64
}

// ParsePerfShow reads the reply of dpif-netdev/pmd-perf-show. Histograms and
// histories, printed with pmd-perf-metrics=true unless -nh is given, are passed
// over. Missing lines leave nil; a line it does not know is an error that
// matches ErrFormat.
//
// Printed by pmd_info_show_perf of lib/dpif-netdev.c and the functions
// pmd_perf_format_* of lib/dpif-netdev-perf.c. OVS 2.17 and 3.0 have no sleep
// lines; 3.1 added them; to 3.1 percentages of nothing are "nan" or "-nan"; 4.0
// prints the main thread too and no MFEX line.
func ParsePerfShow(r io.Reader) ([]Perf, error) {
	var p perfParser
	if err := appctl.EachLine(r, "dpif-netdev/pmd-perf-show", p.line); err != nil {
		return nil, err
	}
	for i := range p.threads {
		p.threads[i].fillIdle()
	}
	return p.threads, nil
}

type perfParser struct {
	threads  []Perf
	duration time.Duration // printed before the heading of its thread
	section  section
}

func (p *perfParser) line(line string) bool {
	if line == "" {
		return true
	}
	if text, ok := strings.CutPrefix(line, "Time: "); ok {
		p.section = counters
		_, err := time.Parse("15:04:05.000", text)
		return err == nil
	}
	if text, ok := strings.CutPrefix(line, "Measurement duration: "); ok {
		var err error
		text, ok = strings.CutSuffix(text, " s")
		p.duration, err = time.ParseDuration(text + "s")
		return ok && err == nil && p.duration >= 0
	}
	if h, ok := parseHeading(line); ok {
		p.section = counters
		p.threads = append(p.threads, Perf{Thread: h.thread, Node: h.node, Core: h.core, Duration: p.duration})
		p.duration = 0
		return true
	}
	if len(p.threads) == 0 {
		return false
	}
	if next, ok := sectionOf(line); ok {
		p.section = next
		return true
	}
	if p.section != counters {
		return isTableRow(line)
	}
	return p.threads[len(p.threads)-1].parseLine(line)
}

// parseLine reads "  - EMC hits:  123  (100.0 %)".
func (p *Perf) parseLine(line string) bool {
	line, ok := strings.CutPrefix(line, "  ")
	label, rest, found := strings.Cut(strings.TrimPrefix(line, "- "), ":")
	if !ok || !found {
		return false
	}
	count, ratios, _ := strings.Cut(strings.TrimLeft(rest, " "), "  (")
	if !p.setCount(label, count) {
		return false
	}
	if ratios == "" {
		return true
	}
	ratios, ok = strings.CutSuffix(ratios, ")")
	for ratio := range strings.SplitSeq(ratios, ", ") {
		number, unit, _ := strings.Cut(strings.TrimLeft(ratio, " "), " ")
		slot, known := p.ratio(label, unit)
		if !known || !setFloat(slot, number) {
			return false
		}
	}
	return ok
}

func (p *Perf) setCount(label, text string) bool {
	if label == "Sleep time (us)" {
		var micros *uint64
		if !setUint(&micros, text) {
			return false
		}
		if micros != nil && *micros <= uint64(maxDuration/time.Microsecond) {
			sleep := time.Duration(*micros) * time.Microsecond
			p.SleepTime = &sleep
		}
		return true
	}
	slot := p.count(label)
	return slot != nil && *slot == nil && setUint(slot, text)
}

// count returns the field of a label; nil = unknown label.
func (p *Perf) count(label string) **uint64 {
	switch label {
	case "Iterations":
		return &p.Iterations
	case "Used TSC cycles":
		return &p.UsedCycles
	case "idle iterations":
		return &p.IdleIterations
	case "busy iterations":
		return &p.BusyIterations
	case "sleep iterations":
		return &p.SleepIterations
	case "Rx packets":
		return &p.RxPackets
	case "Datapath passes":
		return &p.Passes
	case "PHWOL hits":
		return &p.PHWOLHits
	case "MFEX Opt hits":
		return &p.MFEXHits
	case "Simple Match hits":
		return &p.SimpleMatchHits
	case "EMC hits":
		return &p.EMCHits
	case "SMC hits":
		return &p.SMCHits
	case "Megaflow hits":
		return &p.MegaflowHits
	case "Upcalls":
		return &p.Upcalls
	case "Lost upcalls":
		return &p.LostUpcalls
	case "Tx packets":
		return &p.TxPackets
	case "Tx batches":
		return &p.TxBatches
	}
	return nil
}

// ratio returns the field of a number in parentheses, nil for those that
// follow from the counters, and whether the label has such a unit at all.
func (p *Perf) ratio(label, unit string) (slot **float64, known bool) {
	switch unit {
	case "% of total cycles":
		return &p.UsedPercent, label == "Used TSC cycles"
	case "% of used cycles":
		if label == "idle iterations" {
			return &p.IdlePercent, true
		}
		return &p.BusyPercent, label == "busy iterations"
	case "cycles/pkt":
		return &p.CyclesPerPacket, label == "Rx packets"
	case "subtbl lookups/hit":
		return &p.SubtableLookupsPerHit, label == "Megaflow hits"
	case "us/upcall":
		return &p.MicrosPerUpcall, label == "Upcalls"
	case "pkts/batch":
		return &p.PacketsPerBatch, label == "Tx batches"
	case "us/it", "% of iterations", "us/iteration avg.", "Kpps", "passes/pkt", "%":
		return nil, true
	}
	return nil, false
}

// fillIdle gives the tiers that OVS leaves out of a thread without packets.
func (p *Perf) fillIdle() {
	if p.RxPackets == nil || *p.RxPackets != 0 {
		return
	}
	for _, slot := range []**uint64{
		&p.Passes, &p.PHWOLHits, &p.SimpleMatchHits, &p.EMCHits, &p.SMCHits, &p.MegaflowHits, &p.Upcalls, &p.LostUpcalls,
	} {
		if *slot == nil {
			*slot = new(uint64)
		}
	}
}
