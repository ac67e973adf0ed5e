package ofconn_test

import (
	"net/netip"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

var (
	mac1 = [6]byte{2, 0, 0, 0, 0, 1}
	mac2 = [6]byte{2, 0, 0, 0, 0, 2}
)

func pfx(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func ip(s string) netip.Addr    { return netip.MustParseAddr(s) }

// matches are terms of every kind this project has, each a match of its own.
func matches() [][]of.FieldValue {
	ip4, ip6, arp := of.EthType(of.TypeIPv4), of.EthType(of.TypeIPv6), of.EthType(of.TypeARP)
	label := [16]byte{3: 7, 15: 9}
	ones := [16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	half := [16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	with := func(head ...of.FieldValue) func(...of.FieldValue) []of.FieldValue {
		return func(tail ...of.FieldValue) []of.FieldValue {
			return append(append([]of.FieldValue(nil), head...), tail...)
		}
	}
	tcp, udp, tcp6 := with(ip4, of.IPProto(of.ProtoTCP)), with(ip4, of.IPProto(of.ProtoUDP)), with(ip6, of.IPProto(of.ProtoTCP))
	ns := with(ip6, of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(135), of.ICMPv6Code(0))
	na := with(ip6, of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(136), of.ICMPv6Code(0))
	tracked := of.CTState(of.CTTrk|of.CTEst, of.CTInv)
	all := [][]of.FieldValue{
		{},
		{of.InPort(1)}, {of.InPort(of.PortLocal)}, {of.InPort(of.PortController)},
		{of.Metadata(7)}, {of.MetadataMasked(7, 0xffffff)}, {of.Metadata(0)},
		{of.XXReg(0, label)}, {of.XXReg(1, [16]byte{})}, {of.XXReg(3, label)},
		{of.Number(of.FieldXReg0+2, 0x1234567800000009)}, {of.NumberMasked(of.FieldXReg0+3, 0x100000000, 0xf00000000)},
		{of.RegMasked(10, 1, 1), of.RegMasked(10, 0, 2)},
		{of.EthSrc(mac1)}, {of.EthDst(mac2)}, {of.MACMasked(of.FieldEthDst, [6]byte{1}, [6]byte{1})},
		{of.EthType(0x88cc)}, {of.EthType(of.TypeRARP)}, {ip4}, {ip6}, {arp}, {of.EthType(0x8847)},
		{of.VLAN(100)}, {of.VLAN(0)}, {of.NoVLAN()}, {of.AnyVLAN()}, {of.VLAN(100), of.VLANPCP(3)}, {of.AnyVLAN(), of.VLANPCP(5)},
		{ip4, of.IPSrc(pfx("10.0.0.1/32"))}, {ip4, of.IPDst(pfx("10.0.0.0/8"))}, {ip4, of.IPDst(pfx("0.0.0.0/0"))},
		{ip6, of.IPSrc(pfx("fd00::1/128"))}, {ip6, of.IPDst(pfx("fd00::/64"))}, {ip6, of.IPDst(pfx("::ffff:10.0.0.1/128"))}, {ip6, of.IPDst(pfx("::/128"))},
		{ip4, of.NumberMasked(of.FieldIPDst, 0x0a000001, 0xff0000ff)},
		{ip4, of.IPProto(of.ProtoICMP)}, {ip4, of.IPProto(2)}, {ip6, of.IPProto(of.ProtoICMPv6)}, {ip6, of.IPProto(0)}, {ip4, of.IPProto(of.ProtoSCTP), of.Number(of.FieldSCTPDst, 36412)},
		{ip4, of.TTL(1)}, {ip6, of.TTL(0)}, {ip4, of.DSCP(46)}, {ip4, of.Number(of.FieldIPECN, 3)},
		{ip4, of.LaterFragment(true)}, {ip4, of.LaterFragment(false)}, {ip4, of.Number(of.FieldIPFrag, 0)}, {ip4, of.Number(of.FieldIPFrag, 1)}, {ip4, of.NumberMasked(of.FieldIPFrag, 1, 1)},
		{ip6, of.Number(of.FieldIPv6Label, 0x12345)}, {ip6, of.NumberMasked(of.FieldIPv6Label, 0x345, 0xfff)},
		tcp(of.TCPSrc(80)), tcp(of.TCPDst(443)), tcp6(of.TCPDst(443)), tcp(of.NumberMasked(of.FieldTCPDst, 0x400, 0xfc00)),
		tcp(of.Number(of.FieldTCPFlags, 2)), tcp(of.NumberMasked(of.FieldTCPFlags, 2, 0x12)),
		udp(of.UDPSrc(53)), udp(of.UDPDst(6081)),
		{ip4, of.IPProto(of.ProtoICMP), of.ICMPType(8), of.ICMPCode(0)},
		ns(of.NDTarget(ip("fd00::1"))), ns(of.NDSLL(mac1)), na(of.NDTarget(ip("fe80::1")), of.NDTLL(mac2)),
		{arp, of.ARPOp(1), of.ARPSPA(pfx("10.0.0.1/32")), of.ARPTPA(pfx("10.0.0.0/24"))}, {arp, of.ARPSHA(mac1), of.ARPTHA(mac2)},
		{of.TunID(100)}, {of.NumberMasked(of.FieldTunID, 0x100, 0xf00)}, {of.TunSrc(pfx("192.0.2.1/32")), of.TunDst(pfx("192.0.2.0/24"))},
		{of.TunSrc(pfx("2001:db8::1/128")), of.TunDst(pfx("2001:db8::/32"))}, {of.TunOAM(true)}, {of.TunOAM(false)},
		{of.TunMetadata(0, []byte{0, 0, 0x12, 0x34})}, {of.TunMetadata(0, []byte{0, 0, 0, 0})},
		{of.TunMetadataMasked(0, []byte{0, 0, 0x12, 0x34}, []byte{0, 0, 0xff, 0xff})}, {of.TunMetadataMasked(0, []byte{0, 0, 0, 0}, []byte{0, 0, 0xff, 0xff})},
		{of.TunMetadata(1, []byte{1, 2, 3, 4, 5, 6, 7, 8})}, {of.TunMetadataMasked(1, make([]byte, 8), make([]byte, 8))},
		{of.PktMark(9)}, {of.NumberMasked(of.FieldPktMark, 0x10, 0xf0)},
		{tracked, ip4}, {of.CTState(of.CTTrk, 0)}, {of.Number(of.FieldCTState, 0x21)}, {of.CTState(0, of.CTTrk)}, {of.CTZone(5)}, {of.CTMark(3)}, {of.CTMarkMasked(0x100, 0xff00)},
		{of.CTLabel(label, ones)}, {of.CTLabel(label, half)},
		{tracked, ip4, of.Prefix(of.FieldCTNWSrc, pfx("10.0.0.0/8")), of.Addr(of.FieldCTNWDst, ip("10.0.0.1"))},
		{tracked, ip6, of.Prefix(of.FieldCTIPv6Src, pfx("fd00::/8")), of.Addr(of.FieldCTIPv6Dst, ip("fd00::1"))},
		{tracked, ip4, of.Number(of.FieldCTNWProto, 6), of.Number(of.FieldCTTPSrc, 1), of.NumberMasked(of.FieldCTTPDst, 0x10, 0xfff0)},
		{of.Metadata(5), of.Reg(8, 3), of.InPort(2), ip4, of.EthSrc(mac1), of.IPDst(pfx("10.1.0.0/16")), of.VLAN(7)},
	}
	for i := range 16 {
		all = append(all, []of.FieldValue{of.Reg(i, uint32(i))}, []of.FieldValue{of.RegMasked(i, 0x8000, 0xffff8000)})
	}
	return all
}

// actionLists are actions of every kind this project has.
func actionLists() [][]of.Action {
	do := func(a ...of.Action) []of.Action { return a }
	reg0, reg1 := of.Whole(of.FieldReg0), of.Bits(of.FieldReg0+1, 0, 16)
	all := [][]of.Action{
		do(), do(of.Output{Port: 1}), do(of.Output{Port: of.PortLocal}), do(of.Output{Port: of.PortInPort}), do(of.Output{Port: of.PortNormal}),
		do(of.Output{Port: of.PortController, MaxLen: 128}), do(of.OutputField{Source: reg1}), do(of.OutputField{Source: of.Bits(of.FieldReg0+5, 16, 16)}),
		do(of.Group{ID: 1}), do(of.PushVLAN{Type: 0x8100}, of.Set(of.VLAN(100)), of.Output{Port: 2}), do(of.PopVLAN{}, of.Output{Port: 2}),
		do(of.SetQueue{ID: 3}, of.Output{Port: 1}), do(of.Meter{ID: 1}, of.Output{Port: 1}),
		do(of.Set(of.Metadata(7))), do(of.Set(of.MetadataMasked(7, 0xff))), do(of.Set(of.Reg(15, 0))), do(of.Set(of.RegMasked(10, 1, 1))),
		do(of.Set(of.XXReg(0, [16]byte{1: 2}))), do(of.Set(of.Number(of.FieldXReg0, 5))), do(of.Set(of.NumberMasked(of.FieldXReg0, 5, 0xf))),
		do(of.Set(of.EthSrc(mac1)), of.Set(of.EthDst(mac2))), do(of.Set(of.MACMasked(of.FieldEthDst, mac2, [6]byte{0xff}))), do(of.Set(of.Number(of.FieldVLANPCP, 3))),
		do(of.Set(of.TunID(100)), of.Set(of.TunDst(pfx("192.0.2.2/32"))), of.Output{Port: 1}), do(of.Set(of.TunSrc(pfx("192.0.2.0/24")))), do(of.Set(of.TunDst(pfx("2001:db8::1/128")))),
		do(of.Set(of.TunMetadata(0, []byte{0, 0, 0x12, 0x34}))), do(of.Set(of.TunMetadata(0, []byte{0x80, 0, 0, 0}))), do(of.Set(of.TunMetadataMasked(0, []byte{0, 0, 0, 5}, []byte{0, 0, 0xff, 0xff}))),
		do(of.Set(of.TunMetadata(0, []byte{0, 0, 0, 0}))), do(of.Set(of.TunMetadata(1, []byte{1, 2, 3, 4, 5, 6, 7, 8}))), do(of.Set(of.TunMetadataMasked(0, []byte{0, 0, 0, 0}, []byte{0, 0, 0xff, 0xff}))),
		do(of.Set(of.PktMark(1))), do(of.Set(of.SetInPort(of.PortNone)), of.Output{Port: 1}), do(of.Set(of.SetInPort(2))), do(of.Set(of.TunOAM(true))),
		do(of.Move{From: reg0, To: of.Whole(of.FieldReg0 + 1)}), do(of.Move{From: of.Bits(of.FieldReg0, 16, 8), To: of.Bits(of.FieldMetadata, 0, 8)}),
		do(of.Move{From: of.Whole(of.FieldEthSrc), To: of.Whole(of.FieldEthDst)}), do(of.Move{From: of.TunMetadataBits(0, 4, 0, 16), To: of.Bits(of.FieldReg0+8, 0, 16)}),
		do(of.Move{From: of.Bits(of.FieldReg0+8, 0, 16), To: of.TunMetadataBits(0, 4, 0, 16)}), do(of.Move{From: of.Whole(of.FieldTunID), To: of.Whole(of.FieldMetadata)}),
		do(of.Move{From: of.Bits(of.FieldXXReg0, 0, 128), To: of.Whole(of.FieldXXReg0 + 1)}), do(of.Move{From: of.Whole(of.FieldActionInPort), To: reg1}),
		do(of.Resubmit{Table: 48}), do(of.Resubmit{Table: 48, Port: 2}), do(of.Resubmit{Table: 200}, of.Output{Port: 1}), do(of.Resubmit{Table: 255, Port: 3}),
		do(of.Goto{Table: 100}), do(of.Output{Port: 1}, of.Goto{Table: 100}), do(of.WriteMetadata{Value: 5, Mask: ^uint64(0)}, of.Goto{Table: 100}), do(of.WriteMetadata{Value: 5, Mask: 0xff}),
		do(of.ClearActions{}), do(of.WriteActions{Actions: []of.Action{of.Output{Port: 1}}}, of.Goto{Table: 100}), do(of.Output{Port: 2}, of.ClearActions{}, of.WriteMetadata{Value: 1, Mask: 1}),
		do(of.Controller{}), do(of.Controller{MaxLen: 128}), do(of.Controller{ID: 5}), do(of.Controller{Reason: of.ReasonInvalidTTL}), do(of.Controller{Userdata: "\x00\x01"}),
		do(of.Controller{Userdata: "abcdefgh", Pause: true, Meter: 1, MaxLen: 64, ID: 7}), do(of.Controller{Pause: true}), do(of.Controller{Meter: 1}), do(of.Controller{Userdata: "x", Reason: of.ReasonNoMatch + 2}),
		do(of.CheckPktLarger{Len: 1514, To: of.Bits(of.FieldReg0+15, 0, 1)}), do(of.Sample{Probability: 65535, CollectorSet: 1, Domain: 2, Point: 3}),
		do(of.Sample{Probability: 1, CollectorSet: 1, Domain: 2, Point: 3, Port: 1}), do(of.Sample{Probability: 1, CollectorSet: 1, Port: 1, Direction: of.DirectionEgress}, of.Output{Port: 1}), do(of.Sample{Probability: 1, Direction: of.DirectionIngress}),
		do(of.Clone{Actions: []of.Action{of.Set(of.Reg(0, 1)), of.Output{Port: 1}}}, of.Output{Port: 2}), do(of.Clone{}),
		do(of.Note{Text: "sluice"}), do(of.Note{Text: "sluice is 14 b"}), do(of.CTClear{}, of.Resubmit{Table: 1}), do(of.Exit{}),
		do(of.BundlePorts{Fields: of.HashIPSrc, Algorithm: of.BundleHRW, Members: []of.Port{1, 2, 3}}), do(of.BundlePorts{Algorithm: of.BundleActiveBackup, Members: []of.Port{1}, To: &reg1}),
		do(of.BundlePorts{Fields: of.HashSymmetricL3L4UDP, Basis: 7, Algorithm: of.BundleHRW, Members: []of.Port{1, 2}, To: &reg0}),
	}
	return append(all, learns()...)
}

// learns are the ways to learn a flow.
func learns() [][]of.Action {
	src, dst := of.Whole(of.FieldEthSrc), of.Whole(of.FieldEthDst)
	meta, port := of.Whole(of.FieldMetadata), of.Whole(of.FieldActionInPort)
	low := of.Bits(of.FieldReg0+8, 0, 16)
	return [][]of.Action{{of.Learn{
		Table: 18, Priority: 100, Cookie: 0x77, IdleTimeout: 300, HardTimeout: 600, FlowRemoved: true, DeleteLearned: true,
		Specs: []of.LearnSpec{
			{Kind: of.LearnMatch, From: &src, To: dst},
			{Kind: of.LearnMatch, From: &meta, To: meta},
			{Kind: of.LearnMatch, Value: "\x08\x00", To: of.Whole(of.FieldEthType)},
			{Kind: of.LearnMatch, Value: "\x07", To: of.Bits(of.FieldReg0+1, 0, 8)},
			{Kind: of.LearnLoad, Value: "\x00\x05", To: low},
			{Kind: of.LearnLoad, From: &low, To: of.Bits(of.FieldReg0+9, 16, 16)},
			{Kind: of.LearnOutput, From: &port},
		},
	}}, {of.Learn{Table: 1, Priority: of.DefaultPriority}, of.Output{Port: 1}}}
}

// tracking are actions that need an IP packet.
func tracking() [][]of.Action {
	zone := of.Bits(of.FieldReg0+12, 0, 16)
	nat := func(n of.NAT) []of.Action {
		return []of.Action{of.CT{Commit: true, Zone: 1, NAT: &n, Table: 34, Recirculate: true}}
	}
	return [][]of.Action{
		{of.CT{}}, {of.CT{Zone: 5, Table: 9, Recirculate: true}}, {of.CT{ZoneField: &zone, Recirculate: true, Table: 43}},
		{of.CT{Commit: true, Zone: 65535}}, {of.CT{Commit: true, Force: true}},
		{of.CT{Commit: true, ZoneField: &zone, Exec: []of.Action{of.Set(of.CTMarkMasked(1, 0xff)), of.Set(of.CTMark(7))}}, of.Resubmit{Table: 48}},
		{of.CT{Commit: true, NAT: &of.NAT{}, Exec: []of.Action{of.Set(of.CTLabel([16]byte{15: 9}, [16]byte{12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}))}}},
		{of.CT{Commit: true, Exec: []of.Action{of.Move{From: of.Whole(of.FieldReg0), To: of.Whole(of.FieldCTMark)}}}},
		{of.CT{NAT: &of.NAT{}, Table: 26, Recirculate: true}}, nat(of.NAT{Src: true}), nat(of.NAT{Dst: true, First: ip("10.0.0.1")}),
		nat(of.NAT{Src: true, First: ip("10.0.0.1"), Last: ip("10.0.0.9"), FirstPort: 1024, LastPort: 65535, Random: true}),
		nat(of.NAT{Dst: true, First: ip("10.0.0.1"), FirstPort: 80, Hash: true, Persistent: true}),
		nat(of.NAT{Src: true, First: ip("10.0.0.1"), Persistent: true}),
		{of.DecTTL{}, of.Set(of.EthDst(mac1)), of.Set(of.IPSrc(pfx("10.0.0.1/32"))), of.Set(of.IPDst(pfx("10.0.0.0/8"))), of.Set(of.TTL(64)), of.Set(of.DSCP(46))},
	}
}

// tracking6 are those of IPv6.
func tracking6() [][]of.Action {
	nat := func(n of.NAT) []of.Action { return []of.Action{of.CT{Commit: true, Zone: 1, NAT: &n}} }
	return [][]of.Action{
		nat(of.NAT{Src: true, First: ip("fd00::1"), Last: ip("fd00::9")}), nat(of.NAT{Dst: true, First: ip("fd00::1"), FirstPort: 80}),
		nat(of.NAT{Dst: true, First: ip("fd00::1"), Last: ip("fd00::3"), FirstPort: 80, LastPort: 90}),
		{of.DecTTL{}, of.Set(of.IPDst(pfx("fd00::1/128")))},
	}
}

// answers build a reply out of a request.
func answers() (arp, echo, ns, na []of.Action) {
	reply := of.Set(of.ARPOp(2))
	arp = []of.Action{
		of.Move{From: of.Whole(of.FieldEthSrc), To: of.Whole(of.FieldEthDst)}, of.Set(of.EthSrc(mac1)), reply,
		of.Move{From: of.Whole(of.FieldARPSHA), To: of.Whole(of.FieldARPTHA)}, of.Set(of.ARPSHA(mac1)),
		of.Move{From: of.Whole(of.FieldARPSPA), To: of.Whole(of.FieldARPTPA)}, of.Set(of.ARPSPA(pfx("10.0.0.1/32"))), of.Output{Port: of.PortInPort},
	}
	echo = []of.Action{of.Move{From: of.Whole(of.FieldIPSrc), To: of.Whole(of.FieldIPDst)}, of.Set(of.ICMPType(0)), of.Set(of.ICMPCode(0)), of.Output{Port: of.PortInPort}}
	ns = []of.Action{of.Set(of.ICMPv6Type(136)), of.Set(of.NDTarget(ip("fd00::1"))), of.Set(of.NDSLL(mac1)), of.Resubmit{Table: 13}}
	na = []of.Action{of.Set(of.NDOptionsType(2)), of.Move{From: of.Whole(of.FieldReg0), To: of.Whole(of.FieldNDReserved)}, of.Set(of.NDTLL(mac2)), of.Move{From: of.Whole(of.FieldXXReg0), To: of.Whole(of.FieldIPv6Src)}, of.Output{Port: of.PortInPort}}
	return arp, echo, ns, na
}

// shapes are flows that between them use every field and action there is, each
// with a key of its own.
func shapes() []of.Flow {
	var all []of.Flow
	flow := func(do []of.Action, terms ...of.FieldValue) {
		n := len(all)
		all = append(all, of.Flow{
			Table: uint8(n % 90), Priority: uint16(n), Cookie: uint64(n)<<60 | uint64(n), Match: of.NewMatch(terms...), Do: of.Do(do...),
		})
	}
	for _, terms := range matches() {
		flow([]of.Action{of.Resubmit{Table: 99}}, terms...)
	}
	for _, do := range actionLists() {
		flow(do, of.VLAN(5))
	}
	for _, do := range tracking() {
		flow(do, of.EthType(of.TypeIPv4))
	}
	for _, do := range tracking6() {
		flow(do, of.EthType(of.TypeIPv6))
	}
	arp, echo, ns, na := answers()
	flow(arp, of.EthType(of.TypeARP))
	flow(echo, of.EthType(of.TypeIPv4), of.IPProto(of.ProtoICMP), of.ICMPType(8), of.ICMPCode(0))
	flow(ns, of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(135), of.ICMPv6Code(0))
	flow(na, of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(136), of.ICMPv6Code(0))
	tracked := of.CTState(of.CTTrk|of.CTEst, of.CTInv)
	flow([]of.Action{of.Resubmit{Table: 48, CT: true}}, tracked, of.EthType(of.TypeIPv4))
	flow([]of.Action{of.CT{Commit: true, ALG: 21}}, of.EthType(of.TypeIPv4), of.IPProto(of.ProtoTCP))
	for i := range uint8(2) {
		flow([]of.Action{of.Conjunction{ID: 7, Clause: i + 1, Clauses: 2}}, of.InPort(of.Port(i)+1))
	}
	all = append(all,
		of.Flow{Table: 91, Priority: of.DefaultPriority, IdleTimeout: 60, HardTimeout: 120, Importance: 9, Flags: of.FlowSendRemoved | of.FlowNoByteCounts | of.FlowNoPacketCounts},
		of.Flow{Table: 92, Priority: 65535, Match: of.NewMatch(of.Metadata(1))},
		of.Flow{Priority: of.DefaultPriority, Match: of.NewMatch(of.Reg(3, 1))},
	)
	return all
}
