package agent

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

var (
	everyone  = netip.MustParseAddr("255.255.255.255")
	allAgents = netip.MustParseAddr("ff02::1:2") // DHCPv6 servers and relays
	allRouter = netip.MustParseAddr("ff02::2")
)

// linkLocal is the link-local address of a MAC (RFC 4291, appendix A).
func linkLocal(m logical.MAC) netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]})
}

// groupMAC is what a packet for several is sent to.
func groupMAC(a netip.Addr) logical.MAC {
	if a.Is4() {
		return broadcast
	}
	b := a.As16()
	return logical.MAC{0x33, 0x33, b[12], b[13], b[14], b[15]}
}

// transaction is the number of a question, by which its answer is known.
func (p *play) transaction() []byte {
	p.words++
	return binary.BigEndian.AppendUint32(nil, 0x0ca50000|uint32(p.words))
}

// inTwo asks, and where an offer comes, for what was offered; until what is wanted comes.
func (p *play) inTwo(g *fleetGuest, first []byte, offer func(frame) bool, second func(frame) []byte, is func(frame) bool) trial {
	q := p.ask(g, first, g, 0, is)
	q.send = func() {
		if f := g.got(offer); f != nil {
			g.send(second(f))
			return
		}
		g.send(first)
	}
	return q
}

// asksDHCP discovers and requests (RFC 2131); wanted is an acknowledgement of the address.
func asksDHCP(p *play, g *fleetGuest, want netip.Addr) trial {
	id := p.transaction()
	message := func(options ...byte) []byte {
		b := slices.Concat([]byte{1, 1, 6, 0}, id, make([]byte, 20), g.mac[:], make([]byte, 10+192), []byte{0x63, 0x82, 0x53, 0x63}, options, []byte{255})
		ethertype, b := datagram(netip.IPv4Unspecified(), everyone, frameTTL, 68, 67, b)
		return ethernet(broadcast, g.mac, ethertype, b)
	}
	const at = 14 + 20 + 8 // of the message in a frame
	is := func(kind byte) func(frame) bool {
		return func(f frame) bool {
			return f.ethertype() == etherIPv4 && len(f) > at+243 && f[at] == 2 && string(f[at+4:at+8]) == string(id) &&
				string(f[at+16:at+20]) == string(want.AsSlice()) && string(f[at+240:at+243]) == string([]byte{53, 1, kind})
		}
	}
	return p.inTwo(g, message(53, 1, 1), is(2), func(offer frame) []byte {
		return message(slices.Concat([]byte{53, 1, 3, 50, 4}, offer[at+16:at+20], []byte{54, 4}, offer[26:30])...)
	}, is(5))
}

// asksDHCPv6 solicits and requests (RFC 8415); wanted is a reply with the address.
func asksDHCPv6(p *play, g *fleetGuest, want netip.Addr) trial {
	id := p.transaction()[1:]
	client := slices.Concat([]byte{0, 1, 0, 10, 0, 3, 0, 1}, g.mac[:])
	message := func(kind byte, more []byte) []byte {
		b := slices.Concat([]byte{kind}, id, client, more, []byte{0, 3, 0, 12, 0, 0, 0, 9}, make([]byte, 8))
		ethertype, b := datagram(linkLocal(g.mac), allAgents, frameTTL, 546, 547, b)
		return ethernet(groupMAC(allAgents), g.mac, ethertype, b)
	}
	const at = 14 + 40 + 8
	is := func(kind byte) func(frame) bool {
		return func(f frame) bool {
			return f.ethertype() == etherIPv6 && len(f) > at+4 && f[at] == kind && string(f[at+1:at+4]) == string(id) && f.has(string(want.AsSlice()))
		}
	}
	return p.inTwo(g, message(1, nil), is(2), func(offer frame) []byte { return message(3, optionOf(offer[at+4:], 2)) }, is(7))
}

// optionOf is a DHCPv6 option, with its head.
func optionOf(b []byte, code uint16) []byte {
	for len(b) >= 4 {
		n := 4 + int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b) {
			break
		}
		if binary.BigEndian.Uint16(b) == code {
			return b[:n]
		}
		b = b[n:]
	}
	return nil
}

// asksRouter solicits (RFC 4861, section 4.1); wanted is an advertisement with a prefix.
func asksRouter(p *play, g *fleetGuest, want netip.Prefix) trial {
	b := append([]byte{133, 0, 0, 0, 0, 0, 0, 0, 1, 1}, g.mac[:]...)
	ethertype, b := packet(linkLocal(g.mac), allRouter, protoICMPv6, 255, b, 2)
	prefix := string(append([]byte{3, 4, byte(want.Bits())}, 0))[:3]
	return p.ask(g, ethernet(groupMAC(allRouter), g.mac, ethertype, b), g, 0, func(f frame) bool {
		kind, ok := f.icmp()
		return ok && kind == 134 && f.has(prefix) && f.has(string(want.Addr().AsSlice()))
	})
}

// asksName asks the gateway for the address of a name (RFC 1035, section 4).
func asksName(p *play, g *fleetGuest, name string, want netip.Addr) trial {
	id := p.transaction()[2:]
	b := slices.Concat(id, []byte{1, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	for _, label := range strings.Split(name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	kind := byte(1) // A
	if want.Is6() {
		kind = 28
	}
	var gateway *logical.SwitchPort
	for port := range p.net.LinksOf(g.sw) {
		gateway = port
	}
	if gateway == nil {
		p.t.Fatal("there is no gateway to ask")
	}
	to := gateway.Addresses[slices.IndexFunc(gateway.Addresses, netip.Addr.Is4)]
	ethertype, b := datagram(p.source(g, to), to, frameTTL, 4000, 53, append(b, 0, 0, kind, 0, 1))
	return p.ask(g, ethernet(gateway.MAC, g.mac, ethertype, b), g, 0, func(f frame) bool {
		return f.ethertype() == etherIPv4 && len(f) > 46 && string(f[34:36]) == string([]byte{0, 53}) && string(f[42:44]) == string(id) && f.has(string(want.AsSlice()))
	})
}
