package ipfix

// ExporterStats is what OVS says of one of its exporters, since it was configured last
// (struct nx_ipfix_stats_reply of include/openflow/nicira-ext.h, OVS 2.17 to 4.0).
type ExporterStats struct {
	Flows          uint64 // records begun
	CurrentFlows   uint64 // in the cache now
	SampledPackets uint64
	IPv4, IPv6     uint64 // of them, those of TCP, UDP, SCTP and ICMP
	// IPv4Errors and IPv6Errors are packets of other protocols, which are exported all
	// the same; OtherErrors what OVS counts as an error beside them.
	IPv4Errors, IPv6Errors, OtherErrors uint64
	// TxMessages and TxErrors are messages to all targets: sent, and that could not be.
	TxMessages, TxErrors uint64
}
