package flows

import of "github.com/sluice-nfv/sluice/internal/ovs/openflow"

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
	OpLearn  Opcode = 7 // learn a neighbour on a physical network
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
	case OpLearn:
		return "learn"
	}
	return "unknown"
}

// ask sends the packet to the daemon.
func ask(o Opcode, data ...byte) of.Action {
	return of.Controller{Userdata: string(append([]byte{byte(o)}, data...))}
}
