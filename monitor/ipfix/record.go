package ipfix

import (
	"net"
	"net/netip"
	"time"
)

// Direction is which way a sampled packet went, as the switch sees it.
type Direction uint8

// The directions (RFC 5102, flowDirection).
const (
	Ingress Direction = iota // from a port into the switch
	Egress                   // out of the switch by a port
)

// String returns "rx" or "tx".
func (d Direction) String() string {
	if d == Egress {
		return "tx"
	}
	return "rx"
}

// MAC is an Ethernet address.
type MAC [6]byte

// String returns it as "52:54:00:00:00:01".
func (m MAC) String() string { return net.HardwareAddr(m[:]).String() }

// Interface is a port as a record names it.
type Interface struct {
	Index uint32 // of the kernel; a hash for DPDK's ports, 0 where OVS knows none
	Name  string // Interface.name; "" where OVS knows none
}

// Tunnel is the outer header of a packet that came by a tunnel or goes into one.
type Tunnel struct {
	Type                uint8 // 1 VXLAN, 2 GRE, 3 LISP, 7 Geneve; 0 = no tunnel
	Source, Destination netip.Addr
	Port                uint16 // UDP destination
	Key                 uint64 // VNI
}

// Record is what a data record says. What its template lacks is zero.
type Record struct {
	Exporter netip.AddrPort // whom the datagram came from
	Domain   uint32         // obs_domain_id
	Template uint16
	// BuiltIn tells that the record was read by a built-in template: the exporter's own
	// was not heard yet.
	BuiltIn  bool
	Options  bool      // the record is about the exporter, and no flow
	Exported time.Time // whole seconds

	Point     uint32 // obs_point_id
	VirtualID string
	Direction Direction
	In, Out   Interface // Out is of Egress records

	SourceMAC, DestinationMAC MAC
	EtherType                 uint16
	VLAN                      uint16 // 0 = none
	IPVersion                 uint8  // 4, 6, or 0
	Protocol                  uint8  // IP's
	Class                     uint8  // DSCP and ECN
	Source, Destination       netip.Addr
	SourcePort                uint16
	DestinationPort           uint16
	ICMPType, ICMPCode        uint8
	Tunnel                    Tunnel

	// Start and End are how long before Exported the flow's first and last packets were.
	Start, End time.Duration
	EndReason  uint8 // 1 idle, 2 active timeout, 3 end of flow, 4 forced, 5 cache full
	// The counts are OVS's own estimate: sampled packets times the sampling. Dropped are
	// of Packets.
	Packets, Dropped uint64
	Layer2Octets     uint64 // from the Ethernet header on
	Octets           uint64 // from the IP header on; 0 of other packets

	// Process and NotSent are of Options records: which exporter, and how many datagrams
	// it could not send.
	Process uint32
	NotSent uint64
}
