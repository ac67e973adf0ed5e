package agent

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// TestFleet plays every scenario of testdata/fleet on three real switches, tunnels
// between them. A scenario is a network (see logicaltest.Parse; `on` says where a
// guest is plugged in) and, after a line ---, what happens:
//
//	udp   GUEST ADDRESS -> GUEST [ttl N] | nobody     a packet to an address
//	echo  GUEST ADDRESS -> answered [ttl N] | nobody  a ping
//	who   GUEST ADDRESS -> MAC | nobody               ARP or neighbour solicitation
//	spoof GUEST SOURCE ADDRESS -> GUEST | nobody      as udp, from another's address
//	late  GUEST ADDRESS N -> GUEST | expired          as udp, sent with TTL N; a router says so
//	everybody                                         udp from each guest to each
//	move  GUEST HOST                                  its iface-id appears there
//	restart HOST                                      ovs-vswitchd, killed
//	agent HOST                                        the daemon, ended and started
//	network                                           up to the next ---: a new network
//
// "nobody" is looked at once more at the end: by then everything that was sent
// before has long arrived. Then the network is taken away, and no flow of it may stay.
func TestFleet(t *testing.T) {
	lab.Require(t, lab.Missing(lab.Options{})...)
	f := newFleet(t, 3)
	files, err := filepath.Glob("testdata/fleet/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			f.in(t, func() {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				defer f.clear()
				(&play{fleet: f}).all(string(text))
			})
		})
	}
}

// play is a scenario under way.
type play struct {
	*fleet
	net    *logical.Snapshot
	nobody []string // words that nobody may hear
}

func (p *play) all(text string) {
	p.t.Helper()
	network, steps, ok := strings.Cut(text, "\n---\n")
	if !ok {
		p.t.Fatal("a scenario is a network, a line ---, and steps")
	}
	p.become(network)
	lines := strings.Split(steps, "\n")
	for i := 0; i < len(lines); i++ {
		line, _, _ := strings.Cut(lines[i], "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "network":
			var more []string
			for i++; i < len(lines) && lines[i] != "---"; i++ {
				more = append(more, lines[i])
			}
			p.become(strings.Join(more, "\n"))
		default:
			p.step(line, words)
		}
	}
	for _, word := range p.nobody {
		for _, g := range p.guests {
			if g.got(func(f frame) bool { return f.has(word) }) != nil {
				p.t.Errorf("%s got what nobody should: %s: % x", g.name, word, g.got(func(f frame) bool { return f.has(word) }))
			}
		}
	}
}

// become makes the network as the text says.
func (p *play) become(text string) {
	p.t.Helper()
	all, err := logicaltest.Parse("host h1 172.16.0.1\nhost h2 172.16.0.2\nhost h3 172.16.0.3\n" + text)
	if err != nil {
		p.t.Fatal(err)
	}
	p.net, _ = new(logical.Snapshot).With(logical.Changes{Put: all})
	p.lay(p.net)
}

// step plays one line.
func (p *play) step(line string, words []string) {
	p.t.Helper()
	asked, want, _ := strings.Cut(line, "->")
	args := strings.Fields(asked)
	switch {
	case line == "everybody":
		p.everybody()
	case words[0] == "move" && len(args) == 3:
		g := p.guest(args[1])
		p.plug(g.name, g.mac, args[2])
		p.bound()
	case words[0] == "restart" && len(args) == 2:
		p.restart(p.hostOf(args[1]))
	case words[0] == "agent" && len(args) == 2:
		r := p.hostOf(args[1])
		r.stop()
		r.start()
	case len(args) >= 3 && want != "":
		p.probe(line, args, strings.Fields(want))
	default:
		p.t.Fatalf("%q is not understood", line)
	}
}

func (p *play) guest(name string) *fleetGuest {
	p.t.Helper()
	g := p.guests[name]
	if g == nil {
		p.t.Fatalf("%s is plugged in nowhere", name)
	}
	return g
}

// probe sends what a line says until what it wants has happened. What nobody may get
// is sent once.
func (p *play) probe(line string, args, want []string) {
	p.t.Helper()
	g, ttl := p.guest(args[1]), byte(frameTTL)
	if args[0] == "late" {
		n, err := strconv.Atoi(args[len(args)-1])
		if err != nil {
			p.t.Fatal(err)
		}
		args, ttl = args[:len(args)-1], byte(n)
	}
	target := netip.MustParseAddr(args[len(args)-1])
	source := p.source(g, target)
	if args[0] == "spoof" {
		source = netip.MustParseAddr(args[2])
	}
	word := p.word()
	packet := p.packet(args[0], g, source, target, ttl, word)
	if want[0] == "nobody" && args[0] == "who" {
		p.t.Fatalf("%q: what is not answered is asked by a ping", line)
	}
	if want[0] == "nobody" {
		p.nobody = append(p.nobody, word)
		g.send(packet)
		return
	}
	wants := expectation(p, g, args[0], target, word, want)
	g.at.until(line, func() error {
		if err := wants(); err == nil {
			return nil
		}
		g.send(packet)
		return wants()
	})
}

// word is one that was never sent before.
func (p *play) word() string {
	p.words++
	return fmt.Sprintf("<probe %d>", p.words)
}

// everybody sends from each guest to every address of each other, all at once, until
// all has arrived.
func (p *play) everybody() {
	p.t.Helper()
	type probe struct {
		from, to *fleetGuest
		packet   []byte
		word     string
	}
	var missing []probe
	for _, from := range p.guests {
		for _, to := range p.guests {
			for _, a := range p.net.PortByName(to.name).Addresses {
				if from != to {
					word := p.word()
					missing = append(missing, probe{from, to, p.packet("udp", from, p.source(from, a), a, frameTTL, word), word})
				}
			}
		}
	}
	p.hosts[0].until(fmt.Sprintf("%d packets from everybody to everybody arrive", len(missing)), func() error {
		for _, m := range missing {
			m.from.send(m.packet)
		}
		missing = slices.DeleteFunc(missing, func(m probe) bool {
			return m.to.got(func(f frame) bool { return f.has(m.word) }) != nil
		})
		if len(missing) > 0 {
			return fmt.Errorf("%d are missing, as from %s to %s", len(missing), missing[0].from.name, missing[0].to.name)
		}
		return nil
	})
}

func (p *play) packet(verb string, g *fleetGuest, source, target netip.Addr, ttl byte, word string) []byte {
	if verb == "who" {
		return who(g, source, target)
	}
	build := udp
	if verb == "echo" {
		build = echoRequest
	}
	ethertype, b := build(source, target, ttl, word)
	return ethernet(p.nextHop(g, target), g.mac, ethertype, b)
}

// expectation says what must be heard, and by whom.
func expectation(p *play, g *fleetGuest, verb string, target netip.Addr, word string, want []string) func() error {
	p.t.Helper()
	listener := g
	var is func(frame) bool
	switch verb {
	case "who":
		mac, err := logical.ParseMAC(want[0])
		if err != nil {
			p.t.Fatal(err)
		}
		is = func(f frame) bool { told, ok := f.tells(target); return ok && told == mac }
	case "late":
		if want[0] == "expired" {
			is = func(f frame) bool { return f.expired() && f.has(word) }
			break
		}
		listener = p.guest(want[0])
		is = func(f frame) bool { return !f.expired() && f.has(word) }
	case "echo":
		is = func(f frame) bool { return f.echoReply() && f.has(word) }
	default:
		listener = p.guest(want[0])
		is = func(f frame) bool { return f.has(word) }
	}
	ttl := 0
	if len(want) == 3 && want[1] == "ttl" {
		ttl, _ = strconv.Atoi(want[2])
	}
	return func() error {
		heard := listener.got(is)
		switch {
		case heard == nil:
			return fmt.Errorf("%s hears nothing", listener.name)
		case ttl != 0 && int(heard.ttl()) != ttl:
			p.t.Fatalf("it came with TTL %d", heard.ttl())
		}
		return nil
	}
}

// source is the address that a guest sends from.
func (p *play) source(g *fleetGuest, target netip.Addr) netip.Addr {
	p.t.Helper()
	for _, a := range p.net.PortByName(g.name).Addresses {
		if a.Is4() == target.Is4() {
			return a
		}
	}
	p.t.Fatalf("%s has no address of the family of %s", g.name, target)
	return netip.Addr{}
}

// nextHop is the MAC that a guest sends to: the target's own on its switch, else its
// gateway's, else one that nobody has.
func (p *play) nextHop(g *fleetGuest, target netip.Addr) logical.MAC {
	sw := p.net.PortByName(g.name).Switch
	if on := p.net.PortByAddress(sw, target); on != nil {
		return on.MAC
	}
	for gateway := range p.net.LinksOf(sw) {
		return gateway.MAC
	}
	return logical.MAC{2, 0xee, 0xee, 0xee, 0xee, 0xee}
}
