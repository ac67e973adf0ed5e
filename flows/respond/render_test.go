package respond_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// render writes a frame the way tcpdump -env does, reading it byte by byte with nothing of
// the code under test. What is wrong with a length or a checksum it says in capitals.
func render(b []byte) string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s > %s, ", net.HardwareAddr(b[6:12]), net.HardwareAddr(b[:6]))
	switch binary.BigEndian.Uint16(b[12:]) {
	case 0x0800:
		ipv4(&w, b[14:])
	case 0x86dd:
		ipv6(&w, b[14:])
	default:
		fmt.Fprintf(&w, "ethertype %#04x", b[12:14])
	}
	return w.String()
}

func ipv4(w *strings.Builder, b []byte) {
	if int(binary.BigEndian.Uint16(b[2:])) != len(b) {
		w.WriteString("BAD LENGTH ")
	}
	if ones(b[:20]) != 0xffff {
		w.WriteString("BAD IP CHECKSUM ")
	}
	from, to := netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
	fmt.Fprintf(w, "IPv4 (ttl %d, length %d) ", b[8], len(b))
	pseudo := append(append([]byte{}, b[12:20]...), 0, b[9], byte((len(b)-20)>>8), byte(len(b)-20))
	transport(w, from, to, b[9], b[20:], pseudo)
}

func ipv6(w *strings.Builder, b []byte) {
	if int(binary.BigEndian.Uint16(b[4:])) != len(b)-40 {
		w.WriteString("BAD LENGTH ")
	}
	from, to := netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
	fmt.Fprintf(w, "IPv6 (hlim %d, length %d) ", b[7], len(b)-40)
	pseudo := append(append([]byte{}, b[8:40]...), 0, 0, byte((len(b)-40)>>8), byte(len(b)-40), 0, 0, 0, b[6])
	transport(w, from, to, b[6], b[40:], pseudo)
}

func ones(b []byte) uint32 {
	s := uint32(0)
	for i, c := range b {
		s += uint32(c) << (8 * (1 - i%2))
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return s
}

func transport(w *strings.Builder, from, to netip.Addr, proto byte, b, pseudo []byte) {
	checked := append(pseudo, b...)
	if proto == 1 {
		checked = b
	}
	switch {
	case proto != 6 && ones(checked) != 0xffff:
		w.WriteString("BAD CHECKSUM ")
	}
	switch proto {
	case 17:
		sport, dport := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		fmt.Fprintf(w, "%s > %s: UDP", netip.AddrPortFrom(from, sport), netip.AddrPortFrom(to, dport))
		if int(binary.BigEndian.Uint16(b[4:])) != len(b) {
			w.WriteString(" BAD UDP LENGTH")
		}
		switch sport {
		case 53:
			query(w, b[8:])
		case 67:
			bootp(w, b[8:])
		case 547:
			dhcp6(w, b[8:], "\n  ", true)
		}
	case 1:
		fmt.Fprintf(w, "%s > %s: ICMP type %d code %d, %d, about\n    ", from, to, b[0], b[1], binary.BigEndian.Uint32(b[4:]))
		quoted(w, b[8:])
	case 58:
		fmt.Fprintf(w, "%s > %s: ICMP6 type %d code %d", from, to, b[0], b[1])
		icmp6(w, b)
	default:
		fmt.Fprintf(w, "%s > %s: protocol %d", from, to, proto)
	}
}

func quoted(w *strings.Builder, b []byte) {
	if b[0]>>4 == 4 {
		fmt.Fprintf(w, "IPv4 ttl %d %s > %s protocol %d, %d of %d bytes", b[8], netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:])), b[9], len(b), binary.BigEndian.Uint16(b[2:]))
		return
	}
	fmt.Fprintf(w, "IPv6 hlim %d %s > %s next header %d, %d of %d bytes", b[7], netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:])), b[6], len(b), 40+int(binary.BigEndian.Uint16(b[4:])))
}

func icmp6(w *strings.Builder, b []byte) {
	var options []byte
	switch b[0] {
	case 2, 3:
		fmt.Fprintf(w, ", %d, about\n    ", binary.BigEndian.Uint32(b[4:]))
		quoted(w, b[8:])
		return
	case 133:
		options = b[8:]
	case 134:
		fmt.Fprintf(w, ", hop limit %d, flags %#02x, router lifetime %d, reachable %d, retransmit %d", b[4], b[5], binary.BigEndian.Uint16(b[6:]), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:]))
		options = b[16:]
	case 135, 136:
		fmt.Fprintf(w, ", flags %#02x, target %s", b[4], netip.AddrFrom16([16]byte(b[8:])))
		options = b[24:]
	}
	for len(options) > 0 {
		o := options[:8*int(options[1])]
		options = options[len(o):]
		switch o[0] {
		case 1, 2:
			fmt.Fprintf(w, "\n    option %d: %s", o[0], net.HardwareAddr(o[2:8]))
		case 3:
			fmt.Fprintf(w, "\n    prefix %s/%d, flags %#02x, valid %d, preferred %d", netip.AddrFrom16([16]byte(o[16:])), o[2], o[3], binary.BigEndian.Uint32(o[4:]), binary.BigEndian.Uint32(o[8:]))
		case 5:
			fmt.Fprintf(w, "\n    MTU %d", binary.BigEndian.Uint32(o[4:]))
		case 25:
			fmt.Fprintf(w, "\n    DNS for %d:", binary.BigEndian.Uint32(o[4:]))
			for a := o[8:]; len(a) > 0; a = a[16:] {
				fmt.Fprintf(w, " %s", netip.AddrFrom16([16]byte(a)))
			}
		case 31:
			fmt.Fprintf(w, "\n    search for %d: %q", binary.BigEndian.Uint32(o[4:]), o[8:])
		default:
			fmt.Fprintf(w, "\n    option %d: %x", o[0], o[2:])
		}
	}
}

func bootp(w *strings.Builder, b []byte) {
	ip := func(at int) netip.Addr { return netip.AddrFrom4([4]byte(b[at:])) }
	fmt.Fprintf(w, "\n    BOOTP op %d xid %x flags %x client-ip %s your-ip %s server-ip %s chaddr %s", b[0], b[4:8], b[10:12], ip(12), ip(16), ip(20), net.HardwareAddr(b[28:34]))
	for o := b[240:]; len(o) > 0 && o[0] != 255; {
		if o[0] == 0 {
			o = o[1:]
			continue
		}
		v := o[2 : 2+int(o[1])]
		switch o[0] {
		case 12, 15, 56:
			fmt.Fprintf(w, "\n    option %d: %q", o[0], v)
		case 26, 51, 53, 58, 59:
			var n [8]byte
			copy(n[8-len(v):], v)
			fmt.Fprintf(w, "\n    option %d: %d", o[0], binary.BigEndian.Uint64(n[:]))
		case 61, 121:
			fmt.Fprintf(w, "\n    option %d: %x", o[0], v)
		default:
			fmt.Fprintf(w, "\n    option %d:", o[0])
			for ; len(v) >= 4; v = v[4:] {
				fmt.Fprintf(w, " %s", netip.AddrFrom4([4]byte(v)))
			}
		}
		o = o[2+int(o[1]):]
	}
}

func dhcp6(w *strings.Builder, b []byte, indent string, head bool) {
	if head {
		fmt.Fprintf(w, "%s  DHCPv6 type %d xid %x", indent, b[0], b[1:4])
		b = b[4:]
	}
	for len(b) > 0 {
		code, v := binary.BigEndian.Uint16(b), b[4:4+int(binary.BigEndian.Uint16(b[2:]))]
		b = b[4+len(v):]
		fmt.Fprintf(w, "%s  option %d: ", indent, code)
		switch code {
		case 3, 25:
			fmt.Fprintf(w, "IAID %x T1 %d T2 %d", v[:4], binary.BigEndian.Uint32(v[4:]), binary.BigEndian.Uint32(v[8:]))
			dhcp6(w, v[12:], indent+"  ", false)
		case 5:
			fmt.Fprintf(w, "%s preferred %d valid %d", netip.AddrFrom16([16]byte(v)), binary.BigEndian.Uint32(v[16:]), binary.BigEndian.Uint32(v[20:]))
		case 13:
			fmt.Fprintf(w, "status %d %q", binary.BigEndian.Uint16(v), v[2:])
		case 23:
			for ; len(v) > 0; v = v[16:] {
				fmt.Fprintf(w, "%s ", netip.AddrFrom16([16]byte(v)))
			}
		default:
			fmt.Fprintf(w, "%x", v)
		}
	}
}

func query(w *strings.Builder, b []byte) {
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil {
		fmt.Fprintf(w, " BAD DNS: %v", err)
		return
	}
	fmt.Fprintf(w, "\n    DNS id %d response %t authoritative %t %s", m.ID, m.Response, m.Authoritative, m.RCode)
	for _, q := range m.Questions {
		fmt.Fprintf(w, "\n    %s %s?", q.Name, q.Type)
	}
	for _, r := range m.Answers {
		fmt.Fprintf(w, "\n    %s %d ", r.Header.Name, r.Header.TTL)
		switch v := r.Body.(type) {
		case *dnsmessage.AResource:
			fmt.Fprintf(w, "A %s", netip.AddrFrom4(v.A))
		case *dnsmessage.AAAAResource:
			fmt.Fprintf(w, "AAAA %s", netip.AddrFrom16(v.AAAA))
		case *dnsmessage.PTRResource:
			fmt.Fprintf(w, "PTR %s", v.PTR)
		}
	}
	for _, r := range m.Additionals {
		fmt.Fprintf(w, "\n    additional %s, %d bytes", r.Header.Type, r.Header.Class)
	}
}

// bad says whether something is wrong with a frame: its text has it in capitals.
func bad(text string) bool { return strings.Contains(text, "BAD ") }
