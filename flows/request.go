package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// requestRules: what guests ask of their network. The daemon knows the answers.
func requestRules(v *view, r *rules, sw *logical.Switch, key logical.DatapathKey) {
	if sw.DHCP.Enabled {
		r.add(TableCtrl, prioMatch, dhcpv4(in(key)), ask(OpDHCPv4))
		r.add(TableCtrl, prioMatch, dhcpv6(in(key)), ask(OpDHCPv6))
	}
	for _, rp := range v.links(sw.ID) {
		if has6(rp) {
			r.add(TableCtrl, prioMatch, routerSolicited(in(key)), ask(OpRA))
			return
		}
	}
}

// passRequests: what a physical network asks for all to hear is for the servers and
// routers there. The network answers its guests alone.
func passRequests(r *rules, sw logical.DatapathKey, key logical.PortKey) {
	for _, asked := range []of.Match{
		dhcpv4(in(sw), inPort(key)), dhcpv6(in(sw), inPort(key)), routerSolicited(in(sw), inPort(key)),
	} {
		r.add(TableCtrl, prioOutside, asked, TableL2.then())
	}
}

func dhcpv4(where ...of.FieldValue) of.Match {
	return on(append(where, of.EthType(of.TypeIPv4), of.IPProto(of.ProtoUDP), of.UDPSrc(68), of.UDPDst(67))...)
}

func dhcpv6(where ...of.FieldValue) of.Match {
	return on(append(where, of.EthType(of.TypeIPv6), of.IPProto(of.ProtoUDP), of.UDPSrc(546), of.UDPDst(547))...)
}

func routerSolicited(where ...of.FieldValue) of.Match {
	return on(append(where, of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(133), of.ICMPv6Code(0))...)
}
