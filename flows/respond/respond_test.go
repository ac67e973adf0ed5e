package respond_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/respond"
	"github.com/sluice-nfv/sluice/internal/golden"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// probe is a question with its name.
type probe struct {
	name string
	q    flows.Question
}

// at is a question in the switch or router with a key, from the port of a guest, "" where
// a physical network is behind the port.
func at(op flows.Opcode, datapath int, port string, packet []byte) flows.Question {
	q := flows.Question{Op: op, Datapath: logical.DatapathKey(datapath), In: 0xffff, Port: 9, Packet: packet}
	if p := logicaltest.Snapshot(network).PortByName(port); p != nil {
		q.In, q.Port = p.Key, here.Ports[port]
		if port == "t" {
			q.Port = here.Ports["a"]
		}
	}
	return q
}

// here is the interfaces of host h1.
var here = flows.Local{Host: "h1", Ports: map[string]of.Port{"a": 1, "p": 2, "c": 3}}

func probes() map[string][]probe {
	big := make([]byte, 1472)
	plain := packet(macA, macR, "10.0.1.2", "10.0.2.2", 1, 17, udp(4000, 5000, big))
	plain6 := packet(macA, macR, "fd00:1::2", "fd00:2::ff:fe00:1a", 1, 17, udp(4000, 5000, big))
	tooBig := func(p []byte) flows.Question {
		q := at(flows.OpTooBig, 9, "a", p)
		q.MTU = 1400
		return q
	}
	expired := func(p []byte) flows.Question { return at(flows.OpExpired, 9, "a", p) }
	a4 := func(packet []byte) flows.Question { return at(flows.OpDHCPv4, 1, "a", packet) }
	a6 := func(packet []byte) flows.Question { return at(flows.OpDHCPv6, 1, "a", packet) }
	name := func(packet []byte) flows.Question { return at(flows.OpDNS, 9, "a", packet) }
	solicit := func(target string) []byte { return raw("8700 0000 00000000" + target) }
	return map[string][]probe{
		"dhcp": {
			{"DISCOVER", a4(toAll(1, "3d0701020000 00000a 370401030c0f"))},
			{"REQUEST", a4(toAll(3, "32040a000102 36040a000101"))},
			{"REQUEST after a start, of the right address", a4(toAll(3, "32040a000102"))},
			{"REQUEST after a start, of another address", a4(toAll(3, "32040a000163"))},
			{"REQUEST of another server", a4(toAll(3, "32040a000102 36040a000163"))},
			{"INFORM", a4(packet(macA, all, "10.0.1.2", "255.255.255.255", 64, 17, udp(68, 67, dhcpClient(macA, 8, "10.0.1.2", ""))))},
			{"RELEASE", a4(toAll(7, "36040a000101"))},
			{"DECLINE", a4(toAll(4, "32040a000102 36040a000101"))},
			{"DISCOVER with another MAC", a4(packet(macA, all, "0.0.0.0", "255.255.255.255", 64, 17, udp(68, 67, dhcpClient(macB, 1, "0.0.0.0", ""))))},
			{"DISCOVER on a trunk", at(flows.OpDHCPv4, 1, "t", packet("02:00:00:00:00:0d", all, "0.0.0.0", "255.255.255.255", 64, 17, udp(68, 67, dhcpClient("02:00:00:00:00:0d", 1, "0.0.0.0", ""))))},
			{"DISCOVER by a port of another host", at(flows.OpDHCPv4, 1, "b", toAll(1, ""))},
			{"DISCOVER on a switch without a router", at(flows.OpDHCPv4, 3, "c", packet("02:00:00:00:00:0c", all, "0.0.0.0", "255.255.255.255", 64, 17, udp(68, 67, dhcpClient("02:00:00:00:00:0c", 1, "0.0.0.0", ""))))},
			{"REQUEST to the router alone", at(flows.OpDHCPv4, 9, "a", packet(macA, macR, "10.0.1.2", "10.0.1.1", 64, 17, udp(68, 67, dhcpClient(macA, 3, "10.0.1.2", ""))))},
		},
		"dhcpv6": {
			{"SOLICIT", a6(toServers("01", clientID+wants))},
			{"SOLICIT, rapid", a6(toServers("01", clientID+"000e0000"+wants))},
			{"SOLICIT for a prefix too", a6(toServers("01", clientID+wants+"0019 000c 00000002 00000000 00000000"))},
			{"REQUEST", a6(toServers("03", clientID+serverID+wants))},
			{"REQUEST of another server", a6(toServers("03", clientID+"0002 000a 00030001020000000001"+wants))},
			{"RENEW of an address that is no more", a6(toServers("05", clientID+serverID+has+had))},
			{"REBIND", a6(toServers("06", clientID+wants))},
			{"CONFIRM", a6(toServers("04", clientID+has+had))},
			{"CONFIRM of another network", a6(toServers("04", clientID+has+strings.Replace(had, "fd000001", "fd000009", 1)))},
			{"INFORMATION-REQUEST", a6(toServers("0b", clientID))},
			{"RELEASE", a6(toServers("08", clientID+serverID+has+had))},
			{"DECLINE", a6(toServers("09", clientID+serverID+has+had))},
		},
		"ra": {
			{"solicited, addresses by DHCPv6", at(flows.OpRA, 1, "a", packet(macA, allRouters, llA, "ff02::2", 255, 58, raw("8500000000000000 0101 02000000000a")))},
			{"solicited from nobody", at(flows.OpRA, 1, "a", packet(macA, allRouters, "::", "ff02::2", 255, 58, raw("8500000000000000")))},
			{"solicited, addresses by themselves", at(flows.OpRA, 2, "p", packet("02:00:00:00:00:1a", allRouters, "fe80::ff:fe00:1a", "ff02::2", 255, 58, raw("8500000000000000")))},
			{"solicited through a router", at(flows.OpRA, 1, "a", packet(macA, allRouters, llA, "ff02::2", 254, 58, raw("8500000000000000")))},
		},
		"nd": {
			{"probe for another guest's address", at(flows.OpND, 1, "a", packet(macA, "33:33:ff:00:00:09", "::", "ff02::1:ff00:9", 255, 58, solicit("fd000001000000000000000000000009")))},
			{"probe for the router's link-local address", at(flows.OpND, 1, "a", packet(macA, "33:33:ff:00:ff:01", "::", "ff02::1:ff00:ff01", 255, 58, solicit("fe80000000000000000000fffe00ff01")))},
			{"probe for an address that nobody has", at(flows.OpND, 1, "a", packet(macA, "33:33:ff:00:00:77", "::", "ff02::1:ff00:77", 255, 58, solicit("fd000001000000000000000000000077")))},
			{"a physical network probes for a port elsewhere", at(flows.OpND, 1, "", packet(macA, "33:33:ff:00:00:09", "::", "ff02::1:ff00:9", 255, 58, solicit("fd000001000000000000000000000009")))},
			{"a physical network probes for a router that works here", at(flows.OpND, 2, "", packet(macB, "33:33:ff:00:00:07", "::", "ff02::1:ff00:7", 255, 58, solicit("fd000002000000000000000000000007")))},
			{"a physical network probes for a router elsewhere", at(flows.OpND, 2, "", packet(macB, "33:33:ff:00:00:08", "::", "ff02::1:ff00:8", 255, 58, solicit("fd000002000000000000000000000008")))},
		},
		"dns": {
			{"A", name(ask("db.web.", dnsmessage.TypeA, false))},
			{"AAAA, in another case, with EDNS", name(ask("DB.web.", dnsmessage.TypeAAAA, true))},
			{"A in the domain", name(ask("www.example.net.", dnsmessage.TypeA, false))},
			{"AAAA of who has none", name(ask("www.", dnsmessage.TypeAAAA, false))},
			{"MX of a known name", name(ask("www.", dnsmessage.TypeMX, false))},
			{"PTR", name(ask("9.1.0.10.in-addr.arpa.", dnsmessage.TypePTR, false))},
			{"PTR of IPv6", name(ask("9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa.", dnsmessage.TypePTR, false))},
			{"a stranger's name", name(ask("www.example.org.", dnsmessage.TypeA, true))},
			{"from the link", name(packet(macA, macR, llA, "fd00:1::1", 64, 17, question("db.web.", dnsmessage.TypeA, false)))},
			{"from the link, on another host", at(flows.OpDNS, 9, "b", packet(macB, macR, "fe80::ff:fe00:b", "fd00:1::1", 64, 17, question("db.web.", dnsmessage.TypeA, false)))},
			{"an answer", name(packet(macA, macR, "10.0.1.2", "10.0.1.1", 64, 17, udp(4000, 53, raw("12678180 0000 0000 0000 0000"))))},
		},
		"icmp": {
			{"TTL", expired(plain)},
			{"TTL, IPv6", expired(plain6)},
			{"too big", tooBig(plain)},
			{"too big, IPv6", tooBig(plain6)},
			{"from another router of this host", expired(packet(macA, "02:00:00:00:00:99", "10.0.2.2", "10.0.1.2", 1, 17, udp(1, 2, nil)))},
			{"TTL of an echo request", expired(packet(macA, macR, "10.0.1.2", "10.0.2.2", 1, 1, raw("0800000000010001")))},
			{"TTL of an error", expired(packet(macA, macR, "10.0.1.2", "10.0.2.2", 1, 1, raw("0b00000000000000")))},
			{"TTL of an error, IPv6", expired(packet(macA, macR, "fd00:1::2", "fd00:2::2", 1, 58, raw("0100000000000000")))},
			{"TTL of multicast", expired(packet(macA, macR, "10.0.1.2", "224.0.0.9", 1, 17, udp(1, 2, nil)))},
			{"TTL from nobody", expired(packet(macA, macR, "0.0.0.0", "10.0.2.2", 1, 17, udp(1, 2, nil)))},
		},
	}
}

// TestAnswers compares each answer with what a reader agreed to.
func TestAnswers(t *testing.T) {
	s := tuned(logicaltest.Snapshot(network))
	for file, all := range probes() {
		t.Run(file, func(t *testing.T) {
			var b strings.Builder
			for _, p := range all {
				fmt.Fprintf(&b, "# %s\n", p.name)
				replies, err := respond.Respond(s, here, p.q)
				if err != nil {
					fmt.Fprintf(&b, "refused: %v\n", err)
				}
				for _, r := range replies {
					fmt.Fprintf(&b, "%s: %s\n", way(r), written(r, p.q))
				}
				if err == nil && replies == nil {
					b.WriteString("no answer\n")
				}
				b.WriteString("\n")
			}
			if bad(b.String()) {
				t.Error("a length or a checksum is wrong")
			}
			golden.Check(t, "testdata/"+file+".txt", b.String())
		})
	}
}

// written is a reply as text; what goes on is not the daemon's.
func written(r flows.Reply, q flows.Question) string {
	if string(r.Packet) == string(q.Packet) {
		return "the packet goes on"
	}
	return render(r.Packet)
}

func way(r flows.Reply) string {
	text := fmt.Sprintf("%s in %d", r.Table, r.Datapath)
	for _, n := range []struct {
		what string
		n    int
	}{{"to port", int(r.Out)}, {"on host", int(r.Host)}, {"from port", int(r.In)}, {"not by interface", int(r.Port)}} {
		if n.n != 0 {
			text += fmt.Sprintf(", %s %d", n.what, n.n)
		}
	}
	return text
}

// TestAdvertise: all guests of the host with a router get its advertisement.
func TestAdvertise(t *testing.T) {
	var b strings.Builder
	for _, r := range respond.Advertise(tuned(logicaltest.Snapshot(network)), here) {
		fmt.Fprintf(&b, "%s: %s\n", way(r), render(r.Packet))
	}
	golden.Check(t, "testdata/advertise.txt", b.String())
}
