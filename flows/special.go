package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// unrouted are the destinations that no router forwards: of this host, of this link, for
// several or for all (RFC 6890; RFC 4291, sections 2.5.2, 2.5.3, 2.5.6 and 2.7).
var unrouted = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("255.255.255.255/32"),
	netip.MustParsePrefix("::/128"), netip.MustParsePrefix("::1/128"), linkLocals, netip.MustParsePrefix("ff00::/8"),
}

// linkLocals never leave their link, as sources neither.
var linkLocals = netip.MustParsePrefix("fe80::/10")

// specialRules come behind a router's own addresses and before its routes. A source costs
// the megaflow the ten bits that tell it from a link-local one.
func specialRules(r *rules) {
	for _, p := range unrouted {
		r.add(TableLRIn, prioSpecial, on(family(p.Addr()), of.IPDst(p)))
	}
	r.add(TableLRIn, prioSpecial, on(of.EthType(of.TypeIPv6), of.IPSrc(linkLocals)))
	// The link-local address of a port where the packet did not come in.
	r.add(TableLRLocal, prioMore+1, echo6(of.IPDst(linkLocals)))
}

func echo6(terms ...of.FieldValue) of.Match {
	return on(append(terms, of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(128), of.ICMPv6Code(0))...)
}

// echoReply6 turns an echo request into its reply.
func echoReply6() []of.Action {
	return []of.Action{
		of.Move{From: of.Whole(of.FieldIPv6Src), To: of.Whole(of.FieldXXReg0 + regScratch)},
		of.Move{From: of.Whole(of.FieldIPv6Dst), To: of.Whole(of.FieldIPv6Src)},
		of.Move{From: of.Whole(of.FieldXXReg0 + regScratch), To: of.Whole(of.FieldIPv6Dst)},
		of.Set(of.TTL(255)), of.Set(of.ICMPv6Type(129)),
	}
}

// onLinkRules: what a link-local address asks, or is asked, is answered on the link of
// the router's port, as there is no route to it; and so is who looks for the router.
func onLinkRules(v *view, r *rules, rp *logical.RouterPort, key logical.DatapathKey) {
	link := v.portOf(rp)
	if link == nil || link.MAC.IsZero() {
		return
	}
	sw := v.sw(link.Switch)
	if sw == nil || v.switchKey(sw) == 0 {
		return
	}
	back := append(echoReply6(), onLink(v.switchKey(sw), rp, link)...)
	r.add(TableLRLocal, prioMore, echo6(in(key), of.EthDst(link.MAC), of.IPSrc(linkLocals)), back...)
	probedRules(v, r, rp, link, v.switchKey(sw), key)
	r.add(TableLRLocal, prioFirst, echo6(in(key), of.EthDst(link.MAC), of.IPDst(of.Host(linkLocal(rp.MAC)))), back...)
}

// onLink sends an answer of a router to who asked, on the switch behind one of its ports.
func onLink(sw logical.DatapathKey, rp *logical.RouterPort, link *logical.SwitchPort) []of.Action {
	return []of.Action{
		of.Move{From: of.Whole(of.FieldEthSrc), To: of.Whole(of.FieldEthDst)},
		of.Set(of.EthSrc(rp.MAC)), enter(sw), of.Set(inPort(link.Key)), anyPort(), TableL2.again(),
	}
}

// switches says whether packets of a switch find their receivers on this host: it has a
// port of the switch, or a router that works here alone and answers on the link.
func (v *view) switches(sw logical.ID[logical.Switch], how via) bool {
	if how != viaRouter {
		return how == viaPort
	}
	for _, rp := range v.links(sw) {
		if !has6(rp) {
			continue
		}
		if router := v.router(rp.Router); router != nil && router.Pinned() && v.routed(router.ID) {
			return true
		}
	}
	return false
}
