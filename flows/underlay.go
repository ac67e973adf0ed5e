package flows

import (
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// UnderlayCookie is the cookie of the flows of Underlay, whose bridge may have others'
// flows, too. Its class is that of no row.
const UnderlayCookie = 15<<cookieBits | 1

// Wire is what leads from the bridge that carries the tunnels to the physical network.
type Wire struct {
	// Ports are the open interfaces of its one port, ascending; none where the bridge has
	// not just one such port, or VLANs are told apart on it.
	Ports []of.Port
	// Bond says that the port has several, open or not.
	Bond bool
}

// Underlay are the flows of the bridge that carries the tunnels, above the one that
// makes it an ordinary switch (fail mode standalone). That learns MACs, and so asks
// each tunnelled packet for its; these ask for what the receiver's tunnel is known by,
// which is the same for all hosts. Out of a bond packets go as ever: OVS chooses
// the member only there.
func Underlay(o logical.Overlay, w Wire) []of.Flow {
	if len(w.Ports) == 0 || len(w.Ports) > 1 && !w.Bond || !o.Address.IsValid() {
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
	var all []of.Flow
	for _, p := range w.Ports {
		all = append(all, tunnelled(p, of.IPDst(of.Host(o.Address)), of.PortLocal))
	}
	if !w.Bond {
		all = append(all, tunnelled(of.PortLocal, of.IPSrc(of.Host(o.Address)), w.Ports[0]))
	}
	slices.SortFunc(all, inOrder)
	return all
}
