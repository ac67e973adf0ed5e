package agent

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// verbs are what a scenario may ask:
//
//	udp    GUEST ADDRESS -> GUEST [ttl N] | nobody        a packet to an address
//	echo   GUEST ADDRESS -> answered [ttl N] | nobody     a ping
//	who    GUEST ADDRESS -> MAC                           ARP or neighbour solicitation
//	spoof  GUEST SOURCE ADDRESS -> GUEST | nobody         as udp, from another's address
//	mask   GUEST MAC ADDRESS -> GUEST | nobody            as udp, from another's MAC
//	tell   GUEST ADDRESS RECEIVER -> RECEIVER | nobody    that the address has the guest's MAC
//	late   GUEST ADDRESS N -> GUEST [ttl N] | expired     as udp, sent with TTL N; a router says so
//	long   GUEST ADDRESS BYTES -> GUEST | mtu N           as udp, of so many bytes; a router says so
//	vlan   GUEST TAG ADDRESS -> GUEST | nobody            as udp, in a VLAN, and in it there
//	all    GUEST ADDRESS -> GUEST...                      as udp, to all: each hears it once, no other
//	dhcp   GUEST -> ADDRESS                               the guest asks for an address, and for that one
//	dhcp6  GUEST -> ADDRESS
//	router GUEST -> PREFIX                                router solicitation
//	dns    GUEST NAME -> ADDRESS                          of the gateway
var verbs = map[string]func(p *play, g *fleetGuest, args, want []string) trial{
	"udp": func(p *play, g *fleetGuest, args, want []string) trial {
		word := p.word()
		return p.toGuest(g, want, word, p.packet(g, address(args[0]), frameTTL, word))
	},
	"echo": func(p *play, g *fleetGuest, args, want []string) trial {
		word, to := p.word(), address(args[0])
		ethertype, b := echoRequest(p.source(g, to), to, frameTTL, word)
		q := p.ask(g, ethernet(p.nextHop(g, to), g.mac, ethertype, b), g, ttlOf(p, want), func(f frame) bool { return f.echoReply() && f.has(word) })
		q.word = word
		return q
	},
	"who": func(p *play, g *fleetGuest, args, want []string) trial {
		target := address(args[0])
		mac, err := logical.ParseMAC(want[0])
		g.at.must(err)
		packet := who(g, p.source(g, target), target)
		if g.bridge == "br-int" { // who asks is answered, and nobody else asked
			word := p.word()
			packet, p.only[word] = append(packet, word...), g.name // a trailer
		}
		q := p.ask(g, packet, g, 0, func(f frame) bool { told, ok := f.tells(target); return ok && told == mac })
		if g.bridge != "br-int" { // several hosts hear it, and one answers
			asked, send := &wireAsk{by: g, target: target}, q.send
			p.told, q.send = append(p.told, asked), func() { asked.times++; send() }
		}
		return q
	},
	"spoof": func(p *play, g *fleetGuest, args, want []string) trial {
		word, to := p.word(), address(args[1])
		ethertype, b := udp(address(args[0]), to, frameTTL, word)
		return p.toGuest(g, want, word, ethernet(p.nextHop(g, to), g.mac, ethertype, b))
	},
	"mask": func(p *play, g *fleetGuest, args, want []string) trial {
		mac, err := logical.ParseMAC(args[0])
		g.at.must(err)
		word := p.word()
		b := p.packet(g, address(args[1]), frameTTL, word)
		copy(b[6:], mac[:])
		return p.toGuest(g, want, word, b)
	},
	"tell": func(p *play, g *fleetGuest, args, want []string) trial {
		word, of, to := p.word(), address(args[0]), p.guest(args[1])
		return p.toGuest(g, want, word, append(tell(g, of, to, p.source(to, of)), word...)) // a trailer
	},
	"late": func(p *play, g *fleetGuest, args, want []string) trial {
		word := p.word()
		packet := p.packet(g, address(args[0]), numeral[byte](p, args[1]), word)
		if want[0] == "expired" {
			return p.ask(g, packet, g, 0, func(f frame) bool { return f.expired() && f.has(word) })
		}
		return p.toGuest(g, want, word, packet)
	},
	"long": func(p *play, g *fleetGuest, args, want []string) trial {
		word := p.word()
		fill := numeral[int](p, args[1]) + 14 - len(p.packet(g, address(args[0]), frameTTL, word))
		packet := p.packet(g, address(args[0]), frameTTL, word+strings.Repeat(".", fill))
		if want[0] == "mtu" {
			return p.ask(g, packet, g, 0, func(f frame) bool { return f.tooBig() == numeral[int](p, want[1]) && f.has(word) })
		}
		return p.toGuest(g, want, word, packet)
	},
	"vlan": func(p *play, g *fleetGuest, args, want []string) trial {
		word, tag := p.word(), numeral[uint16](p, args[0])
		packet := tagged(p.packet(g, address(args[1]), frameTTL, word), tag)
		if want[0] == "nobody" {
			return p.toGuest(g, want, word, packet)
		}
		return p.ask(g, packet, p.guest(want[0]), 0, func(f frame) bool {
			return f.has(word) && f.ethertype() == etherVLAN && binary.BigEndian.Uint16(f[14:]) == tag
		})
	},
	"all":   everyoneHears,
	"dhcp":  func(p *play, g *fleetGuest, _, want []string) trial { return asksDHCP(p, g, address(want[0])) },
	"dhcp6": func(p *play, g *fleetGuest, _, want []string) trial { return asksDHCPv6(p, g, address(want[0])) },
	"router": func(p *play, g *fleetGuest, _, want []string) trial {
		return asksRouter(p, g, netip.MustParsePrefix(want[0]))
	},
	"dns": func(p *play, g *fleetGuest, args, want []string) trial {
		return asksName(p, g, args[0], address(want[0]))
	},
}

// trial is what a guest sends, until what it wants is heard.
type trial struct {
	from  *fleetGuest
	word  string // nobody may hear it, if nobody is wanted
	send  func()
	heard func() error
}

func address(word string) netip.Addr { return netip.MustParseAddr(word) }

// packet is a guest's UDP packet with a word.
func (p *play) packet(g *fleetGuest, to netip.Addr, ttl byte, word string) []byte {
	p.t.Helper()
	ethertype, b := udp(p.source(g, to), to, ttl, word)
	return ethernet(p.nextHop(g, to), g.mac, ethertype, b)
}

// ask is a frame, and what somebody is to hear; with which TTL, if that is not 0.
func (p *play) ask(from *fleetGuest, packet []byte, by *fleetGuest, ttl int, is func(frame) bool) trial {
	return trial{from: from, send: func() { from.send(packet) }, heard: func() error {
		f := by.got(is)
		if f == nil {
			return fmt.Errorf("%s hears nothing", by.name)
		}
		if ttl != 0 && int(f.ttl()) != ttl {
			p.t.Fatalf("it came with TTL %d", f.ttl())
		}
		return nil
	}}
}

// toGuest is a frame with a word that a guest is to get, or nobody.
func (p *play) toGuest(from *fleetGuest, want []string, word string, packet []byte) trial {
	p.t.Helper()
	by := from
	if want[0] != "nobody" {
		by = p.guest(want[0])
	}
	q := p.ask(from, packet, by, ttlOf(p, want), func(f frame) bool { return f.has(word) && !f.isError() })
	q.word = word
	return q
}

// ttlOf is the TTL that is wanted; 0 = any.
func ttlOf(p *play, want []string) int {
	if len(want) == 3 && want[1] == "ttl" {
		return numeral[int](p, want[2])
	}
	return 0
}

// everyoneHears sends each time a new word, so that a copy too many is told from another
// try.
func everyoneHears(p *play, g *fleetGuest, args, want []string) trial {
	p.t.Helper()
	var all []*fleetGuest
	for _, name := range want {
		all = append(all, p.guest(name))
	}
	word := p.word()
	return trial{
		from: g,
		send: func() {
			word = p.word()
			p.once[word] = want
			g.send(p.packet(g, address(args[0]), frameTTL, word))
		},
		heard: func() error {
			for _, by := range all {
				if by.got(func(f frame) bool { return f.has(word) }) == nil {
					return fmt.Errorf("%s hears nothing", by.name)
				}
			}
			return nil
		},
	}
}
