package flows

import (
	"cmp"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// requestRules: what guests ask of their network. The daemon knows the answers.
func requestRules(v *view, r *rules, sw *logical.Switch, key logical.DatapathKey) {
	udp := func(t uint16, src, dst uint16) of.Match {
		return on(in(key), of.EthType(t), of.IPProto(of.ProtoUDP), of.UDPSrc(src), of.UDPDst(dst))
	}
	if sw.DHCP.Enabled {
		r.add(TableCtrl, prioMatch, udp(of.TypeIPv4, 68, 67), ask(OpDHCPv4))
		r.add(TableCtrl, prioMatch, udp(of.TypeIPv6, 546, 547), ask(OpDHCPv6))
	}
	for _, rp := range v.links(sw.ID) {
		if has6(rp) {
			r.add(TableCtrl, prioMatch, on(in(key), of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(133), of.ICMPv6Code(0)), ask(OpRA))
			return
		}
	}
}

func sortBuckets(g *of.GroupEntry) {
	slices.SortFunc(g.Buckets, func(a, b of.Bucket) int { return cmp.Compare(a.ID, b.ID) })
}
