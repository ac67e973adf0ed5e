package boards

// threads shows where the cycles of the PMD threads go.
func threads() board {
	return board{
		uid: "sluice-pmd", title: "Sluice / PMD threads and queues",
		about: "Which thread is near its limit, which queues load it, and what a packet costs. Queues move between threads by rxAffinity of the profile, or by auto load balancing.",
		rows: []row{
			{"Load", load()},
			{"Cost of a packet", cost()},
			{"Iterations", iterations()},
		},
	}
}

// threadLoad is core:ovs_pmd_load:ratio of the recording rules: the percentages of
// pmd-rxq-show are cut off to OVS 3.4, and their sum over many queues is too small.
const threadLoad = busyShare + ` * (1 - sum by (instance, numa, core) (rate(ovs_pmd_sleep_seconds_total{HOST}[WINDOW]))) or ` + busyShare +
	` or sum by (instance, numa, core) (ovs_pmd_rxq_usage_ratio{HOST}) + on (instance, numa, core) max by (instance, numa, core) (ovs_pmd_overhead_ratio{HOST})`

// busyShare is of the cycles that a thread did not sleep.
const busyShare = `sum by (instance, numa, core) (rate(ovs_pmd_cycles_total{HOST,core!="main",state="busy"}[WINDOW])) / ` +
	`(sum by (instance, numa, core) (rate(ovs_pmd_cycles_total{HOST,core!="main"}[WINDOW])) > 0)`

func load() []panel {
	return []panel{
		{
			title: "Load by thread", kind: cells, unit: "percentunit", width: 24, high: 1, see: "ovspmdoverloaded",
			about: "Heat map: a line a thread, green idle, red full. Load is the share of its time that goes to packets: by its cycles, from OVS 4.0 on by what pmd-rxq-show says of queues and overhead. " +
				"One red line among green ones is bad placement; all red is too few threads.",
			queries: []query{{threadLoad, "{{instance}} numa {{numa}} core {{core}}"}},
		},
		{
			title: "Load by queue", kind: cells, unit: "percentunit", width: 24, high: 1, see: "ovspmdoverloaded",
			about: "Heat map: a line a queue, the 40 that cost most. To OVS 3.4 shares are cut off to whole percents. A queue that fills a thread by itself cannot be helped by moving: " +
				"give the port more queues, or spread its flows (RSS).",
			queries: []query{{`topk(40, ovs_pmd_rxq_usage_ratio{HOST})`, "{{interface}} queue {{queue}} on core {{core}} ({{instance}})"}},
		},
		{
			title: "Busy share of the cycles", kind: lines, unit: "percentunit", width: 12, high: 1, warn: 0.8, bad: 0.95,
			about:   "Share of a thread's cycles spent in iterations that found packets, up to OVS 3.7; from 4.0 on OVS does not tell it exactly, and the panel stays empty.",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_cycles_total{HOST,state="busy"}[WINDOW])) / (sum by (instance, core) (rate(ovs_pmd_cycles_total{HOST}[WINDOW])) > 0)`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Queues that guests have disabled", kind: list, unit: "short", width: 12,
			about:   "Queues that no PMD polls because the guest has them disabled: `ethtool -L` in the guest enables them. More queues in the profile than the guest uses cost nothing.",
			queries: []query{{`ovs_pmd_rxq_enabled{HOST} < 1`, "{{interface}} queue {{queue}}"}},
		},
	}
}

func cost() []panel {
	return []panel{
		{
			title: "Cycles per packet", kind: lines, unit: "short", width: 12,
			about: "Busy cycles a received packet costs, all passes and sending included: a few hundred with EMC hits, thousands with tunnels, conntrack or upcalls. " +
				"Where it grows at equal traffic, look at the board of lookups.",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_cycles_total{HOST,state="busy"}[WINDOW])) / (sum by (instance, core) (rate(ovs_pmd_rx_packets_total{HOST}[WINDOW])) > 0)`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Passes per packet", kind: lines, unit: "short", width: 12,
			about: "Times a packet goes through the datapath: 1, and one more for each recirculation (tunnels, conntrack, bonds). " +
				"Each pass is a lookup and takes an entry of the EMC.",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) / (sum by (instance, core) (rate(ovs_pmd_rx_packets_total{HOST}[WINDOW])) > 0)`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Packets per tx batch", kind: lines, unit: "short", width: 12, high: 32,
			about:   "How many packets a thread hands to a port at once, 32 at most. Small batches are dear, on vhost ports most; tx-flush-interval trades latency for larger ones.",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_tx_packets_total{HOST}[WINDOW])) / (sum by (instance, core) (rate(ovs_pmd_tx_batches_total{HOST}[WINDOW])) > 0)`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Packets by thread", kind: stacked, unit: "pps", width: 12,
			about:   "Packets each thread took from its queues. Unequal lines under equal load tell of queues that are cheap or dear, not of wrong placement.",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_rx_packets_total{HOST}[WINDOW]))`, "{{instance}} core {{core}}"}},
		},
	}
}

func iterations() []panel {
	return []panel{
		{
			title: "Iterations", kind: lines, unit: "ops", width: 12,
			about:   "Rounds of the polling loop, busy and idle. Few rounds with much work each mean long waits for queues that come last in the round.",
			queries: []query{{`sum by (instance, core, state) (rate(ovs_pmd_iterations_total{HOST}[WINDOW]))`, "{{instance}} core {{core}} {{state}}"}},
		},
		{
			title: "Involuntary context switches", kind: lines, unit: "ops", width: 12, see: "ovspmdpreempted",
			about:   "Times a second that the kernel put another thread in a PMD's place: its core is not its own. Each costs the packets of its queues; isolate the cores (isolcpus, nohz_full).",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_context_switches_total{HOST,kind="involuntary"}[WINDOW]))`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Counters that started again", kind: lines, unit: "short", width: 12,
			about:   "Times a thread's counters ran backwards: PMDs made anew, pmd-stats-clear by somebody, or ovs-vswitchd started anew.",
			queries: []query{{`sum by (instance, core) (increase(ovs_pmd_statistics_resets_total{HOST}[WINDOW]))`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Isolated PMDs", kind: list, unit: "short", width: 12,
			about:   "Threads that poll only queues pinned to them. If all are isolated, a queue without a pin is polled by nobody.",
			queries: []query{{`ovs_pmd_isolated{HOST} == 1`, "{{instance}} core {{core}}"}},
		},
		{
			title: "Asleep", kind: lines, unit: "percentunit", width: 12, high: 1,
			about:   "Share of the time that threads slept (pmd-sleep-max, OVS 3.1 and later). 0 where it is off. Sleep under load costs latency: lower the maximum.",
			queries: []query{{`sum by (instance, core) (rate(ovs_pmd_sleep_seconds_total{HOST}[WINDOW]))`, "{{instance}} core {{core}}"}},
		},
	}
}
