package respond

import (
	"encoding/binary"
	"errors"
)

// Types of errors (RFC 792, RFC 4443).
const (
	icmpUnreachable, icmpFragmentationNeeded = 3, 4 // type and code
	icmpExpired                              = 11
	icmp6TooBig, icmp6Expired                = 2, 3
)

// How long an error may be: RFC 1812 section 4.3.2.3, RFC 4443 section 2.4.
const longest4, longest6 = 576, 1280

var errNoError = errors.New("no error may be told of such a packet")

// expired tells a sender that the TTL of its packet ran out.
func expired(at ingress, f frame) ([]byte, error) {
	if f.etherType == typeIPv4 {
		return failure(at, f, icmpExpired, 0, 0)
	}
	return failure(at, f, icmp6Expired, 0, 0)
}

// tooBig tells a sender the MTU of the network that its packet does not fit. It is told
// of IPv4 packets that may be cut up, too: nothing here cuts them.
func tooBig(at ingress, f frame, mtu uint16) ([]byte, error) {
	if mtu == 0 {
		return nil, errors.New("the switch did not say which MTU")
	}
	if f.etherType == typeIPv4 {
		return failure(at, f, icmpUnreachable, icmpFragmentationNeeded, uint32(mtu))
	}
	return failure(at, f, icmp6TooBig, 0, uint32(mtu))
}

// failure makes an error around as much of the packet as it may hold.
func failure(at ingress, f frame, kind, code uint8, value uint32) ([]byte, error) {
	if !mayFail(f) {
		return nil, errNoError
	}
	from, err := at.own(f.from)
	if err != nil {
		return nil, err
	}
	quote := f.packet[:min(len(f.packet), longest6-40-8)]
	if from.Is4() {
		quote = f.packet[:min(len(f.packet), longest4-20-8)]
	}
	message := binary.BigEndian.AppendUint32([]byte{kind, code, 0, 0}, value)
	h := header{src: at.port.MAC, dst: f.src, from: from, to: f.from, ttl: 64}
	return h.icmp(append(message, quote...)), nil
}

// mayFail says whether a sender may be told of an error: not of another one, nor where
// the packet was for several or is from nobody (RFC 1122 section 3.2.2, RFC 4443
// section 2.4).
func mayFail(f frame) bool {
	nobody := !f.from.IsGlobalUnicast() // loopback, multicast, broadcast, link-local, unspecified
	if nobody || f.later || f.dst.IsMulticast() || f.to.IsMulticast() {
		return false
	}
	switch {
	case f.etherType == typeIPv4 && f.proto == protoICMP:
		return len(f.payload) > 0 && !isError4(f.payload[0])
	case f.etherType == typeIPv6 && f.proto == protoICMP6:
		return len(f.payload) > 0 && f.payload[0] >= 128 && f.payload[0] != 137 // redirect
	}
	return true
}

func isError4(kind uint8) bool {
	return kind == 3 || kind == 4 || kind == 5 || kind == 11 || kind == 12
}
