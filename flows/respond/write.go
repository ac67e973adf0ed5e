package respond

import (
	"encoding/binary"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// header is whose packet it is and whom it is for.
type header struct {
	src, dst logical.MAC
	from, to netip.Addr // of one family
	ttl      uint8
}

// udp makes a frame around data.
func (h header) udp(sport, dport uint16, data []byte) []byte {
	p := binary.BigEndian.AppendUint16(nil, sport)
	p = binary.BigEndian.AppendUint16(p, dport)
	p = binary.BigEndian.AppendUint16(p, uint16(8+len(data))) //nolint:gosec // answers are short
	p = append(append(p, 0, 0), data...)
	sum := h.checksum(protoUDP, p)
	if sum == 0 {
		sum = 0xffff // 0 says that there is none
	}
	binary.BigEndian.PutUint16(p[6:], sum)
	return h.frame(protoUDP, p)
}

// icmp makes a frame around a message of ICMP or ICMPv6, whose checksum it fills in.
func (h header) icmp(message []byte) []byte {
	message[2], message[3] = 0, 0
	if h.from.Is4() {
		binary.BigEndian.PutUint16(message[2:], fold(sum(message)))
		return h.frame(protoICMP, message)
	}
	binary.BigEndian.PutUint16(message[2:], h.checksum(protoICMP6, message))
	return h.frame(protoICMP6, message)
}

// frame puts the headers before a payload.
func (h header) frame(proto uint8, payload []byte) []byte {
	b := append(append([]byte{}, h.dst[:]...), h.src[:]...)
	if h.from.Is4() {
		b = append(b, typeIPv4>>8, typeIPv4&0xff)
		ip := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(payload))) //nolint:gosec // answers are short
		ip = append(ip, 0, 0, 0, 0, h.ttl, proto, 0, 0)
		ip = append(append(ip, h.from.AsSlice()...), h.to.AsSlice()...)
		binary.BigEndian.PutUint16(ip[10:], fold(sum(ip)))
		return append(append(b, ip...), payload...)
	}
	b = append(b, typeIPv6>>8, typeIPv6&0xff, 0x60, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload))) //nolint:gosec // answers are short
	b = append(b, proto, h.ttl)
	b = append(append(b, h.from.AsSlice()...), h.to.AsSlice()...)
	return append(b, payload...)
}

// checksum is that of a payload with its pseudo header (RFC 768, RFC 8200 section 8.1).
func (h header) checksum(proto uint8, payload []byte) uint16 {
	return fold(sum(h.from.AsSlice()) + sum(h.to.AsSlice()) + uint32(proto) + uint32(len(payload)) + sum(payload)) //nolint:gosec // answers are short
}

// sum adds up 16-bit words; that of 64 KiB fits.
func sum(b []byte) (s uint32) {
	for ; len(b) > 1; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s) //nolint:gosec // folded
}

// linkLocal is the address that a MAC gives its interface (RFC 4291, appendix A).
func linkLocal(m logical.MAC) netip.Addr { return eui64(netip.MustParsePrefix("fe80::/64"), m) }

// eui64 is the address that a MAC gives in a network of 64 bits.
func eui64(network netip.Prefix, m logical.MAC) netip.Addr {
	a := network.Addr().As16()
	copy(a[8:], []byte{m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]})
	return netip.AddrFrom16(a)
}

// allNodes is who a multicast packet of a link is for, with its MAC (RFC 2464, section 7).
var (
	allNodes    = netip.IPv6LinkLocalAllNodes()
	allNodesMAC = logical.MAC{0x33, 0x33, 0, 0, 0, 1}
	broadcast   = logical.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
)
