package monitor

func networkRows() map[key]Metric {
	return map[key]Metric{
		networkStoreUp: {
			Name: "sluice_network_store_up", Type: Gauge, Set: Self,
			Help:   "1 when the store of the logical network is followed, 0 when it is not reached and what is laid stays as it is. All of sluice_network_* but the questions is absent on a host without an overlay.",
			Source: "sluiced",
		},
		networkFlows: {
			Name: "sluice_network_flows", Type: Gauge, Unit: Flows, Set: Self,
			Help:   "Flows of the logical network on the integration bridge.",
			Source: "sluiced",
		},
		networkBundles: {
			Name: "sluice_network_bundles_total", Type: Counter, Unit: Changes, Set: Self,
			Help:   "Times the integration bridge was changed, each by one bundle.",
			Source: "sluiced",
		},
		networkMended: {
			Name: "sluice_network_mended_total", Type: Counter, Unit: Changes, Set: Self,
			Help:   "Times the integration bridge was put right because somebody else had changed it.",
			Source: "sluiced",
		},
		networkSetAside: {
			Name: "sluice_network_set_aside", Type: Gauge, Unit: Rows, Set: Self,
			Help:   "Rows of the network whose flows the switch refused: the rest is laid without them. The problems of host status name them.",
			Source: "sluiced",
		},
		networkUnusable: {
			Name: "sluice_network_unusable_rows", Type: Gauge, Unit: Rows, Set: Self,
			Help:   "Rows of the store that make no sense and are left out. The daemon's log names them.",
			Source: "sluiced",
		},
		networkGeneration: {
			Name: "sluice_network_generation", Type: Gauge, Set: Self,
			Help:   "Generation of the network that the store told of last; it goes up with each change. Absent while nothing was read.",
			Source: "sluiced",
		},
		networkLag: {
			Name: "sluice_network_generation_lag", Type: Gauge, Set: Self,
			Help:   "Generations by which the integration bridge is behind the newest. Absent until something was laid.",
			Source: "sluiced",
		},
	}
}
