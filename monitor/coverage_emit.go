package monitor

import "strconv"

// internals sends what ovs-vswitchd told of its inside.
func (e emitter) internals(s InternalsSample, events []string) {
	e.coverage(s.Coverage, events)
	for _, d := range s.Datapaths {
		e.emit(datapathPorts, float64(d.Ports), d.Name)
		known(e, datapathFlows, d.Flows, d.Name)
	}
	for kind, count := range s.Memory {
		e.emit(memoryObjects, float64(count), kind)
	}
	for _, u := range s.Upcalls {
		e.upcalls(u)
	}
}

// coverage sends every counter the switch told, and 0 for those that its
// release has and that it did not tell.
func (e emitter) coverage(told map[string]uint64, known []string) {
	if told == nil {
		return
	}
	for event, count := range told {
		e.emit(coverageEvent, float64(count), event)
	}
	for _, event := range known {
		if _, ok := told[event]; !ok {
			e.emit(coverageEvent, 0, event)
		}
	}
}

func (e emitter) upcalls(u UpcallSample) {
	e.emit(upcallFlows, float64(u.Flows), u.Datapath)
	e.emit(upcallFlowsAverage, float64(u.Average), u.Datapath)
	e.emit(upcallFlowsMax, float64(u.Max), u.Datapath)
	e.emit(upcallFlowLimit, float64(u.Limit), u.Datapath)
	known(e, upcallOffloaded, u.Offloaded, u.Datapath)
	e.emit(upcallDump, u.DumpDuration.Seconds(), u.Datapath)
	for _, r := range u.Revalidators {
		e.emit(revalidatorKeys, float64(r.Keys), u.Datapath, strconv.FormatUint(uint64(r.ID), 10))
	}
}
