package openflow

import (
	"encoding/binary"
	"fmt"
)

// IPFIXStats is what an IPFIX exporter says of itself (struct nx_ipfix_stats_reply,
// include/openflow/nicira-ext.h, OVS 2.17 to 4.0). ^0 in a field is not known.
type IPFIXStats struct {
	CollectorSet uint32 // 0 for a bridge's own exporter
	Flows        uint64 // records begun
	CurrentFlows uint64 // in the cache
	Packets      uint64 // sampled
	IPv4, IPv6   uint64 // of TCP, UDP, SCTP and ICMP
	// Errors are packets of other protocols of IP, which are sampled all the same;
	// IPv4Errors and IPv6Errors are of them.
	Errors, IPv4Errors, IPv6Errors uint64
	TxPackets, TxErrors            uint64 // messages to all targets: sent, and not
}

// Numbers of Nicira's multipart messages (ofp-msgs.h: NXST 3 and 4).
const (
	multipartExperimenter = 0xffff
	ipfixBridgeStats      = 3
	ipfixFlowStats        = 4
	ipfixStatsLen         = 88
)

// AppendIPFIXRequest appends a request for the statistics of the bridge's own exporter,
// or with flows for those of its collector sets. A bridge without any answers with an
// error.
func AppendIPFIXRequest(b []byte, xid uint32, flows bool) []byte {
	start := len(b)
	return endMessage(u32(u32(beginMultipart(b, xid, multipartExperimenter), niciraVendor), ipfixKind(flows)), start)
}

func ipfixKind(flows bool) uint32 {
	if flows {
		return ipfixFlowStats
	}
	return ipfixBridgeStats
}

// ParseIPFIX calls f for each exporter of one part of the reply to AppendIPFIXRequest.
// The error matches ErrFormat.
func ParseIPFIX(m []byte, flows bool, f func(IPFIXStats)) error {
	const head = multipartLen + 8
	if is, _ := Multipart(m); !is || len(m) < head || binary.BigEndian.Uint16(m[8:]) != multipartExperimenter ||
		binary.BigEndian.Uint32(m[multipartLen:]) != niciraVendor || binary.BigEndian.Uint32(m[multipartLen+4:]) != ipfixKind(flows) {
		return fmt.Errorf("%w: not the reply about IPFIX", ErrFormat)
	}
	b := m[head:]
	if len(b)%ipfixStatsLen != 0 {
		return fmt.Errorf("%w: %d bytes are no statistics of exporters", ErrFormat, len(b))
	}
	for ; len(b) > 0; b = b[ipfixStatsLen:] {
		n := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
		f(IPFIXStats{
			Flows: n(0), CurrentFlows: n(1), Packets: n(2), IPv4: n(3), IPv6: n(4), Errors: n(5), IPv4Errors: n(6), IPv6Errors: n(7),
			TxPackets: n(8), TxErrors: n(9), CollectorSet: binary.BigEndian.Uint32(b[80:]),
		})
	}
	return nil
}
