package monitor

// internalRows are the metrics of ovs-vswitchd's inside. Its counters start
// again at 0 with the process; the lookups, which are added up here, with sluiced.
func internalRows() map[key]Metric {
	const show, upcall = "dpctl/show", "upcall/show"
	datapath := []string{"datapath"}
	return map[key]Metric{
		drops: {
			Name: "ovs_drops_total", Type: Counter, Unit: Packets, Set: Errors,
			Labels: []string{"scope", "cause", "bridge", "interface", "direction"},
			Help: "Packets dropped, by cause; each packet at most once, so they may be added up. scope=\"port\" has a bridge, an interface and a direction; " +
				"scope=\"process\" is counted for the whole of ovs-vswitchd and has none. What each cause means and what to do: docs/drops.md.",
			Source: "coverage/show, Interface.statistics",
		},
		coverageEvent: {
			Name: "ovs_coverage_events_total", Type: Counter, Unit: Events, Set: Counters, Source: "coverage/show", Labels: []string{"event"},
			Help: "OVS's own event counters, by its names. 0 is told only of counters that the running release has; threads add their share about once a second.",
		},
		datapathFlows: {
			Name: "ovs_datapath_flows", Type: Gauge, Unit: Flows, Set: Base, Source: show, Labels: datapath,
			Help: "Megaflows of the datapath; one that several PMDs have counts several times.",
		},
		datapathPorts: {
			Name: "ovs_datapath_ports", Type: Gauge, Unit: Ports, Set: Base, Source: show, Labels: datapath,
			Help: "Ports of the datapath; tunnels of one kind share one.",
		},
		datapathLookups: {
			Name: "ovs_datapath_lookups_total", Type: Counter, Unit: Passes, Set: Perf, Source: "sluiced, from dpif-netdev/pmd-perf-show and pmd-stats-show", Labels: []string{"datapath", "result"},
			Help: "Passes through the userspace datapath, since sluiced started, by the result of their lookup: hit, missed (upcall), lost (the upcall failed). Each once. " +
				"What threads grew by, added up: it goes on when PMDs are re-created, but for what they did since the last look. " +
				"Lost is no count of drops: an upcall that fails only to install a flow still forwards its packet.",
		},
		memoryObjects: {
			Name: "ovs_memory_objects", Type: Gauge, Unit: Objects, Set: Base, Source: "memory/show", Labels: []string{"kind"},
			Help: "Objects that ovs-vswitchd holds, by its words for them (rules, ports, handlers, udpif keys, idl-cells-Open_vSwitch). A kind of which it has none is absent.",
		},
		upcallFlows: {
			Name: "ovs_upcall_flows", Type: Gauge, Unit: Flows, Set: Base, Source: upcall, Labels: datapath,
			Help: "Megaflows that the revalidators keep.",
		},
		upcallFlowsAverage: {
			Name: "ovs_upcall_flows_average", Type: Gauge, Unit: Flows, Set: Perf, Source: upcall, Labels: datapath,
			Help: "Moving average of megaflows, as the revalidators reckon it.",
		},
		upcallFlowsMax: {
			Name: "ovs_upcall_flows_max", Type: Gauge, Unit: Flows, Set: Perf, Source: upcall, Labels: datapath,
			Help: "Most megaflows the revalidators ever saw, since the datapath was opened.",
		},
		upcallFlowLimit: {
			Name: "ovs_upcall_flow_limit", Type: Gauge, Unit: Flows, Set: Base, Source: upcall, Labels: datapath,
			Help: "Megaflows above which none are added. It sinks below other_config:flow-limit while a dump takes too long.",
		},
		upcallOffloaded: {
			Name: "ovs_upcall_offloaded_flows", Type: Gauge, Unit: Flows, Set: Base, Source: upcall, Labels: datapath,
			Help: "Megaflows in hardware. Absent where none are offloaded.",
		},
		upcallDump: {
			Name: "ovs_upcall_dump_duration_seconds", Type: Gauge, Unit: Seconds, Set: Perf, Source: upcall, Labels: datapath,
			Help: "Time of the revalidators' newest dump of the megaflows, in steps of 0.001 s.",
		},
		revalidatorKeys: {
			Name: "ovs_upcall_revalidator_keys", Type: Gauge, Unit: Flows, Set: Perf, Source: upcall, Labels: []string{"datapath", "revalidator"},
			Help: "Megaflows that one revalidator thread keeps.",
		},
	}
}
