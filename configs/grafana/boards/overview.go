package boards

// overview answers whether hosts are well: the first board to open.
func overview() board {
	return board{
		uid: "sluice-overview", title: "Sluice / Host overview",
		about: "Is the host healthy, is it as its profile says, and do packets pass? The other boards tell why.",
		rows: []row{
			{"Health", health()},
			{"Traffic", traffic()},
			{"Losses and memory", losses()},
			{"The daemon", daemon()},
		},
	}
}

func health() []panel {
	return []panel{
		{
			title: "Daemon scraped", kind: number, unit: "short", width: 4, bad: 0.5, warn: 1, see: "sluicedown",
			about:   "Hosts whose daemon answers Prometheus, as a share of those chosen. Below 1 something is not watched: packets still pass.",
			queries: []query{{`avg(up{HOST})`, "answering"}},
		},
		{
			title: "DPDK initialized", kind: number, unit: "short", width: 4, bad: 0.5, warn: 1,
			about:   "1 where the EAL has started. 0: DPDK ports do not work; ovs-vswitchd's log says why, hugepages most often.",
			queries: []query{{`min(ovs_dpdk_initialized{HOST})`, "initialized"}},
		},
		{
			title: "Profile in force", kind: number, unit: "short", width: 4, bad: 0.5, warn: 1, see: "sluiceprofileinvalid",
			about:   "1 when the profile's file is the profile in force. 0: the file was refused and the former profile stays; `sluicectl host check` says where.",
			queries: []query{{`min(sluice_profile_valid{HOST})`, "valid"}},
		},
		{
			title: "Changes waiting", kind: number, unit: "short", width: 4, warn: 1,
			about:   "Changes of the profile that wait for `sluicectl host apply`, because they disturb traffic. `sluicectl host plan` shows them with what each costs.",
			queries: []query{{`sum(sluice_pending_changes{HOST})`, "waiting"}},
		},
		{
			title: "Since the newest pass", kind: number, unit: "s", width: 4, warn: 120, bad: 300, see: "sluicepassesstopped",
			about:   "Time since the daemon last compared the switch with the profile. It does so every 30 s at the latest.",
			queries: []query{{`max(time() - sluice_reconcile_last_pass_timestamp_seconds{HOST})`, "age"}},
		},
		{
			title: "Guests connected", kind: number, unit: "percentunit", width: 4, bad: 0.5, warn: 1, see: "ovsvhostdisconnected",
			about:   "vhost ports with a guest, as a share of all. The board of ports names those without.",
			queries: []query{{`avg(ovs_vhost_connected{HOST})`, "connected"}},
		},
	}
}

func traffic() []panel {
	return []panel{
		{
			title: "Packets received by the PMDs", kind: lines, unit: "pps", width: 12,
			about:   "Packets each host's threads took from rx queues. What falls to 0 while guests send is a queue that nobody polls: see the board of PMDs.",
			queries: []query{{`sum by (instance) (rate(ovs_pmd_rx_packets_total{HOST}[WINDOW]))`, "{{instance}}"}},
		},
		{
			title: "Busiest PMD", kind: lines, unit: "percentunit", width: 12, high: 1, warn: 0.8, bad: 0.95, see: "ovspmdoverloaded",
			about: "Load of each host's busiest thread. Above 0.95 packets wait, and then are lost, in the queues of that thread, though others idle: " +
				"`sluicectl host status` shows which queues it polls.",
			queries: []query{{`max by (instance) (` + threadLoad + `)`, "{{instance}}"}},
		},
		{
			title: "EMC hit rate", kind: lines, unit: "percentunit", width: 12, high: 1,
			about: "Share of the passes through the datapath that ended in the exact-match cache, the cheapest tier but simple match. " +
				"It falls as flows grow beyond 8192 a thread; see the board of lookups.",
			queries: []query{{`sum by (instance) (rate(ovs_pmd_lookups_total{HOST,tier="emc"}[WINDOW])) / (sum by (instance) (rate(ovs_pmd_datapath_passes_total{HOST}[WINDOW])) > 0)`, "{{instance}}"}},
		},
		{
			title: "Upcalls", kind: lines, unit: "ops", width: 12, see: "ovslostupcalls",
			about: "Packets whose flow no tier of the datapath knew, so that the slow path had to be asked (upcall), and those for which that failed (lost). " +
				"Each costs some 10,000 cycles more than a hit; most lost ones are packets dropped.",
			queries: []query{{`sum by (instance, tier) (rate(ovs_pmd_lookups_total{HOST,tier=~"upcall|lost"}[WINDOW]))`, "{{instance}} {{tier}}"}},
		},
	}
}

func losses() []panel {
	return []panel{
		{
			title: "Packets dropped by cause", kind: stacked, unit: "pps", width: 12, see: "ovsdrops",
			about:   "Every packet known to be dropped, at most once, by cause, of ports and of the process. of_pipeline is mostly meant so: what the flows forbid. docs/drops.md tells of each cause what to do.",
			queries: []query{{`sum by (scope, cause) (rate(ovs_drops_total{HOST}[WINDOW])) > 0`, "{{scope}} {{cause}}"}},
		},
		{
			title: "Packet buffers in use", kind: lines, unit: "percentunit", width: 12, high: 1, warn: 0.8, bad: 0.95, see: "ovsmempoolnearlyempty",
			about:   "Share of each mempool's buffers that is taken. Rings of NICs take theirs for good; near 1 packets are no longer received.",
			queries: []query{{`max by (instance, pool, numa) (ovs_mempool_buffers_in_use{HOST}) / (max by (instance, pool, numa) (ovs_mempool_buffers{HOST}) > 0)`, "{{instance}} {{pool}}"}},
		},
		{
			title: "Hugepages free", kind: lines, unit: "bytes", width: 12,
			about:   "Hugepage memory by NUMA node that no process has taken: what further mempools and guests can have.",
			queries: []query{{`sum by (instance, numa, size) (sluice_hugepages_free_bytes{HOST})`, "{{instance}} node {{numa}} {{size}}"}},
		},
		{
			title: "DPDK heap in use", kind: lines, unit: "percentunit", width: 12, high: 1, warn: 0.9, bad: 0.98,
			about:   "Share of the hugepage memory DPDK holds that something is made of. At 1 a further port, queue or MTU may find no memory: dpdk.memory of the profile.",
			queries: []query{{`1 - max by (instance, heap) (ovs_dpdk_heap_free_bytes{HOST}) / (max by (instance, heap) (ovs_dpdk_heap_size_bytes{HOST}) > 0)`, "{{instance}} {{heap}}"}},
		},
		{
			title: "Connections tracked", kind: lines, unit: "short", width: 12,
			about: "Connections the userspace datapath tracks, beside the most it will. At the limit, new connections are invalid, and the flows mostly drop such.",
			queries: []query{
				{`max by (instance) (ovs_conntrack_connections{HOST})`, "{{instance}}"},
				{`max by (instance) (ovs_conntrack_max_connections{HOST})`, "{{instance}} limit"},
			},
		},
		{
			title: "Bridges", kind: list, unit: "short", width: 12,
			about:   "OpenFlow flows of each bridge. One without flows and fail mode secure drops everything.",
			queries: []query{{`ovs_bridge_openflow_flows{HOST} * on (job, instance, bridge) group_left (fail_mode, datapath_type) ovs_bridge_info{HOST}`, "{{bridge}}"}},
		},
	}
}

func daemon() []panel {
	return []panel{
		{
			title: "Passes by result", kind: lines, unit: "ops", width: 12, see: "sluicepassfailing",
			about:   "Reconcile passes: converged (nothing to do), changed, pending (waits for `host apply`), waiting (the switch is away), refused and failed, of which the log and `sluicectl host status` tell.",
			queries: []query{{`sum by (instance, result) (rate(sluice_reconcile_passes_total{HOST}[WINDOW]))`, "{{instance}} {{result}}"}},
		},
		{
			title: "Time of a pass", kind: buckets, unit: "s", width: 12,
			about:   "How long passes take, waiting for ovs-vswitchd included. Long ones: the switch is slow to apply (a port with a large mempool, say), or hangs.",
			queries: []query{{`sum by (le) (increase(sluice_reconcile_duration_seconds_bucket{HOST}[WINDOW]))`, "{{le}}"}},
		},
		{
			title: "Collectors that fail", kind: list, unit: "short", width: 12, see: "sluicecollectorfailing",
			about:   "What the daemon could not read from the switch. Its metrics are absent, never 0. `sluicectl host status` tells the cause.",
			queries: []query{{`sluice_collector_success{HOST} < 1`, "{{instance}} {{collector}}"}},
		},
		{
			title: "Failures of collectors", kind: lines, unit: "ops", width: 12, see: "sluicecollectorfailing",
			about:   "Reads of the switch that failed, by collector and fault: silent (no answer in time), refused, garbled, failed. Absent while none ever did.",
			queries: []query{{`sum by (instance, collector, fault) (rate(sluice_collector_failures_total{HOST}[WINDOW]))`, "{{instance}} {{collector}} {{fault}}"}},
		},
		{
			title: "Age of what is shown", kind: lines, unit: "s", width: 12,
			about:   "Time since each collector read what is shown. Slow ones have a period of their own; one that only grows has failed.",
			queries: []query{{`max by (instance, collector) (sluice_collector_age_seconds{HOST})`, "{{instance}} {{collector}}"}},
		},
		{
			title: "Time of a collector", kind: lines, unit: "s", width: 12,
			about:   "How long each newest read of the switch took; \"snapshot\" is the whole of them. ovs-vswitchd's main thread answers: where this grows, that thread is busy.",
			queries: []query{{`max by (instance, collector) (sluice_collector_duration_seconds{HOST})`, "{{instance}} {{collector}}"}},
		},
	}
}
