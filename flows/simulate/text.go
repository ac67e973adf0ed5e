package simulate

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// protocols are the words that Open vSwitch has for an Ethernet type with a
// protocol (lib/ofp-match.c, ofp_parse_protocol, 3.1), the more exact first.
var protocols = []struct {
	word    string
	ethType uint16
	proto   uint8
}{
	{"tcp", TypeIPv4, ProtoTCP},
	{"udp", TypeIPv4, ProtoUDP},
	{"sctp", TypeIPv4, ProtoSCTP},
	{"icmp", TypeIPv4, ProtoICMP},
	{"tcp6", TypeIPv6, ProtoTCP},
	{"udp6", TypeIPv6, ProtoUDP},
	{"sctp6", TypeIPv6, ProtoSCTP},
	{"icmp6", TypeIPv6, ProtoICMPv6},
	{"ip", TypeIPv4, 0},
	{"ipv6", TypeIPv6, 0},
	{"arp", TypeARP, 0},
}

// l4 are the protocols with ports.
var l4 = map[uint8]string{ProtoTCP: "tcp", ProtoUDP: "udp", ProtoSCTP: "sctp"}

// String writes the packet as Open vSwitch writes a flow (lib/ofp-match.c,
// parse_ofp_exact_flow reads it), but for what is not there; size is our own.
func (p Packet) String() string {
	t := fields{}
	t.protocol(&p)
	t.add(p.VLAN != 0, "dl_vlan", p.VLAN)
	t.add(true, "dl_src", p.EthSrc)
	t.add(true, "dl_dst", p.EthDst)
	switch {
	case p.EthType == TypeARP:
		t.add(true, "arp_op", p.Proto)
		t.add(p.Src.IsValid(), "arp_spa", p.Src)
		t.add(p.Dst.IsValid(), "arp_tpa", p.Dst)
		t.add(true, "arp_sha", p.ARPSrc)
		t.add(true, "arp_tha", p.ARPDst)
	case p.isIP():
		t.ip(&p)
	}
	t.add(p.Size != 0, "size", p.Size)
	return strings.Join(t, ",")
}

// fields are the parts of a flow's text.
type fields []string

func (t *fields) add(there bool, key string, value any) {
	if there {
		*t = append(*t, fmt.Sprintf("%s=%v", key, value))
	}
}

func (t *fields) protocol(p *Packet) {
	for _, w := range protocols {
		if w.ethType == p.EthType && (w.proto == p.Proto || w.proto == 0) {
			*t = append(*t, w.word)
			t.add(w.proto == 0 && p.isIP(), "nw_proto", p.Proto)
			return
		}
	}
	t.add(true, "dl_type", fmt.Sprintf("0x%04x", p.EthType))
}

func (t *fields) ip(p *Packet) {
	family := "nw"
	if p.EthType == TypeIPv6 {
		family = "ipv6"
	}
	t.add(p.Src.IsValid(), family+"_src", p.Src)
	t.add(p.Dst.IsValid(), family+"_dst", p.Dst)
	t.add(true, "nw_ttl", p.TTL)
	switch {
	case p.isICMP():
		word := map[uint16]string{TypeIPv4: "icmp", TypeIPv6: "icmpv6"}[p.EthType]
		t.add(true, word+"_type", p.SrcPort)
		t.add(true, word+"_code", p.DstPort)
	case l4[p.Proto] != "":
		t.add(true, l4[p.Proto]+"_src", p.SrcPort)
		t.add(true, l4[p.Proto]+"_dst", p.DstPort)
	}
	if p.isND() {
		t.add(p.Target.IsValid(), "nd_target", p.Target)
		t.add(!p.SourceLL.IsZero(), "nd_sll", p.SourceLL)
		t.add(!p.TargetLL.IsZero(), "nd_tll", p.TargetLL)
		t.add(p.NDFlags != 0, "nd_reserved", fmt.Sprintf("%#x", p.NDFlags))
	}
}

// ParsePacket reads what String writes, and tp_src and tp_dst for the ports of any
// protocol.
func ParsePacket(text string) (Packet, error) {
	var p Packet
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if err := p.set(key, value); err != nil {
			return Packet{}, fmt.Errorf("packet: %s: %w", key, err)
		}
	}
	return p, nil
}

func (p *Packet) set(key, value string) (err error) {
	for _, w := range protocols {
		if w.word == key && value == "" {
			p.EthType, p.Proto = w.ethType, w.proto
			return nil
		}
	}
	switch key {
	case "dl_src":
		p.EthSrc, err = logical.ParseMAC(value)
	case "dl_dst":
		p.EthDst, err = logical.ParseMAC(value)
	case "arp_sha":
		p.ARPSrc, err = logical.ParseMAC(value)
	case "arp_tha":
		p.ARPDst, err = logical.ParseMAC(value)
	case "nd_sll":
		p.SourceLL, err = logical.ParseMAC(value)
	case "nd_tll":
		p.TargetLL, err = logical.ParseMAC(value)
	case "nw_src", "ipv6_src", "arp_spa":
		p.Src, err = netip.ParseAddr(value)
	case "nw_dst", "ipv6_dst", "arp_tpa":
		p.Dst, err = netip.ParseAddr(value)
	case "nd_target":
		p.Target, err = netip.ParseAddr(value)
	default:
		return p.setNumber(key, value)
	}
	return err
}

func (p *Packet) setNumber(key, value string) (err error) {
	n := func(bits int) (v uint64) {
		v, err = strconv.ParseUint(value, 0, bits)
		return v
	}
	switch key {
	case "dl_type":
		p.EthType = uint16(n(16))
	case "dl_vlan":
		p.VLAN = uint16(n(12))
	case "nw_proto", "arp_op":
		p.Proto = uint8(n(8))
	case "nw_ttl":
		p.TTL = uint8(n(8))
	case "tp_src", "tcp_src", "udp_src", "sctp_src", "icmp_type", "icmpv6_type":
		p.SrcPort = uint16(n(16))
	case "tp_dst", "tcp_dst", "udp_dst", "sctp_dst", "icmp_code", "icmpv6_code":
		p.DstPort = uint16(n(16))
	case "nd_reserved":
		p.NDFlags = uint32(n(32))
	case "size":
		p.Size = int(n(16))
	default:
		return fmt.Errorf("no such field")
	}
	return err
}
