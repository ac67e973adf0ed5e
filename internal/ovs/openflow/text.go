package openflow

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// printer builds text as ovs-ofctl does, without colours and names of ports.
type printer struct{ strings.Builder }

func (p *printer) f(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

// chomp is the text without the comma at its end.
func chomp(s string) string { return strings.TrimSuffix(s, ",") }

// hex prints bytes as one number (lib/dynamic-string.c, ds_put_hex).
func hex(b []byte) string {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) == 0 {
		return "0"
	}
	return "0x" + strings.TrimLeft(fmt.Sprintf("%x", b), "0")
}

// hexC prints a number as C's %#x does, 0 without prefix.
func hexC(v uint64) string {
	if v == 0 {
		return "0"
	}
	return "0x" + strconv.FormatUint(v, 16)
}

// dots prints bytes as "00.ff" (lib/ofp-actions.c, format_hex_arg).
func dots(b string) string {
	var p printer
	for i := range len(b) {
		if i > 0 {
			p.WriteByte('.')
		}
		p.f("%02x", b[i])
	}
	return p.String()
}

func mac(b []byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
}

func addr(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	if a.Is4In6() { // as inet_ntop writes it
		return "::ffff:" + netip.AddrFrom4([4]byte(b[12:])).String()
	}
	return a.String()
}

// uint is a value of at most 8 bytes as a number.
func toUint(b []byte) uint64 {
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}

// flags prints bits by name, "+trk-inv" where a mask leaves some out and
// "est|trk" otherwise (lib/flow.c, format_flags_masked).
func flags(names []string, value, mask, all uint64) string {
	name := func(bit int) string {
		if bit < len(names) && names[bit] != "" {
			return names[bit]
		}
		return "[Unknown]"
	}
	var p printer
	if mask == all {
		if value == 0 {
			return "0"
		}
		sep := ""
		for v := value; v != 0; v &= v - 1 {
			if bit := bits.TrailingZeros64(v); bit < len(names) && names[bit] != "" {
				p.f("%s%s", sep, names[bit])
				sep = "|"
				value &^= 1 << bit
			}
		}
		if value != 0 {
			p.f("%s0x%x", sep, value)
		}
		return p.String()
	}
	if mask == 0 {
		return "0/0"
	}
	for v := mask; v != 0; v &= v - 1 {
		bit := bits.TrailingZeros64(v)
		sign := "-"
		if value>>bit&1 != 0 {
			sign = "+"
		}
		p.f("%s%s", sign, name(bit))
	}
	return p.String()
}

var (
	// lib/packets.h, CS_STATES.
	ctStateNames = []string{"new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"}
	// lib/packets.c, packet_tcp_flag_to_string.
	tcpFlagNames = []string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns", "[200]", "[400]", "[800]"}
	// lib/flow.c, flow_tun_flag_to_string.
	tunFlagNames = []string{"oam"}
)

// prefix is the number of leading ones, if the mask is nothing else.
func prefix(mask []byte) (n int, ok bool) {
	for _, m := range mask {
		n += bits.LeadingZeros8(^m)
		if m != 0xff {
			break
		}
	}
	for i := range mask {
		if mask[i] != prefixByte(n, i) {
			return 0, false
		}
	}
	return n, true
}

func prefixByte(n, i int) byte {
	switch left := n - 8*i; {
	case left >= 8:
		return 0xff
	case left <= 0:
		return 0
	default:
		return ^byte(0) << (8 - left)
	}
}

// masked prints an address or MAC with what follows its slash.
func (v FieldValue) withMask(text func([]byte) string) string {
	value, mask := v.Bytes()
	s := text(value)
	if !v.masked {
		return s
	}
	if n, ok := prefix(mask); ok && v.size != 6 {
		return s + "/" + strconv.Itoa(n)
	}
	return s + "/" + text(mask)
}

// text prints the value as set_field does (lib/meta-flow.c, mf_format).
func (v FieldValue) text() string {
	value, mask := v.Bytes()
	allZero := v.masked
	for _, m := range mask {
		allZero = allZero && m == 0
	}
	if allZero {
		return "ANY"
	}
	width := fields[v.field].bits
	all := uint64(1)<<width - 1
	switch fields[v.field].format {
	case formatMAC:
		return v.withMask(mac)
	case formatIPv4, formatIPv6:
		return v.withMask(addr)
	case formatPort:
		return portText(value)
	case formatCTState:
		if !v.masked {
			return flags(ctStateNames, toUint(value), 1<<32-1, 0xffff)
		}
		return flags(ctStateNames, toUint(value), toUint(mask), 0xffff)
	case formatTunFlags:
		return flags(tunFlagNames, toUint(value), toUint(mask)&all, all)
	case formatTCPFlags:
		return flags(tcpFlagNames, toUint(value), toUint(mask)&all, all)
	case formatHex:
		s := hex(value)
		if v.masked {
			s += "/" + hex(mask)
		}
		return s
	default:
		s := strconv.FormatUint(toUint(value), 10)
		if v.masked {
			s += "/" + hex(mask)
		}
		return s
	}
}

func portText(value []byte) string {
	if len(value) == 2 {
		return longPort(binary.BigEndian.Uint16(value)).String()
	}
	return Port(binary.BigEndian.Uint32(value)).String()
}

// String prints the value as a term, "eth_src=02:00:00:00:00:01".
func (v FieldValue) String() string { return v.field.String() + "=" + v.text() }

// String prints "NXM_NX_REG0[0..15]" (lib/nx-match.c, mf_format_subfield).
func (s Subfield) String() string {
	name := "<unknown>"
	if int(s.Field) < len(fields) {
		name = fields[s.Field].formal
	}
	switch {
	case s.whole():
		return name + "[]"
	case s.Bits == 1:
		return fmt.Sprintf("%s[%d]", name, s.Offset)
	default:
		return fmt.Sprintf("%s[%d..%d]", name, s.Offset, int(s.Offset)+int(s.Bits)-1)
	}
}
