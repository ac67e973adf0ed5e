package boards

// lookups shows in which tier of the datapath packets find their flow.
func lookups() board {
	return board{
		uid: "sluice-lookups", title: "Sluice / Lookups and EMC",
		about: "Where packets find their flow: simple match, the exact-match cache (EMC), the signature-match cache (SMC), megaflows, or by an upcall. The rates are of deltas, not of a lifetime.",
		rows: []row{
			{"Hit rates", []panel{
				{
					title: "Hit rate by tier", kind: stacked, unit: "percentunit", width: 16, high: 1, see: "ovsemcthrash",
					about: "Share of passes that ended in each tier; they add up to 1. EMC near 1 is as it should be with few flows. " +
						"Megaflow instead of EMC: more flows than the cache holds; then cpu.lookup of the profile helps: smc, or a rarer insertion.",
					queries: []query{{`sum by (tier) (rate(ovs_pmd_lookups_total{HOST}[WINDOW])) / scalar(sum(rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) > 0)`, "{{tier}}"}},
				},
				{
					title: "EMC hit rate now", kind: number, unit: "percentunit", width: 8, bad: 0.3, warn: 0.7, see: "ovsemcthrash",
					about:   "Share of all passes that the exact-match cache answered, over all threads chosen.",
					queries: []query{{`sum(rate(ovs_pmd_lookups_total{HOST,tier="emc"}[WINDOW])) / (sum(rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) > 0)`, "EMC"}},
				},
				{
					title: "EMC hit rate by thread", kind: lines, unit: "percentunit", width: 12, high: 1, see: "ovsemcthrash",
					about:   "Each thread has a cache of its own, of 8192 entries. One low line: too many flows meet on that thread.",
					queries: []query{{tierShare("emc"), "{{instance}} core {{core}}"}},
				},
				{
					title: "SMC hit rate by thread", kind: lines, unit: "percentunit", width: 12, high: 1,
					about:   "Share of passes that the signature-match cache answered; 0 while it is off (cpu.lookup.smc of the profile).",
					queries: []query{{tierShare("smc"), "{{instance}} core {{core}}"}},
				},
				{
					title: "Megaflow hit rate by thread", kind: lines, unit: "percentunit", width: 12, high: 1, see: "ovsemcthrash",
					about:   "Share of passes that had to look through the subtables of the classifier, the dearest hit there is.",
					queries: []query{{tierShare("megaflow"), "{{instance}} core {{core}}"}},
				},
				{
					title: "Subtables per megaflow hit", kind: lines, unit: "short", width: 12,
					about:   "Subtables of the classifier searched for a megaflow hit, on average since the counters started: OVS tells no count of which a rate could be made. Many: flows of many shapes; fewer distinct masks make lookups cheaper.",
					queries: []query{{`max by (instance, core) (ovs_pmd_subtable_lookups_per_megaflow_hit{HOST})`, "{{instance}} core {{core}}"}},
				},
				{
					title: "Simple match and hardware offload", kind: lines, unit: "percentunit", width: 12, high: 1,
					about:   "Share of passes that needed no cache: simple match (ports whose flows match on port, type and VLAN alone) and partial offload (phwol).",
					queries: []query{{`sum by (instance, core, tier) (rate(ovs_pmd_lookups_total{HOST,tier=~"simple_match|phwol"}[WINDOW])) / on (instance, core) group_left () (sum by (instance, core) (rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) > 0)`, "{{instance}} core {{core}} {{tier}}"}},
				},
			}},
			{"Megaflows", []panel{
				{
					title: "Megaflows and their limit", kind: lines, unit: "short", width: 12, see: "ovslostupcalls",
					about: "Megaflows the revalidators keep, beside the limit above which none are added. The limit sinks below flow-limit while dumps take too long.",
					queries: []query{
						{`max by (instance, datapath) (ovs_upcall_flows{HOST})`, "{{instance}} flows"},
						{`max by (instance, datapath) (ovs_upcall_flow_limit{HOST})`, "{{instance}} limit"},
						{`max by (instance, datapath) (ovs_upcall_flows_max{HOST})`, "{{instance}} most since the start"},
					},
				},
				{
					title: "Time of a dump of the megaflows", kind: lines, unit: "s", width: 12, warn: 0.5, bad: 1,
					about:   "How long revalidators take for a round. Above a second the limit of flows is cut: give the threads that are no PMD more CPU, or make fewer megaflows.",
					queries: []query{{`max by (instance, datapath) (ovs_upcall_dump_duration_seconds{HOST})`, "{{instance}}"}},
				},
				{
					title: "Megaflows in hardware", kind: lines, unit: "short", width: 12,
					about:   "Megaflows a NIC handles by itself; empty where hw-offload is off.",
					queries: []query{{`max by (instance, datapath) (ovs_upcall_offloaded_flows{HOST})`, "{{instance}}"}},
				},
				{
					title: "Lookups of the datapath", kind: lines, unit: "ops", width: 12,
					about:   "Passes of the whole datapath by the result of their lookup: hit, missed (an upcall) or lost (the upcall failed). What threads grew by: it goes on when they are re-created.",
					queries: []query{{`sum by (instance, result) (rate(ovs_datapath_lookups_total{HOST}[WINDOW]))`, "{{instance}} {{result}}"}},
				},
			}},
			{"Slow path", []panel{
				{
					title: "Events of OVS", kind: lines, unit: "ops", width: 24,
					about:   "The 20 busiest of OVS's own event counters (coverage/show), by its names: what the switch is at, in its makers' words.",
					queries: []query{{`topk(20, sum by (instance, event) (rate(ovs_coverage_events_total{HOST}[WINDOW])) > 0)`, "{{instance}} {{event}}"}},
				},
				{
					title: "Upcalls by thread", kind: lines, unit: "ops", width: 12, see: "ovslostupcalls",
					about:   "Packets a second that had to ask the slow path. A steady stream means flows that come and go faster than megaflows live, or an action that needs the slow path (sampling, controllers).",
					queries: []query{{`sum by (instance, core) (rate(ovs_pmd_lookups_total{HOST,tier="upcall"}[WINDOW]))`, "{{instance}} core {{core}}"}},
				},
				{
					title: "Lost upcalls by thread", kind: lines, unit: "ops", width: 12, see: "ovslostupcalls",
					about:   "Upcalls that failed. Drops by upcall_error and lock_error say how many of those packets were dropped: most often they came through a tunnel that nobody has. Where only the flow could not be installed, as at the flow limit, they passed.",
					queries: []query{{`sum by (instance, core) (rate(ovs_pmd_lookups_total{HOST,tier="lost"}[WINDOW]))`, "{{instance}} core {{core}}"}},
				},
			}},
		},
	}
}

// tierShare is the share of a thread's passes that one tier answered.
func tierShare(tier string) string {
	return `sum by (instance, core) (rate(ovs_pmd_lookups_total{HOST,tier="` + tier + `"}[WINDOW])) / ` +
		`(sum by (instance, core) (rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) > 0)`
}
