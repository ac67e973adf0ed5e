package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// metadata is the key of the switch or router the packet is in.
//
// The registers, all loaded with constants but reg0 to reg3, which only packets that
// are answered in place use:
//
//	reg0..3   scratch: an address that changes places
//	reg4      the group of equal routes that it went by
//	reg5      which of them
//	reg8      0..15 the port the packet goes out of; 0x8000 everybody; 0 not known
//	reg9      0..14 the port it came in by
//	reg10     flags
//	reg11     0..15 the host it goes to
//	reg15     the MTU it is too long for
const (
	regScratch = 0
	regGroup   = 4
	regWay     = 5
	regOut     = 8
	regIn      = 9
	regFlags   = 10
	regHost    = 11
	regMTU     = 15
)

// Flags are bits of reg10.
const (
	bitTooBig = 5 // longer than the network it is to enter takes
	bitTurned = 6 // switched to a port that shares its interface with others of the switch
	bitRouted = 7 // a router decremented the TTL, or let it go
	bitOnLink = 8 // an advertisement of a router's port that is switched to who asked
)

// keyFlood is the port key of everybody on a switch.
const keyFlood = 0x8000

// keyRouted is the bit of the key of a port to a router of TTL mode once, in the tunnel
// too, that a router has had the packet's TTL. It costs a receiver no more than the key.
const keyRouted = 0x8000

// The tunnel option: 4 bytes in tun_metadata0. Bit 31 is kept for relays, bits 30 to 16
// are the port it came in by, bits 15 to 0 the port it goes to. Its type is critical: a receiver that
// does not know it must not take the packet for something else.
const (
	optionType = 0x81
	optionSize = 4
)

// Option is the entry of the bridge's table of tunnel options that the flows refer to,
// for a Geneve option class (RFC 8926, section 3.5).
func Option(class uint16) of.TLVMap {
	return of.TLVMap{Class: class, Type: optionType, Length: optionSize, Index: 0}
}

func in(key logical.DatapathKey) of.FieldValue { return of.Metadata(uint64(key)) }

func enter(key logical.DatapathKey) of.Action { return of.Set(in(key)) }

func outPort(key logical.PortKey) of.FieldValue { return of.Reg(regOut, uint32(key)) }

func inPort(key logical.PortKey) of.FieldValue { return of.Reg(regIn, uint32(key)) }

func toHost(h logical.HostIndex) of.Action { return of.Set(of.Reg(regHost, uint32(h))) }

func flag(bit int, on bool) of.FieldValue {
	v := uint32(0)
	if on {
		v = 1 << bit
	}
	return of.RegMasked(regFlags, v, 1<<bit)
}

// anyPort lets the packet go out of the port it came in by.
func anyPort() of.Action { return of.Set(of.SetInPort(of.PortNone)) }
