package respond_test

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// The guests' packets are written here by hand, checksums left out: a guest may leave
// them to its device.

func raw(text string) []byte {
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "", "\n", "").Replace(text))
	if err != nil {
		panic(err)
	}
	return b
}

func ethernet(src, dst string, kind uint16, payload []byte) []byte {
	return slices.Concat(raw(dst), raw(src), binary.BigEndian.AppendUint16(nil, kind), payload)
}

// packet is an Ethernet frame with an IP packet of a protocol.
func packet(src, dst, from, to string, ttl, proto byte, payload []byte) []byte {
	a, b := netip.MustParseAddr(from), netip.MustParseAddr(to)
	if a.Is4() {
		head := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(payload)))
		head = append(head, 0, 0, 0x40, 0, ttl, proto, 0, 0)
		return ethernet(src, dst, 0x0800, slices.Concat(head, a.AsSlice(), b.AsSlice(), payload))
	}
	head := binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(payload)))
	return ethernet(src, dst, 0x86dd, slices.Concat(append(head, proto, ttl), a.AsSlice(), b.AsSlice(), payload))
}

func udp(sport, dport uint16, data []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	return slices.Concat(binary.BigEndian.AppendUint16(b, uint16(8+len(data))), []byte{0, 0}, data)
}

// dhcpClient is a DHCP message of a client: its type, its address and options in
// hexadecimal.
func dhcpClient(mac string, kind byte, current, options string) []byte {
	b := make([]byte, 236)
	copy(b, []byte{1, 1, 6, 0, 0xca, 0xfe, 0xba, 0xbe})
	copy(b[12:], netip.MustParseAddr(current).AsSlice())
	copy(b[28:], raw(mac))
	return slices.Concat(b, raw("63825363"), []byte{53, 1, kind}, raw(options), []byte{255})
}

const (
	all, allRouters, allServers = "ff:ff:ff:ff:ff:ff", "33:33:00:00:00:02", "33:33:00:01:00:02"
	macA, macB, macR            = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:ff:01"
	llA                         = "fe80::ff:fe00:a"
)

// toAll is a DHCP message that all hear.
func toAll(kind byte, options string) []byte {
	return packet(macA, all, "0.0.0.0", "255.255.255.255", 64, 17, udp(68, 67, dhcpClient(macA, kind, "0.0.0.0", options)))
}

// toServers is a DHCPv6 message: its type and options in hexadecimal.
func toServers(kind, options string) []byte {
	return packet(macA, allServers, llA, "ff02::1:2", 1, 17, udp(546, 547, raw(kind+"c0ffee"+options)))
}

const (
	clientID = "0001 000a 0003000102000000000a"
	serverID = "0002 000a 000300010200 0000ff01"
	wants    = "0003 000c 00000001 00000000 00000000"
	has      = "0003 0028 00000001 00000000 00000000 0005 0018"
	had      = "fd000001000000000000000000000099 00000000 00000000"
)

func ask(name string, kind dnsmessage.Type, edns bool) []byte {
	return packet(macA, macR, "10.0.1.2", "10.0.1.1", 64, 17, question(name, kind, edns))
}

// question is the UDP datagram of a query.
func question(name string, kind dnsmessage.Type, edns bool) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 4711, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}},
	}
	if edns {
		var h dnsmessage.ResourceHeader
		if err := h.SetEDNS0(4096, 0, false); err != nil {
			panic(err)
		}
		m.Additionals = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.OPTResource{}}}
	}
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return udp(4000, 53, b)
}

// network is a switch with all that it can tell, and one with nothing.
const network = `
host h1 192.0.2.1
host h2 192.0.2.2
switch blue 10.0.1.0/24 fd00:1::/64 key 1 dhcp dns db.web=10.0.1.9 dns db.web=fd00:1::9 dns www=10.0.1.10
switch plain 10.0.2.0/24 key 2
switch alone 10.0.3.0/24 key 3 dhcp
router r key 9
link r blue 10.0.1.1/24 fd00:1::1/64 mac 02:00:00:00:ff:01
link r plain 10.0.2.1/24 fd00:2::1/64 mac 02:00:00:00:ff:02
router e on h1 key 19
link e plain fd00:2::7/64 mac 02:00:00:00:ff:03
router f on h2 key 20
link f plain fd00:2::8/64 mac 02:00:00:00:ff:04
port a blue 10.0.1.2 fd00:1::2 on h1 mac 02:00:00:00:00:0a
port b blue 10.0.1.9 fd00:1::9 on h2 mac 02:00:00:00:00:0b
port p plain 10.0.2.2 fd00:2::ff:fe00:1a on h1 mac 02:00:00:00:00:1a
port t blue 10.0.1.3 on h1 mac 02:00:00:00:00:0d tag a:30
port c alone 10.0.3.2 on h1 mac 02:00:00:00:00:0c
`

// tuned gives the switch blue what no word of a network's text is for.
func tuned(s *logical.Snapshot) *logical.Snapshot {
	blue := *s.SwitchByName("blue")
	blue.DHCP.DNS = []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("2001:db8::53")}
	blue.DHCP.Domain, blue.DHCP.MTU, blue.DHCP.Lease = "example.net", 1400, 7200
	blue.DHCP.Other = []logical.DHCPOption{{Code: 121, Value: "10ac100a000102"}, {Code: 12, Value: hex.EncodeToString([]byte("guest"))}}
	next, _ := s.With(logical.Changes{Put: []logical.Entity{&blue}})
	return next
}
