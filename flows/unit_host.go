package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// hostRules are the tunnel to another host: packets from it are let in by its address,
// those for it are given the address, the network and the port they go to.
func hostRules(v *view, r *rules, id logical.ID[logical.Host]) {
	v.readID(logical.KindHost, id.UUID())
	h := v.snap.Host(id)
	if h == nil || h == v.self() {
		return
	}
	port := v.peer(h)
	if port == 0 {
		return
	}
	for _, a := range h.Addresses {
		v.read(named(readAddress, a.String()))
		if v.snap.HostByAddress(a) == h {
			fromTunnel(r, a)
		}
	}
	if a, ok := endpoint(h, v.self()); ok && h.Index != 0 {
		dst := of.FieldTunDst
		if a.Is6() {
			dst = of.FieldTunIPv6Dst
		}
		r.add(TableTunnel, prioMatch, on(of.Reg(regHost, uint32(h.Index))),
			of.Move{From: of.Bits(of.FieldMetadata, 0, 24), To: of.Bits(of.FieldTunID, 0, 24)},
			of.Move{From: of.Bits(of.FieldReg0+regOut, 0, 16), To: of.TunMetadataBits(0, optionSize, 0, 16)},
			of.Move{From: of.Bits(of.FieldReg0+regIn, 0, 15), To: of.TunMetadataBits(0, optionSize, 16, 15)},
			of.Set(of.Addr(dst, a)), of.Output{Port: port})
	}
}

// fromTunnel lets in what comes from an address, by whichever port: OVS takes packets of
// a host to its own port from the instant it has made that, before anybody knows its
// number, until it is deleted. An interface that is a port of the network is that first.
// Of the option only the port it goes to is read: the rest of it stays out of the
// megaflow.
func fromTunnel(r *rules, a netip.Addr) {
	r.add(TablePhyIn, prioLess, on(of.TunSrc(of.Host(a))),
		of.Move{From: of.Bits(of.FieldTunID, 0, 24), To: of.Bits(of.FieldMetadata, 0, 24)},
		of.Move{From: of.TunMetadataBits(0, optionSize, 0, 16), To: of.Bits(of.FieldReg0+regOut, 0, 16)},
		TableEgress.then())
}

// endpoint is the address of a host that this one sends to: the first of a family
// that this one has, too.
func endpoint(h, self *logical.Host) (netip.Addr, bool) {
	for _, a := range h.Addresses {
		if self == nil {
			return a, true
		}
		for _, own := range self.Addresses {
			if own.Is4() == a.Is4() {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}
