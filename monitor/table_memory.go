package monitor

// memoryRows are DPDK's memory, the host's hugepages, and connections.
func memoryRows() map[key]Metric {
	pool := []string{"pool", "numa"}
	heap := []string{"heap"}
	const (
		mempool  = "netdev-dpdk/get-mempool-info, every 30 s"
		malloc   = "dpdk/get-malloc-stats, every 30 s"
		hugetlb  = "/sys/devices/system/node/node*/hugepages"
		nconns   = "dpctl/ct-get-nconns"
		maxconns = "dpctl/ct-get-maxconns"
	)
	return map[key]Metric{
		mempoolBuffers: {
			Name: "ovs_mempool_buffers", Type: Gauge, Unit: Buffers, Set: Base, Source: mempool, Labels: pool,
			Help: "Packet buffers of the mempool. Pools of ports begin with ovs; numa is empty for a pool of no node.",
		},
		mempoolInUse: {
			Name: "ovs_mempool_buffers_in_use", Type: Gauge, Unit: Buffers, Set: Base, Source: mempool, Labels: pool,
			Help: "Packet buffers that are taken, by packets under way and by the receive rings of NICs. None left: ovs_interface_rx_mbuf_allocation_errors_total.",
		},
		mempoolBufferSize: {
			Name: "ovs_mempool_buffer_size_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: mempool, Labels: pool,
			Help: "Memory that one buffer takes, its headers included.",
		},
		heapSize: {
			Name: "ovs_dpdk_heap_size_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: malloc, Labels: heap,
			Help: "Hugepage memory that DPDK holds; heap socket_0 is that of NUMA node 0.",
		},
		heapFree: {
			Name: "ovs_dpdk_heap_free_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: malloc, Labels: heap,
			Help: "Part of ovs_dpdk_heap_size_bytes that nothing is made of yet.",
		},
		heapGreatest: {
			Name: "ovs_dpdk_heap_greatest_free_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: malloc, Labels: heap,
			Help: "Longest free piece of the heap.",
		},
		hugepagesAll: {
			Name: "sluice_hugepages_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: hugetlb + "/*/nr_hugepages", Labels: []string{"numa", "size"},
			Help: "Hugepage memory of the host by NUMA node and size of a page (2048kB).",
		},
		hugepagesFree: {
			Name: "sluice_hugepages_free_bytes", Type: Gauge, Unit: Bytes, Set: Base, Source: hugetlb + "/*/free_hugepages", Labels: []string{"numa", "size"},
			Help: "Hugepage memory that no process has taken: what further mempools and guests can have.",
		},
		conntrackConnections: {
			Name: "ovs_conntrack_connections", Type: Gauge, Unit: Connections, Set: Base, Source: nconns,
			Help: "Connections that the userspace datapath tracks.",
		},
		conntrackMax: {
			Name: "ovs_conntrack_max_connections", Type: Gauge, Unit: Connections, Set: Base, Source: maxconns,
			Help: "Connections above which the userspace datapath tracks no further one.",
		},
	}
}
