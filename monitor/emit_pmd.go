package monitor

import "strconv"

func (e emitter) pmd(s PMDSample) {
	numa, core := s.labels()
	if l := s.Lookups; l != nil {
		e.emit(pmdLookups, float64(l.PHWOL), numa, core, "phwol")
		e.emit(pmdLookups, float64(l.SimpleMatch), numa, core, "simple_match")
		e.emit(pmdLookups, float64(l.EMC), numa, core, "emc")
		e.emit(pmdLookups, float64(l.SMC), numa, core, "smc")
		e.emit(pmdLookups, float64(l.Megaflow), numa, core, "megaflow")
		e.emit(pmdLookups, float64(l.Upcall), numa, core, "upcall")
		e.emit(pmdLookups, float64(l.Lost), numa, core, "lost")
	}
	known(e, pmdPasses, s.Passes, numa, core)
	known(e, pmdRxPackets, s.RxPackets, numa, core)
	known(e, pmdTxPackets, s.TxPackets, numa, core)
	known(e, pmdTxBatches, s.TxBatches, numa, core)

	known(e, pmdCycles, s.BusyCycles, numa, core, "busy")
	known(e, pmdCycles, s.IdleCycles, numa, core, "idle")
	known(e, pmdUsedCycles, s.UsedCycles, numa, core)
	known(e, pmdBusy, s.busy(), numa, core)

	known(e, pmdIterations, s.BusyIterations, numa, core, "busy")
	known(e, pmdIterations, s.IdleIterations, numa, core, "idle")
	known(e, pmdSleepIterations, s.SleepIterations, numa, core)
	if s.Sleep != nil {
		e.emit(pmdSleep, s.Sleep.Seconds(), numa, core)
	}

	known(e, pmdSubtables, s.SubtableLookups, numa, core)
	if c := s.ContextSwitches; c != nil {
		e.emit(pmdContextSwitches, float64(c.Voluntary), numa, core, "voluntary")
		e.emit(pmdContextSwitches, float64(c.Involuntary), numa, core, "involuntary")
	}
	truth(e, pmdIsolated, s.Isolated, numa, core)
	known(e, pmdOverhead, s.Overhead, numa, core)
	for _, q := range s.Queues {
		queue := strconv.Itoa(q.Queue)
		known(e, rxqUsage, q.Usage, numa, core, q.Interface, queue)
		e.emit(rxqEnabled, number(q.Enabled), numa, core, q.Interface, queue)
	}
}

// labels are the thread's node and core.
func (s PMDSample) labels() (numa, core string) {
	if s.Main {
		return "", "main"
	}
	return strconv.Itoa(s.NUMA), strconv.Itoa(s.Core)
}

// busy prefers the exact cycles to the percentage, which OVS prints with one
// digit after the point.
func (s PMDSample) busy() *float64 {
	if s.BusyCycles == nil || s.IdleCycles == nil {
		return s.BusyRatio
	}
	busy := float64(*s.BusyCycles)
	ratio := busy / (busy + float64(*s.IdleCycles)) // not a number before the first cycle: absent
	return &ratio
}
