package openflow

import (
	"bytes"
	"fmt"
)

// String is the match as ovs-ofctl prints it (lib/match.c, match_format, OVS
// 3.1); what this package does not know is printed in hexadecimal behind it.
func (m Match) String() string {
	var c matcher
	c.parse([]byte(m))
	p := matchPrinter{}
	for i := range c.terms {
		if int(c.terms[i].field) < len(p.by) {
			p.by[c.terms[i].field] = &c.terms[i]
		}
	}
	p.match()
	for _, u := range c.unknown {
		p.f("oxm=0x%x,", u)
	}
	if c.broken != "" {
		p.f("oxm=0x%x,", c.broken)
	}
	return chomp(p.String())
}

// matchPrinter prints a match from its terms by field.
type matchPrinter struct {
	printer
	by [fieldCount]*FieldValue
}

func (p *matchPrinter) match() {
	p.number(FieldPktMark, "pkt_mark", hexC)
	p.ctState()
	p.plain(FieldCTZone, "ct_zone")
	p.number(FieldCTMark, "ct_mark", hexC)
	p.plain(FieldCTLabel, "ct_label")
	p.plain(FieldCTNWSrc, "ct_nw_src")
	p.plain(FieldCTIPv6Src, "ct_ipv6_src")
	p.plain(FieldCTNWDst, "ct_nw_dst")
	p.plain(FieldCTIPv6Dst, "ct_ipv6_dst")
	p.plain(FieldCTNWProto, "ct_nw_proto")
	p.short(FieldCTTPSrc, "ct_tp_src")
	p.short(FieldCTTPDst, "ct_tp_dst")
	ethType, proto := p.protocol()
	for i := range Field(registers) {
		p.number(FieldReg0+i, fields[FieldReg0+i].name, hexC)
	}
	p.tunnel()
	p.number(FieldMetadata, "metadata", hexC)
	if v := p.by[FieldInPort]; v != nil {
		p.f("in_port=%s,", v.text())
	}
	p.vlan()
	p.plain(FieldEthSrc, "dl_src")
	p.plain(FieldEthDst, "dl_dst")
	p.network(ethType, proto)
	p.transport(proto)
}

// plain prints a field as set_field does.
func (p *matchPrinter) plain(f Field, name string) {
	if v := p.by[f]; v != nil {
		p.f("%s=%s,", name, v.text())
	}
}

// number prints value and mask with one format (format_uint32_masked,
// format_be64_masked).
func (p *matchPrinter) number(f Field, name string, text func(uint64) string) {
	v := p.by[f]
	if v == nil {
		return
	}
	value, mask := v.Bytes()
	p.f("%s=%s", name, text(toUint(value)))
	if v.masked {
		p.f("/%s", text(toUint(mask)))
	}
	p.WriteByte(',')
}

// short prints a port or the like, in hexadecimal where masked (format_be16_masked).
func (p *matchPrinter) short(f Field, name string) {
	v := p.by[f]
	if v == nil {
		return
	}
	value, mask := v.Bytes()
	if v.masked {
		p.f("%s=0x%x/0x%x,", name, toUint(value), toUint(mask))
		return
	}
	p.f("%s=%d,", name, toUint(value))
}

func (p *matchPrinter) ctState() {
	v := p.by[FieldCTState]
	if v == nil {
		return
	}
	value, mask := v.Bytes()
	p.f("ct_state=%s,", flags(ctStateNames, toUint(value), toUint(mask)&0xff, 0xff))
}

// protocol prints the word for Ethernet type and protocol, and returns them; 0 is
// none.
func (p *matchPrinter) protocol() (ethType, proto uint64) {
	if v := p.by[FieldEthType]; v != nil {
		value, _ := v.Bytes()
		ethType = toUint(value)
	}
	v := p.by[FieldIPProto]
	if v != nil {
		value, _ := v.Bytes()
		proto = toUint(value)
	}
	names := map[uint64]string{TypeARP: "arp", TypeRARP: "rarp", 0x8847: "mpls", 0x8848: "mplsm"}
	switch ethType {
	case TypeIPv4:
		names = map[uint64]string{ProtoICMP: "icmp", ProtoTCP: "tcp", ProtoUDP: "udp", ProtoSCTP: "sctp"}
		p.word(names, proto, v != nil, "ip")
	case TypeIPv6:
		names = map[uint64]string{ProtoICMPv6: "icmp6", ProtoTCP: "tcp6", ProtoUDP: "udp6", ProtoSCTP: "sctp6"}
		p.word(names, proto, v != nil, "ipv6")
	default:
		if name, ok := names[ethType]; ok {
			p.f("%s,", name)
			p.by[FieldEthType] = nil
		}
	}
	return ethType, proto
}

// word prints the protocol's name, or the family's.
func (p *matchPrinter) word(names map[uint64]string, proto uint64, known bool, family string) {
	p.by[FieldEthType] = nil
	if name, ok := names[proto]; ok && known {
		p.by[FieldIPProto] = nil
		family = name
	}
	p.f("%s,", family)
}

func (p *matchPrinter) tunnel() {
	p.number(FieldTunID, "tun_id", hexC)
	p.plain(FieldTunSrc, "tun_src")
	p.plain(FieldTunDst, "tun_dst")
	p.plain(FieldTunIPv6Src, "tun_ipv6_src")
	p.plain(FieldTunIPv6Dst, "tun_ipv6_dst")
	if v := p.by[FieldTunFlags]; v != nil {
		value, mask := v.Bytes()
		// Every flag the switch has is in the mask it compares with, so that
		// oam alone prints as masked (lib/match.c, format_flow_tunnel).
		p.f("tun_flags=%s,", flags(tunFlagNames, toUint(value)&1, toUint(mask)&1, 1<<62))
	}
	for i := range Field(tunnelOptions) {
		v := p.by[FieldTunMetadata0+i]
		if v == nil {
			continue
		}
		// ovs-ofctl knows no lengths: it takes the bytes that count for all.
		short := v.trimmed()
		value, mask := short.Bytes()
		p.f("tun_metadata%d", i)
		if len(value) > 0 || !v.masked {
			p.f("=%s", hex(value))
		}
		if bytes.Trim(mask, "\xff") != nil {
			p.f("/%s", hex(mask))
		}
		p.WriteByte(',')
	}
}

func (p *matchPrinter) vlan() {
	vid, pcp := p.by[FieldVLANVID], p.by[FieldVLANPCP]
	if vid == nil {
		return
	}
	value, mask := vid.Bytes()
	tag, bits := toUint(value)&0x1fff, toUint(mask)&0x1fff
	var tci, tciBits uint64 = tag, bits
	if pcp != nil {
		v, _ := pcp.Bytes()
		tci, tciBits = tci|toUint(v)<<13, tciBits|0xe000
	}
	whole := bits&0xfff == 0xfff
	switch {
	case tag&vlanPresent != 0 && bits&vlanPresent != 0 && (whole || bits&0xfff == 0) && (whole || pcp != nil):
		if whole {
			p.f("dl_vlan=%d,", tag&0xfff)
		}
		if pcp != nil {
			p.f("dl_vlan_pcp=%d,", tci>>13)
		}
	case tciBits == 0xffff:
		p.f("vlan_tci=0x%04x,", tci)
	default:
		p.f("vlan_tci=0x%04x/0x%04x,", tci, tciBits)
	}
}

// network prints what stands after the Ethernet addresses, up to the fragment bits.
func (p *matchPrinter) network(ethType, proto uint64) {
	if v := p.by[FieldEthType]; v != nil {
		p.f("dl_type=0x%04x,", ethType)
	}
	p.plain(FieldIPv6Src, "ipv6_src")
	p.plain(FieldIPv6Dst, "ipv6_dst")
	if v := p.by[FieldIPv6Label]; v != nil {
		value, mask := v.Bytes()
		p.f("ipv6_label=0x%05x", toUint(value))
		if v.masked {
			p.f("/0x%05x", toUint(mask))
		}
		p.WriteByte(',')
	}
	p.plain(FieldARPSPA, "arp_spa")
	p.plain(FieldARPTPA, "arp_tpa")
	p.plain(FieldIPSrc, "nw_src")
	p.plain(FieldIPDst, "nw_dst")
	p.plain(FieldARPOp, "arp_op")
	if p.by[FieldIPProto] != nil {
		p.f("nw_proto=%d,", proto)
	}
	p.plain(FieldARPSHA, "arp_sha")
	p.plain(FieldARPTHA, "arp_tha")
	if v := p.by[FieldIPDSCP]; v != nil {
		value, _ := v.Bytes()
		p.f("nw_tos=%d,", toUint(value)<<2)
	}
	p.plain(FieldIPECN, "nw_ecn")
	p.plain(FieldIPTTL, "nw_ttl")
	if v := p.by[FieldIPFrag]; v != nil {
		value, mask := v.Bytes()
		p.f("nw_frag=%s,", fragment(toUint(value), toUint(mask)))
	}
}

// fragment prints the bits any (1) and later (2).
func fragment(value, mask uint64) string {
	words := map[[2]uint64]string{
		{1, 3}: "first", {3, 3}: "later", {0, 3}: "no", {1, 1}: "yes", {0, 1}: "no", {2, 2}: "later", {0, 2}: "not_later",
	}
	if w, ok := words[[2]uint64{value & 3, mask & 3}]; ok {
		return w
	}
	return "<error>"
}

func (p *matchPrinter) transport(proto uint64) {
	for _, f := range []Field{FieldICMPType, FieldICMPv6Type} {
		p.short(f, "icmp_type")
	}
	for _, f := range []Field{FieldICMPCode, FieldICMPv6Code} {
		p.short(f, "icmp_code")
	}
	p.plain(FieldNDTarget, "nd_target")
	p.plain(FieldNDSLL, "nd_sll")
	p.plain(FieldNDTLL, "nd_tll")
	p.plain(FieldNDReserved, "nd_reserved")
	p.plain(FieldNDOptionsType, "nd_options_type")
	for _, f := range []Field{FieldTCPSrc, FieldUDPSrc, FieldSCTPSrc} {
		p.short(f, "tp_src")
	}
	for _, f := range []Field{FieldTCPDst, FieldUDPDst, FieldSCTPDst} {
		p.short(f, "tp_dst")
	}
	if v := p.by[FieldTCPFlags]; v != nil && proto == ProtoTCP {
		p.f("tcp_flags=%s,", v.text())
	}
}

// String is the key as it begins a line of ovs-ofctl: table, priority and match.
func (k Key) String() string {
	return fmt.Sprintf("table=%d, %s", k.Table, chomp(matchText(k.Priority, k.Match)))
}
