package simulate

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Packet is one frame, as far as the logical network looks at it. Two packets are
// equal when == says so. String and ParsePacket write and read it as Open vSwitch
// writes flows.
type Packet struct {
	EthSrc, EthDst logical.MAC
	VLAN           uint16 // the tag, 1 to 4094; 0 = untagged
	EthType        uint16 // behind the tag
	Src, Dst       netip.Addr
	// Proto is the protocol of an IP packet, and the operation of an ARP packet,
	// whose protocol addresses are Src and Dst.
	Proto            uint8
	TTL              uint8  // or hop limit
	SrcPort, DstPort uint16 // of TCP, UDP and SCTP; the type and the code of ICMP

	ARPSrc, ARPDst     logical.MAC // ARP's hardware addresses
	Target             netip.Addr  // of a neighbour solicitation or advertisement
	SourceLL, TargetLL logical.MAC // its options
	NDFlags            uint32      // the flags word of a neighbour advertisement

	Size int // of the IP packet in bytes; 0 = fits everywhere
}

// The Ethernet types that the network reads.
const (
	TypeIPv4 uint16 = 0x0800
	TypeARP  uint16 = 0x0806
	TypeIPv6 uint16 = 0x86dd
)

// The protocols that the network reads.
const (
	ProtoICMP   uint8 = 1
	ProtoTCP    uint8 = 6
	ProtoUDP    uint8 = 17
	ProtoICMPv6 uint8 = 58
	ProtoSCTP   uint8 = 132
)

// ICMP and ICMPv6 types, and ARP operations.
const (
	icmpEchoReply, icmpEcho       = 0, 8
	icmpv6Echo, icmpv6EchoReply   = 128, 129
	icmpv6RouterSolicitation      = 133
	icmpv6NeighbourSolicitation   = 135
	icmpv6NeighbourAdvertisement  = 136
	arpRequest, arpReply          = 1, 2
	ndRouter, ndSolicited, ndOver = 1 << 31, 1 << 30, 1 << 29
)

func (p *Packet) isIP() bool { return p.EthType == TypeIPv4 || p.EthType == TypeIPv6 }

func (p *Packet) isICMP() bool {
	return p.EthType == TypeIPv4 && p.Proto == ProtoICMP || p.EthType == TypeIPv6 && p.Proto == ProtoICMPv6
}

// isND says whether it is a neighbour solicitation or advertisement.
func (p *Packet) isND() bool {
	return p.isICMP() && p.EthType == TypeIPv6 &&
		(p.SrcPort == icmpv6NeighbourSolicitation || p.SrcPort == icmpv6NeighbourAdvertisement)
}

// isEcho says whether it asks for an echo.
func (p *Packet) isEcho() bool {
	return p.isICMP() && p.DstPort == 0 &&
		(p.EthType == TypeIPv4 && p.SrcPort == icmpEcho || p.EthType == TypeIPv6 && p.SrcPort == icmpv6Echo)
}

func (p *Packet) isUDP(src, dst uint16) bool {
	return p.isIP() && p.Proto == ProtoUDP && (src == 0 || p.SrcPort == src) && p.DstPort == dst
}
