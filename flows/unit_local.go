package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// enterRules: what comes in by the port's interface is in its switch.
func enterRules(r *rules, s site) {
	tag := of.NoVLAN()
	var do []of.Action
	if s.p.Tag != 0 {
		tag = of.VLAN(s.p.Tag)
		do = []of.Action{of.PopVLAN{}}
	}
	r.add(TablePhyIn, prioMatch, on(of.InPort(s.local), tag),
		append(do, enter(s.sw), of.Set(inPort(s.p.Key)), TablePortSec.then())...)
}

// exitRules: what is for the port leaves by its interface.
func exitRules(r *rules, s site) {
	do := []of.Action{of.Output{Port: s.local}}
	if s.p.Tag != 0 {
		do = []of.Action{of.PushVLAN{Type: 0x8100}, of.Set(of.VLAN(s.p.Tag)), of.Output{Port: s.local}}
	}
	r.add(TableOut, prioMatch, on(in(s.sw), outPort(s.p.Key)), do...)
}

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
	for _, m := range macsOf(s.p) {
		mac := of.EthSrc(m)
		for _, a := range s.p.Addresses {
			if !v.snap.Holds(s.p, a) {
				continue
			}
			r.add(TablePortSec, prioMatch, from(mac, family(a), of.IPSrc(of.Host(a))), pass)
			if a.Is4() {
				r.add(TablePortSec, prioMatch, from(mac, of.EthType(of.TypeARP), of.ARPSHA(m), of.ARPSPA(of.Host(a))), pass)
			}
		}
		// Before it has an address it asks for one (DHCP, RFC 5227 section 2.1.1,
		// RFC 4862 section 5.4), in packets for all.
		r.add(TablePortSec, prioMatch, from(mac, multicast(), of.EthType(of.TypeIPv4), of.IPSrc(any4)), pass)
		r.add(TablePortSec, prioMatch, from(mac, multicast(), of.EthType(of.TypeARP), of.ARPSHA(m), of.ARPSPA(any4)), pass)
		r.add(TablePortSec, prioMatch, from(mac, multicast(), of.EthType(of.TypeIPv6), of.IPSrc(any6)), pass)
		r.add(TablePortSec, prioMatch, from(mac, of.EthType(of.TypeIPv6), of.IPSrc(of.Host(linkLocal(m)))), pass)
	}
}
