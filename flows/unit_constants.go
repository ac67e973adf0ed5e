package flows

import (
	"net/netip"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Priorities of what is not sorted by prefix length.
const (
	prioMiss = 0
	prioLess = 50
	// What no router forwards comes behind its own addresses.
	prioSpecial = 90
	prioOpen    = 10 // unknown receivers
	prioMatch   = 100
	// Of requests: what this host answers in any case, what it leaves to others
	// because it came from a physical network, and then the rest.
	prioOutside = 105
	prioHere    = 107
	prioNobody  = 108
	prioMore    = 110
	prioFirst   = 200
)

var multicastBit = [6]byte{0x01}

// multicast matches what is for several receivers.
func multicast() of.FieldValue { return of.MACMasked(of.FieldEthDst, multicastBit, multicastBit) }

// constants are the flows that do not depend on the network.
func constants(r *rules) {
	neighbourGate(r)
	// ARP, and what is for all, may be answered here. Neither is ever tracked.
	r.add(TableGateFrom, prioMore, on(of.EthType(of.TypeARP)), TableCtrl.then())
	r.add(TableGateFrom, prioMore, on(multicast()), TableCtrl.then())
	r.add(TableGateFrom, prioMiss, on(), TableL2.then())
	r.add(TableCtrl, prioMiss, on(), TableL2.then())
	finishAdvertisement(r)
	routerServices(r)
	specialRules(r)
	r.add(TableLRIn, prioMiss, on(), TableRoute.then())
	// A packet whose tunnel brought no port is looked up by its address.
	r.add(TableEgress, prioLess, on(outPort(0)), TableL2.again())
	r.add(TableEgress, prioMiss, on(), TableOut.then())
	tooBig := on(flag(bitTooBig, true))
	r.add(TableMTU, prioMatch, tooBig, ask(OpTooBig))
	for _, t := range []Table{TableLRIn, TableEgress, TableTunnel} {
		r.add(t, prioFirst, tooBig)
	}
	missRules(r)
}

// missRules drop what a table has no flow for. Without one OVS does so as well, but for as
// long as somebody holds a connection of OpenFlow before 1.3, or one that has said nothing
// yet by which OVS looks at its version (ovs-ofctl monitor): then each such packet goes to
// the slow path, for a packet-in that nobody gets (update_want_packet_in_on_miss in
// ofproto/connmgr.c, 2.17 to 4.0, seen with 3.1). They cost nothing, and name the drop.
func missRules(r *rules) {
	for _, t := range Tables() {
		switch t {
		case TableNDGate, TableGateFrom, TableCtrl, TableLRIn, TableEgress: // go on
		default:
			r.add(t, prioMiss, on())
		}
	}
}

// routerServices is what a router does with packets for itself (table LR_LOCAL): they
// are here behind their addresses, so that no other packet is asked for its protocol.
func routerServices(r *rules) {
	back := []of.Action{anyPort(), of.Set(flag(bitRouted, false)), TableLRIn.again()}
	v4 := []of.Action{
		of.Move{From: of.Whole(of.FieldIPSrc), To: of.Whole(of.FieldReg0 + regScratch)},
		of.Move{From: of.Whole(of.FieldIPDst), To: of.Whole(of.FieldIPSrc)},
		of.Move{From: of.Whole(of.FieldReg0 + regScratch), To: of.Whole(of.FieldIPDst)},
		of.Set(of.TTL(255)), of.Set(of.ICMPType(0)),
	}
	r.add(TableLRLocal, prioMatch, on(of.EthType(of.TypeIPv4), of.IPProto(of.ProtoICMP), of.ICMPType(8), of.ICMPCode(0)), append(v4, back...)...)
	r.add(TableLRLocal, prioMatch, echo6(), append(echoReply6(), back...)...)
	r.add(TableLRLocal, prioMatch, dhcpv4(), ask(OpDHCPv4))
	// Who asks a router alone from no address is not answered (RFC 4861, section 7.1.1).
	r.add(TableLRLocal, prioNobody, solicited(of.IPSrc(of.Host(netip.IPv6Unspecified()))))
	for _, family := range []uint16{of.TypeIPv4, of.TypeIPv6} {
		r.add(TableLRLocal, prioMatch, on(of.EthType(family), of.IPProto(of.ProtoUDP), of.UDPDst(53)), ask(OpDNS))
	}
}
