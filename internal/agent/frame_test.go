package agent

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// The frames of guests, made and read by hand: the test must not believe
// what the code under test believes.

const (
	etherARP  = 0x0806
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100

	protoICMP   = 1
	protoUDP    = 17
	protoICMPv6 = 58

	frameTTL = 64 // of everything a guest sends
)

var broadcast = logical.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

func ethernet(dst, src logical.MAC, ethertype uint16, payload []byte) []byte {
	b := append(append([]byte{}, dst[:]...), src[:]...)
	return append(binary.BigEndian.AppendUint16(b, ethertype), payload...)
}

// checksum is the Internet checksum (RFC 1071) of some pieces after another.
func checksum(pieces ...[]byte) uint16 {
	sum, odd := uint32(0), false
	for _, p := range pieces {
		for _, b := range p {
			if odd {
				sum += uint32(b)
			} else {
				sum += uint32(b) << 8
			}
			odd = !odd
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// packet is an IP packet of either family, with its Ethernet type. at is where the
// payload's own checksum stands.
func packet(src, dst netip.Addr, proto byte, ttl byte, payload []byte, at int) (uint16, []byte) {
	s, d := src.AsSlice(), dst.AsSlice()
	pseudo := binary.BigEndian.AppendUint32(append(append([]byte{}, s...), d...), uint32(len(payload)))
	pseudo = append(pseudo, 0, 0, 0, proto)
	if proto == protoICMP {
		pseudo = nil
	}
	binary.BigEndian.PutUint16(payload[at:], checksum(pseudo, payload))
	if src.Is6() {
		h := []byte{0x60, 0, 0, 0, byte(len(payload) >> 8), byte(len(payload)), proto, ttl}
		return etherIPv6, append(append(append(h, s...), d...), payload...)
	}
	size := 20 + len(payload)
	h := []byte{0x45, 0, byte(size >> 8), byte(size), 0, 0, 0, 0, ttl, proto, 0, 0}
	h = append(append(h, s...), d...)
	binary.BigEndian.PutUint16(h[10:], checksum(h))
	return etherIPv4, append(h, payload...)
}

// udp is a packet with a word to know it by.
func udp(src, dst netip.Addr, ttl byte, word string) (uint16, []byte) {
	return datagram(src, dst, ttl, 12345, 12345, []byte(word))
}

// datagram is a UDP packet from port to port.
func datagram(src, dst netip.Addr, ttl byte, from, to uint16, data []byte) (uint16, []byte) {
	b := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, from), to)
	b = append(binary.BigEndian.AppendUint16(b, uint16(8+len(data))), 0, 0)
	return packet(src, dst, protoUDP, ttl, append(b, data...), 6)
}

// echoRequest is a ping with a word to know it by.
func echoRequest(src, dst netip.Addr, ttl byte, word string) (uint16, []byte) {
	if src.Is6() {
		return packet(src, dst, protoICMPv6, ttl, append([]byte{128, 0, 0, 0, 0, 7, 0, 1}, word...), 2)
	}
	return packet(src, dst, protoICMP, ttl, append([]byte{8, 0, 0, 0, 0, 7, 0, 1}, word...), 2)
}

// who asks for the MAC of an address, as ARP (RFC 826) or neighbour solicitation
// (RFC 4861, section 4.3) do.
func who(from *fleetGuest, src, target netip.Addr) []byte {
	if target.Is4() {
		b := []byte{0, 1, 8, 0, 6, 4, 0, 1}
		b = append(append(b, from.mac[:]...), src.AsSlice()...)
		return ethernet(broadcast, from.mac, etherARP, append(append(b, 0, 0, 0, 0, 0, 0), target.AsSlice()...))
	}
	t := target.As16()
	group := netip.AddrFrom16([16]byte{0xff, 2, 11: 1, 12: 0xff, 13: t[13], 14: t[14], 15: t[15]})
	b := append([]byte{135, 0, 0, 0, 0, 0, 0, 0}, t[:]...)
	b = append(append(b, 1, 1), from.mac[:]...)
	ethertype, p := packet(src, group, protoICMPv6, 255, b, 2)
	return ethernet(logical.MAC{0x33, 0x33, 0xff, t[13], t[14], t[15]}, from.mac, ethertype, p)
}

// tell is an ARP reply or a neighbour advertisement to a guest: an address has the
// sender's MAC.
func tell(from *fleetGuest, of netip.Addr, to *fleetGuest, at netip.Addr) []byte {
	if of.Is4() {
		b := append([]byte{0, 1, 8, 0, 6, 4, 0, 2}, from.mac[:]...)
		b = append(append(b, of.AsSlice()...), to.mac[:]...)
		return ethernet(to.mac, from.mac, etherARP, append(b, at.AsSlice()...))
	}
	b := append([]byte{136, 0, 0, 0, 0x20, 0, 0, 0}, of.AsSlice()...)
	ethertype, b := packet(from.addressOf(of), at, protoICMPv6, 255, append(append(b, 2, 1), from.mac[:]...), 2)
	return ethernet(to.mac, from.mac, ethertype, b)
}

// frame is one that a guest got.
type frame []byte

func (f frame) ethertype() uint16 {
	if len(f) < 14 {
		return 0
	}
	return binary.BigEndian.Uint16(f[12:])
}

// ttl is the TTL or hop limit of an IP packet, 0 of others.
func (f frame) ttl() byte {
	switch {
	case f.ethertype() == etherIPv4 && len(f) >= 34:
		return f[22]
	case f.ethertype() == etherIPv6 && len(f) >= 54:
		return f[21]
	}
	return 0
}

func (f frame) has(word string) bool { return strings.Contains(string(f), word) }

// icmp is the ICMP type of a packet, false of others.
func (f frame) icmp() (byte, bool) {
	switch {
	case f.ethertype() == etherIPv4 && len(f) > 34 && f[23] == protoICMP:
		return f[34], true
	case f.ethertype() == etherIPv6 && len(f) > 54 && f[20] == protoICMPv6:
		return f[54], true
	}
	return 0, false
}

func (f frame) echoReply() bool {
	kind, ok := f.icmp()
	return ok && (kind == 0 && f.ethertype() == etherIPv4 || kind == 129)
}

// expired tells a router's word that a TTL ran out (RFC 792, RFC 4443 section 3.3).
func (f frame) expired() bool {
	kind, ok := f.icmp()
	return ok && (kind == 11 && f.ethertype() == etherIPv4 || kind == 3 && f.ethertype() == etherIPv6)
}

// tooBig is the MTU that a router tells of (RFC 1191, RFC 4443 section 3.2), 0 of others.
func (f frame) tooBig() int {
	kind, ok := f.icmp()
	switch {
	case ok && f.ethertype() == etherIPv4 && kind == 3 && len(f) > 42 && f[35] == 4:
		return int(binary.BigEndian.Uint16(f[40:]))
	case ok && f.ethertype() == etherIPv6 && kind == 2 && len(f) > 62:
		return int(binary.BigEndian.Uint32(f[58:]))
	}
	return 0
}

// isError tells a packet that has another in it.
func (f frame) isError() bool { return f.expired() || f.tooBig() != 0 }

// tells returns the MAC that an ARP reply or neighbour advertisement tells of an
// address.
func (f frame) tells(target netip.Addr) (logical.MAC, bool) {
	if f.ethertype() == etherARP && len(f) >= 42 && f[21] == 2 && string(f[28:32]) == string(target.AsSlice()) {
		return logical.MAC(f[22:28]), true
	}
	if kind, ok := f.icmp(); ok && kind == 136 && len(f) >= 86 && string(f[62:78]) == string(target.AsSlice()) {
		return logical.MAC(f[80:86]), true
	}
	return logical.MAC{}, false
}
