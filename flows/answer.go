package flows

import (
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// answerRules: who asks for the MAC of the port is told at once, on the host where it
// asks. The port itself is not: it asks to learn that nobody else has its address
// (RFC 5227, RFC 4862 section 5.4).
func answerRules(v *view, r *rules, s site) {
	if s.p.MAC.IsZero() {
		return
	}
	for _, a := range s.p.Addresses {
		if v.snap.Holds(s.p, a) {
			answer(r, s, a)
		}
	}
	if v.snap.HoldsMAC(s.p, s.p.MAC) {
		answer(r, s, linkLocal(s.p.MAC))
	}
}

func answer(r *rules, s site, a netip.Addr) {
	var asked of.Match
	var do []of.Action
	if a.Is4() {
		asked = on(in(s.sw), of.EthType(of.TypeARP), of.ARPOp(1), of.ARPTPA(of.Host(a)))
		do = arpReply(s.p.MAC, a)
	} else {
		asked = on(in(s.sw), of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(135), of.ICMPv6Code(0), of.NDTarget(a))
		do = append(advertisement(s.p.MAC, a, s.p.Kind == logical.PortRouter), TableND.then())
	}
	priority := uint16(prioMatch)
	if s.local != 0 || s.resident {
		priority = prioHere
	}
	r.add(TableCtrl, priority, asked, do...)
	if s.local != 0 {
		r.add(TableCtrl, prioMore, asked.With(inPort(s.p.Key)), TableL2.then())
	}
}

// arpReply turns a request into its reply, which leaves by the port that asked.
func arpReply(m logical.MAC, a netip.Addr) []of.Action {
	do := []of.Action{
		of.Move{From: of.Whole(of.FieldEthSrc), To: of.Whole(of.FieldEthDst)},
		of.Set(of.EthSrc(m)),
		of.Set(of.ARPOp(2)),
		of.Move{From: of.Whole(of.FieldARPSHA), To: of.Whole(of.FieldARPTHA)},
		of.Set(of.ARPSHA(m)),
		of.Move{From: of.Whole(of.FieldARPSPA), To: of.Whole(of.FieldARPTPA)},
		of.Set(of.Addr(of.FieldARPSPA, a)),
	}
	return append(do, toSender()...)
}

// toSender sends the packet back to the port it came in by.
func toSender() []of.Action {
	return []of.Action{
		of.Move{From: of.Bits(of.FieldReg0+regIn, 0, 16), To: of.Bits(of.FieldReg0+regOut, 0, 16)},
		anyPort(), TableOut.then(),
	}
}

// Flags of a neighbour advertisement (RFC 4861, section 4.4).
const (
	flagRouter    = 0x80000000
	flagSolicited = 0x40000000
	flagOverride  = 0x20000000
)

// advertisement turns a neighbour solicitation into the advertisement but for what table
// ND finishes.
func advertisement(m logical.MAC, a netip.Addr, router bool) []of.Action {
	flags := uint32(flagSolicited | flagOverride)
	if router {
		flags |= flagRouter
	}
	return []of.Action{
		of.Move{From: of.Whole(of.FieldEthSrc), To: of.Whole(of.FieldEthDst)},
		of.Set(of.EthSrc(m)),
		of.Move{From: of.Whole(of.FieldIPv6Src), To: of.Whole(of.FieldIPv6Dst)},
		of.Set(of.Addr(of.FieldIPv6Src, a)),
		of.Set(of.ICMPv6Type(136)), of.Set(of.Reg(regScratch, flags)),
	}
}

// finishAdvertisement is the part that needs the packet to be an advertisement already:
// its flags, and the target's address where the solicitation had its sender's. Who asks
// from no address is answered by the daemon, to all (RFC 4861, section 7.2.4).
func finishAdvertisement(r *rules) {
	advertised := on(of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(136), of.ICMPv6Code(0))
	finish := []of.Action{
		of.Move{From: of.Whole(of.FieldReg0 + regScratch), To: of.Whole(of.FieldNDReserved)},
		of.Set(of.NDOptionsType(2)),
		of.Move{From: of.Whole(of.FieldEthSrc), To: of.Whole(of.FieldNDTLL)},
	}
	r.add(TableND, prioMatch, advertised, slices.Concat(finish, toSender())...)
	r.add(TableND, prioMore, advertised.With(flag(bitOnLink, true)), slices.Concat(finish, []of.Action{TableL2.then()})...)
	r.add(TableCtrl, prioNobody, solicited(of.IPSrc(of.Host(netip.IPv6Unspecified()))), ask(OpND))
}

// solicited matches neighbour solicitations.
func solicited(terms ...of.FieldValue) of.Match {
	return on(append(terms, of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(typeSolicit), of.ICMPv6Code(0))...)
}

// probedRules: who looks whether its router is still there (RFC 4861, section 7.3) sends
// the solicitation to the router alone, which answers on its link. A hop limit of less
// than 255 has been routed, and is believed by nobody.
func probedRules(v *view, r *rules, rp *logical.RouterPort, link *logical.SwitchPort, sw, key logical.DatapathKey) {
	var own []netip.Addr
	for _, n := range rp.Networks {
		if n.Addr().Is6() && v.snap.Holds(link, n.Addr()) {
			own = append(own, n.Addr())
		}
	}
	if v.snap.HoldsMAC(link, link.MAC) {
		own = append(own, linkLocal(rp.MAC))
	}
	for _, a := range own {
		do := slices.Concat(advertisement(rp.MAC, a, true), []of.Action{of.Set(flag(bitOnLink, true)), enter(sw), of.Set(inPort(link.Key)), anyPort(), TableND.again()})
		r.add(TableLRLocal, prioHere, solicited(in(key), of.EthDst(link.MAC), of.TTL(255), of.NDTarget(a)), do...)
	}
}
