package simulate

import (
	"fmt"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Probe is a packet in an operator's words: what the guest behind a port would send.
type Probe struct {
	Port string
	To   netip.Addr
	// Proto is "tcp", "udp" or "icmp", an echo request; "" = udp.
	Proto   string
	DstPort uint16 // of TCP and UDP; 0 = 5000
	TTL     uint8  // 0 = 64
}

// Packet is the packet and where it comes in. The error says why a guest could not
// send it, and matches *logical.MissingError where there is no such port.
func (q Probe) Packet(s *logical.Snapshot) (Place, Packet, error) {
	at, p, err := Guest(s, q.Port, q.To)
	if err != nil {
		return at, p, err
	}
	if q.DstPort != 0 {
		p.DstPort = q.DstPort
	}
	if q.TTL != 0 {
		p.TTL = q.TTL
	}
	switch q.Proto {
	case "", "udp":
	case "tcp":
		p.Proto = ProtoTCP
	case "icmp":
		if q.DstPort != 0 {
			return at, p, fmt.Errorf("icmp has no port %d", q.DstPort)
		}
		p.Proto, p.SrcPort, p.DstPort = ProtoICMP, icmpEcho, 0
		if p.EthType == TypeIPv6 {
			p.Proto, p.SrcPort = ProtoICMPv6, icmpv6Echo
		}
	default:
		return at, p, fmt.Errorf("%q is none of tcp, udp, icmp", q.Proto)
	}
	return at, p, nil
}
