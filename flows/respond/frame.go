package respond

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Ethernet types and IP protocols.
const (
	typeIPv4, typeIPv6              = 0x0800, 0x86dd
	protoICMP, protoUDP, protoICMP6 = 1, 17, 58
)

const ethernetHeader = 14

// frame is a guest's packet as far as it is read.
type frame struct {
	src, dst  logical.MAC
	etherType uint16
	packet    []byte // from the IP header to the end of the packet
	from, to  netip.Addr
	ttl       uint8
	proto     uint8 // of payload
	// later tells a fragment that is not the first.
	later        bool
	payload      []byte // behind all IP headers
	sport, dport uint16 // of UDP
	data         []byte // of UDP
}

var errCut = errors.New("the packet is cut short")

// parse reads a frame. Checksums are not looked at: a guest may leave them to a device.
func parse(b []byte) (frame, error) {
	if len(b) < ethernetHeader {
		return frame{}, errCut
	}
	f := frame{dst: logical.MAC(b[:6]), src: logical.MAC(b[6:12]), etherType: binary.BigEndian.Uint16(b[12:])}
	var err error
	switch f.etherType {
	case typeIPv4:
		err = f.ipv4(b[ethernetHeader:])
	case typeIPv6:
		err = f.ipv6(b[ethernetHeader:])
	default:
		err = errors.New("the packet is no IP")
	}
	if err == nil && f.proto == protoUDP && !f.later {
		err = f.udp()
	}
	return f, err
}

func (f *frame) ipv4(b []byte) error {
	if len(b) < 20 || b[0]>>4 != 4 {
		return errCut
	}
	header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < 20 || total < header || total > len(b) {
		return errCut
	}
	f.packet, f.payload = b[:total], b[header:total]
	f.ttl, f.proto = b[8], b[9]
	f.from, f.to = netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
	f.later = binary.BigEndian.Uint16(b[6:])&0x1fff != 0
	return nil
}

// Extension headers of IPv6 (RFC 8200, section 4).
const (
	nextHopByHop, nextRouting, nextFragment, nextOptions = 0, 43, 44, 60
)

func (f *frame) ipv6(b []byte) error {
	if len(b) < 40 || b[0]>>4 != 6 {
		return errCut
	}
	total := 40 + int(binary.BigEndian.Uint16(b[4:]))
	if total > len(b) {
		return errCut
	}
	f.packet, f.ttl = b[:total], b[7]
	f.from, f.to = netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
	next, rest := b[6], b[40:total]
	for next == nextHopByHop || next == nextRouting || next == nextFragment || next == nextOptions {
		if len(rest) < 8 {
			return errCut
		}
		size := 8
		if next == nextFragment {
			f.later = f.later || binary.BigEndian.Uint16(rest[2:])&0xfff8 != 0
		} else {
			size += 8 * int(rest[1])
		}
		if size > len(rest) {
			return errCut
		}
		next, rest = rest[0], rest[size:]
		if f.later {
			break
		}
	}
	f.proto, f.payload = next, rest
	return nil
}

func (f *frame) udp() error {
	if len(f.payload) < 8 {
		return errCut
	}
	size := int(binary.BigEndian.Uint16(f.payload[4:]))
	if size < 8 || size > len(f.payload) {
		return errCut
	}
	f.sport, f.dport = binary.BigEndian.Uint16(f.payload), binary.BigEndian.Uint16(f.payload[2:])
	f.data = f.payload[8:size]
	return nil
}
