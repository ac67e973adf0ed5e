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
					title: "Simple match and hardware offload", kind: lines, unit: "percentunit", width: 12, high: 1,
					about:   "Share of passes that needed no cache: simple match (ports whose flows match on port, type and VLAN alone) and partial offload (phwol).",
					queries: []query{{`sum by (instance, core, tier) (rate(ovs_pmd_lookups_total{HOST,tier=~"simple_match|phwol"}[WINDOW])) / on (instance, core) group_left () (sum by (instance, core) (rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) > 0)`, "{{instance}} core {{core}} {{tier}}"}},
				},
			}},
			{"Slow path", []panel{
				{
					title: "Upcalls by thread", kind: lines, unit: "ops", width: 12, see: "ovslostupcalls",
					about:   "Packets a second that had to ask the slow path. A steady stream means flows that come and go faster than megaflows live, or an action that needs the slow path (sampling, controllers).",
					queries: []query{{`sum by (instance, core) (rate(ovs_pmd_lookups_total{HOST,tier="upcall"}[WINDOW]))`, "{{instance}} core {{core}}"}},
				},
				{
					title: "Lost upcalls by thread", kind: lines, unit: "ops", width: 12, see: "ovslostupcalls",
					about:   "Upcalls that failed: those packets were dropped. Any is a finding: the datapath's flow limit, or no memory for a flow.",
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
