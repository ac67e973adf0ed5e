package flows

import (
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// UnderlayCookie is the cookie of the flows of Underlay, whose bridge may have others'
// flows, too. Its class is that of no row.
const UnderlayCookie = 15<<cookieBits | 1

// Underlay are the flows of the bridge that carries the tunnels, above the one that
// makes it an ordinary switch (fail mode standalone). That learns MACs, and so asks
// each tunnelled packet for its; these ask for what the receiver's tunnel is known by,
// which is the same for all hosts. wire is the one port that leads to the physical
// network; there are none where it is 0. A bond is no such port: OVS chooses a member,
// and drops what it must not take from one, only in NORMAL (ofproto/bond.c,
// bond_check_admissibility).
func Underlay(o logical.Overlay, wire of.Port) []of.Flow {
	if wire == 0 || !o.Address.IsValid() {
		return nil
	}
	family := of.EthType(of.TypeIPv4)
	if o.Address.Is6() {
		family = of.EthType(of.TypeIPv6)
	}
	tunnelled := func(in of.Port, end of.FieldValue, to of.Port) of.Flow {
		return of.Flow{
			Priority: prioMatch, Cookie: UnderlayCookie,
			Match: on(of.InPort(in), of.NoVLAN(), family, of.IPProto(of.ProtoUDP), end, of.UDPDst(o.UDPPort)),
			Do:    of.Do(of.Output{Port: to}),
		}
	}
	all := []of.Flow{
		tunnelled(wire, of.IPDst(of.Host(o.Address)), of.PortLocal),
		tunnelled(of.PortLocal, of.IPSrc(of.Host(o.Address)), wire),
	}
	slices.SortFunc(all, inOrder)
	return all
}

// Ordinary reports whether a bridge that holds these flows is an ordinary switch: one
// flow takes every packet to NORMAL, and nothing but that and the flows of Underlay is
// there. Flows of Underlay beside others would override them.
func Ordinary(held []of.Flow) bool {
	normal, every := of.Do(of.Output{Port: of.PortNormal}), false
	for _, f := range held {
		switch {
		case f.Cookie == UnderlayCookie:
		case f.Table != 0 || f.Do != normal:
			return false
		case f.Match == of.NewMatch():
			every = true
		}
	}
	return every
}
