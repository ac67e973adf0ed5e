package flows

import (
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Opcode is the first byte of a packet-in's userdata: what the daemon is asked to do.
// The numbers are part of the flows in the switch and never change their meaning.
type Opcode uint8

// What the daemon is asked for.
const (
	OpDHCPv4 Opcode = 1 // answer a DISCOVER or REQUEST
	OpDHCPv6 Opcode = 2
	OpRA     Opcode = 3 // answer a router solicitation
	OpDNS    Opcode = 4 // answer a query sent to a router's address
	OpND     Opcode = 5 // answer a solicitation that no flow can: from the unspecified address
	OpTooBig Opcode = 6 // tell the sender the MTU of the route
	// 7 was to learn the MAC of a next hop, which nobody does.

	// OpExpired tells the sender that its packet's TTL ran out. No flow says so: the
	// switch does by itself where it decrements.
	OpExpired Opcode = 8
)

// String is the opcode's name.
func (o Opcode) String() string {
	switch o {
	case OpDHCPv4:
		return "dhcpv4"
	case OpDHCPv6:
		return "dhcpv6"
	case OpRA:
		return "ra"
	case OpDNS:
		return "dns"
	case OpND:
		return "nd"
	case OpTooBig:
		return "too-big"
	case OpExpired:
		return "ttl"
	}
	return "unknown"
}

// The meters of what guests can ask for, each for itself: who asks for one thing all the
// time keeps nobody from another. What is left to the virtual one are expired TTLs, as the
// action that decrements names none.
const (
	meterAddress   = 1 // DHCP, DHCPv6
	meterNeighbour = 2
	meterTooBig    = 3
	meterName      = 6
)

// Meters are the limits of what reaches the daemon, in packets a second. They go in before
// the flows, and not in a bundle.
//
// The slow path has none. Its one meter is for all of the bridge: ARP and echo that flows
// answer, and BFD. One guest that asks all the time would silence them; what it costs the
// switch so, new connections cost it as well, which no meter counts. The meter of a flow
// counts nothing there, as the entry in the datapath is the way to the slow path alone
// (ofproto/ofproto-dpif-upcall.c, compose_slow_path, OVS 3.1).
func Meters() []of.MeterEntry {
	limit := func(id, rate uint32) of.MeterEntry {
		return of.MeterEntry{ID: id, Flags: of.MeterPktps | of.MeterBurst, Bands: []of.Band{{Rate: rate, Burst: rate}}}
	}
	return []of.MeterEntry{
		limit(meterAddress, 500), limit(meterNeighbour, 500), limit(meterTooBig, 200), limit(meterName, 1000),
		limit(of.MeterController, 1000),
	}
}

// meter is the one that a request passes.
func (o Opcode) meter() uint32 {
	switch o {
	case OpDHCPv4, OpDHCPv6:
		return meterAddress
	case OpRA, OpND:
		return meterNeighbour
	case OpTooBig:
		return meterTooBig
	case OpDNS:
		return meterName
	case OpExpired:
	}
	return 0
}

// ask sends the packet to the daemon.
func ask(o Opcode) of.Action {
	return of.Controller{Userdata: string([]byte{byte(o)}), Meter: o.meter()}
}
