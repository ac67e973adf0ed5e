package flows

import (
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// securityRules: a port sends from its own addresses only, unless it need not. The
// addresses stand whole in the match, never as prefixes, and nothing of L4 does.
func securityRules(v *view, r *rules, s site) {
	from := func(terms ...of.FieldValue) of.Match { return on(append(terms, in(s.sw), inPort(s.p.Key))...) }
	pass := TableGateFrom.then()
	if !s.p.Security || s.p.Kind == logical.PortUnknown {
		r.add(TablePortSec, prioMatch, from(), pass)
		return
	}
	any4, any6 := netip.PrefixFrom(netip.IPv4Unspecified(), 32), netip.PrefixFrom(netip.IPv6Unspecified(), 128)
	own6 := ownV6(v, s.p)
	for _, m := range heldBy(v, s.p) {
		mac := of.EthSrc(m)
		for _, a := range s.p.Addresses {
			if !a.Is4() || !v.snap.Holds(s.p, a) {
				continue
			}
			r.add(TablePortSec, prioMatch, from(mac, of.EthType(of.TypeIPv4), of.IPSrc(of.Host(a))), pass)
			r.add(TablePortSec, prioMatch, from(mac, of.EthType(of.TypeARP), of.ARPSHA(m), of.ARPSPA(of.Host(a))), pass)
		}
		for _, a := range own6 {
			r.add(TablePortSec, prioMatch, from(mac, of.EthType(of.TypeIPv6), of.IPSrc(of.Host(a))), TableNDGate.then())
		}
		// Before it has an address it asks for one (DHCP, RFC 5227 section 2.1.1,
		// RFC 4862 section 5.4), in packets for all.
		r.add(TablePortSec, prioMatch, from(mac, multicast(), of.EthType(of.TypeIPv4), of.IPSrc(any4)), pass)
		r.add(TablePortSec, prioMatch, from(mac, multicast(), of.EthType(of.TypeARP), of.ARPSHA(m), of.ARPSPA(any4)), pass)
		r.add(TablePortSec, prioMatch, from(mac, multicast(), of.EthType(of.TypeIPv6), of.IPSrc(any6)), TableNDGate.then())
	}
	neighbourSecurity(v, r, s, own6)
}

// ownV6 is what a port may send from in IPv6: its addresses, and the link-local one of
// each of its MACs that it holds.
func ownV6(v *view, p *logical.SwitchPort) []netip.Addr {
	var all []netip.Addr
	for _, a := range p.Addresses {
		if a.Is6() && v.snap.Holds(p, a) {
			all = append(all, a)
		}
	}
	for _, m := range heldBy(v, p) {
		all = append(all, linkLocal(m))
	}
	return all
}

// heldBy lists the MACs of a port that no older one has taken from it.
func heldBy(v *view, p *logical.SwitchPort) []logical.MAC {
	return slices.DeleteFunc(macsOf(p), func(m logical.MAC) bool { return !v.snap.HoldsMAC(p, m) })
}

// Codes of the neighbour messages (RFC 4861, sections 4.3 and 4.4).
const (
	typeSolicit   = 135
	typeAdvertise = 136
)

// neighbourSecurity: what a port tells of in neighbour messages is its own, too. An
// option of an address need not be there, which reads as zeros.
func neighbourSecurity(v *view, r *rules, s site, own []netip.Addr) {
	message := func(kind uint8, terms ...of.FieldValue) of.Match {
		return on(append(terms, in(s.sw), inPort(s.p.Key), of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(kind), of.ICMPv6Code(0))...)
	}
	pass := TableGateFrom.then()
	for _, m := range append(heldBy(v, s.p), logical.MAC{}) {
		r.add(TableNDSec, prioMatch, message(typeSolicit, of.NDSLL(m)), pass)
		for _, a := range own {
			r.add(TableNDSec, prioMatch, message(typeAdvertise, of.NDTarget(a), of.NDTLL(m)), pass)
		}
	}
}

// neighbourGate sends neighbour messages of secured ports to ND_SEC. What else they
// send is asked for its protocol, which is all that can tell the two apart, but for what
// goes to a router: routers believe no advertisement, and answer solicitations themselves.
func neighbourGate(r *rules) {
	for _, kind := range []uint8{typeSolicit, typeAdvertise} {
		r.add(TableNDGate, prioMatch, on(of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(kind)), TableNDSec.then())
	}
	r.add(TableNDGate, prioMiss, on(), TableGateFrom.then())
}
