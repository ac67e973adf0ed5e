package monitor

// pmdRows are the metrics of dpif-netdev's threads. Every counter starts again
// at 0 with ovs-vswitchd, with a re-created PMD and with pmd-stats-clear.
func pmdRows() map[key]Metric {
	const (
		perf  = "dpif-netdev/pmd-perf-show"
		rxq   = "dpif-netdev/pmd-rxq-show"
		stats = "dpif-netdev/pmd-stats-show (2.17 to 3.7)"
	)
	thread := []string{"numa", "core"}
	queue := []string{"numa", "core", "interface", "queue"}
	return map[key]Metric{
		pmdLookups: {
			Name: "ovs_pmd_lookups_total", Type: Counter, Unit: Passes, Set: Perf, Source: perf + "; of the main thread " + stats,
			Labels: []string{"numa", "core", "tier"},
			Help: "Where a packet's pass found its flow: phwol, simple_match, emc, smc, megaflow, or an upcall; lost are upcalls that failed. " +
				"The tiers add up to ovs_pmd_datapath_passes_total, but for packets shorter than an Ethernet header (rx_invalid_packet), which are in no tier. core=\"main\" is the main thread, which polls what no PMD does.",
		},
		pmdPasses: {
			Name: "ovs_pmd_datapath_passes_total", Type: Counter, Unit: Passes, Set: Perf, Source: perf, Labels: thread,
			Help: "Passes through the datapath: packets received and packets recirculated.",
		},
		pmdRxPackets: {
			Name: "ovs_pmd_rx_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: perf, Labels: thread,
			Help: "Packets the thread took from its rx queues.",
		},
		pmdTxPackets: {
			Name: "ovs_pmd_tx_packets_total", Type: Counter, Unit: Packets, Set: Counters, Source: perf, Labels: thread,
			Help: "Packets the thread gave to ports, those that the port then dropped included.",
		},
		pmdTxBatches: {
			Name: "ovs_pmd_tx_batches_total", Type: Counter, Unit: Batches, Set: Perf, Source: perf, Labels: thread,
			Help: "Batches in which the thread gave packets to ports.",
		},
		pmdCycles: {
			Name: "ovs_pmd_cycles_total", Type: Counter, Unit: Cycles, Set: Perf, Source: stats,
			Labels: []string{"numa", "core", "state"},
			Help: "TSC cycles spent in iterations that found packets (busy) and in those that found none (idle), exact. Absent from OVS 4.0 on, " +
				"which tells only percentages of the total: a counter made of those would jump and run backwards. See ovs_pmd_busy_ratio and ovs_pmd_rxq_usage_ratio.",
		},
		pmdUsedCycles: {
			Name: "ovs_pmd_used_cycles_total", Type: Counter, Unit: Cycles, Set: Perf, Source: perf, Labels: thread,
			Help: "TSC cycles the thread used, busy and idle, without those it slept.",
		},
		pmdBusy: {
			Name: "ovs_pmd_busy_ratio", Type: Gauge, Unit: Ratio, Set: Perf, Source: perf + ", " + stats, Labels: thread,
			Help: "Share of used cycles that were busy, over the whole time since the counters started. Exact to OVS 3.7, in steps of 0.001 from 4.0 on. " +
				"For the load of now use the rate of ovs_pmd_cycles_total or ovs_pmd_rxq_usage_ratio.",
		},
		pmdIterations: {
			Name: "ovs_pmd_iterations_total", Type: Counter, Unit: Iterations, Set: Perf, Source: perf,
			Labels: []string{"numa", "core", "state"},
			Help:   "Rounds of the polling loop that found packets (busy) and that found none (idle).",
		},
		pmdSleepIterations: {
			Name: "ovs_pmd_sleep_iterations_total", Type: Counter, Unit: Iterations, Set: Perf, Source: perf, Labels: thread, Since: "3.1",
			Help: "Rounds of the polling loop after which the thread slept; each is counted as idle or busy too.",
		},
		pmdSleep: {
			Name: "ovs_pmd_sleep_seconds_total", Type: Counter, Unit: Seconds, Set: Perf, Source: perf, Labels: thread, Since: "3.1",
			Help: "Time the thread slept (pmd-sleep-max; pmd-maxsleep in OVS 3.1).",
		},
		pmdIsolated: {
			Name: "ovs_pmd_isolated", Type: Gauge, Set: Perf, Source: rxq, Labels: thread,
			Help: "1 when the thread polls only queues that are pinned to it.",
		},
		pmdOverhead: {
			Name: "ovs_pmd_overhead_ratio", Type: Gauge, Unit: Ratio, Set: Perf, Source: rxq, Labels: thread,
			Help: "Share of the thread's time, sleep included, spent on work that belongs to no queue, over the window of pmd-rxq-show (60 s), in steps of 0.01: cut off to OVS 3.4, rounded from 3.5 on.",
		},
		rxqUsage: {
			Name: "ovs_pmd_rxq_usage_ratio", Type: Gauge, Unit: Ratio, Set: Perf, Source: rxq, Labels: queue,
			Help: "Share of the thread's time, sleep included, that the queue's packets cost, over the window of pmd-rxq-show (60 s), in steps of 0.01: cut off to OVS 3.4, " +
				"so that sums over many queues are too small; rounded from 3.5 on. " +
				"Absent while OVS has not measured a whole interval since the thread was reloaded.",
		},
		pmdContextSwitches: {
			Name: "ovs_pmd_context_switches_total", Type: Counter, Unit: Switches, Set: Perf, Source: "/proc/<ovs-vswitchd>/task/*/status",
			Labels: []string{"numa", "core", "kind"},
			Help: "Times the thread left its CPU: voluntary (it slept or waited for a lock) or involuntary (the kernel put another thread in its place: " +
				"its core is not its own).",
		},
		pmdSubtables: {
			Name: "ovs_pmd_subtable_lookups_per_megaflow_hit", Type: Gauge, Unit: Subtables, Set: Perf, Source: perf, Labels: thread,
			Help: "Subtables searched for a megaflow hit, on average since the counters started, in steps of 0.01; absent before the first hit. " +
				"OVS tells no count of which a rate could be made.",
		},
		pmdResets: {
			Name: "ovs_pmd_statistics_resets_total", Type: Counter, Unit: Resets, Set: Perf, Source: "sluiced", Labels: thread,
			Help: "Times the thread's counters were seen to run backwards: pmd-stats-clear, PMDs made anew, or ovs-vswitchd.",
		},
		rxqEnabled: {
			Name: "ovs_pmd_rxq_enabled", Type: Gauge, Set: Perf, Source: rxq, Labels: queue,
			Help: "1 when the queue is polled, 0 when the guest has it disabled.",
		},
	}
}
