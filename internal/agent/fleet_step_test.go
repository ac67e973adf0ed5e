package agent

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
)

// step plays one line.
func (p *play) step(line string, words []string) {
	p.t.Helper()
	asked, want, _ := strings.Cut(line, "->")
	args := strings.Fields(asked)
	switch {
	case line == "everybody":
		p.everybody()
	case words[0] == "move" && len(args) == 3:
		g := *p.guest(args[1])
		g.heard = nil
		p.plug(&g, args[2])
		p.bound()
	case words[0] == "restart" && len(args) == 2:
		p.restart(p.hostOf(args[1]))
	case words[0] == "database" && len(args) == 3:
		p.database(args[1], args[2])
	case words[0] == "agent" && len(args) == 2:
		r := p.hostOf(args[1])
		r.stop()
		r.start()
	case words[0] == "vsctl" && len(words) > 2:
		p.hostOf(words[1]).vsctl(words[2:]...)
	case words[0] == "refused":
		p.refused(strings.TrimPrefix(strings.TrimSpace(line), "refused "))
	case verbs[words[0]] != nil && len(args) > 1 && want != "":
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

// database ends or starts the ovsdb-server of a host, or of the store.
func (p *play) database(name, what string) {
	p.t.Helper()
	r := p.keeper
	if name != "store" {
		r = p.hostOf(name)
	}
	p.down[r] = what != "up"
	switch {
	case what == "killed":
		r.must(r.host.KillDB())
	case what == "down":
		r.must(r.host.StopDB(r.limit()))
	case what == "up" && r == p.keeper:
		r.must(r.host.StartDB(r.limit()))
		p.served()
		for _, r := range p.hosts {
			r.laid(1)
		}
	case what == "up":
		r.must(r.host.StartDB(r.limit()))
		r.laid(1)
	default:
		p.t.Fatalf("a database is up, down or killed, not %q", what)
	}
}

// refused adds a port that must not be added.
func (p *play) refused(text string) {
	p.t.Helper()
	text, want, _ := strings.Cut(text, " : ")
	all, err := logicaltest.Parse(text)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range all {
		port, ok := e.(*logical.SwitchPort)
		if !ok {
			continue
		}
		err = p.store.AddPort(p.hosts[0].limit(), strings.Fields(text)[2], *port)
	}
	if err == nil || want == "" || !strings.Contains(err.Error(), want) {
		p.t.Errorf("%s: %v, want a refusal with %q", text, err, want)
	}
}

// probe sends what a line says until what it wants has happened. What nobody may get
// is sent once.
func (p *play) probe(line string, args, want []string) {
	p.t.Helper()
	q := verbs[args[0]](p, p.guest(args[1]), args[2:], want)
	if want[0] == "nobody" {
		if q.word == "" {
			p.t.Fatalf("%q: what is not answered is asked by a ping", line)
		}
		p.nobody = append(p.nobody, q.word)
		q.send()
		return
	}
	q.from.at.until(line, func() error {
		if err := q.heard(); err == nil {
			return nil
		}
		q.send()
		return q.heard()
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
			for _, a := range to.addresses {
				if from != to {
					word := p.word()
					missing = append(missing, probe{from, to, p.packet(from, a, frameTTL, word), word})
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

// source is the address that a guest sends from.
func (p *play) source(g *fleetGuest, target netip.Addr) netip.Addr {
	p.t.Helper()
	a := g.addressOf(target)
	if !a.IsValid() {
		p.t.Fatalf("%s has no address of the family of %s", g.name, target)
	}
	return a
}

// addressOf is the guest's address of the family of another.
func (g *fleetGuest) addressOf(other netip.Addr) netip.Addr {
	for _, a := range g.addresses {
		if a.Is4() == other.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

// nextHop is the MAC that a guest sends to: the target's own on its switch, else its
// gateway's, else one that nobody has.
func (p *play) nextHop(g *fleetGuest, target netip.Addr) logical.MAC {
	if on := p.net.PortByAddress(g.sw, target); on != nil {
		return on.MAC
	}
	for _, other := range p.guests {
		if other.sw == g.sw && slices.Contains(other.addresses, target) {
			return other.mac
		}
	}
	if target.IsMulticast() || target == everyone {
		return groupMAC(target)
	}
	onLink := func(n netip.Prefix) bool { return n.Contains(target) }
	if !slices.ContainsFunc(p.net.Switch(g.sw).Subnets, onLink) {
		for gateway := range p.net.LinksOf(g.sw) {
			return gateway.MAC
		}
	}
	return logical.MAC{2, 0xee, 0xee, 0xee, 0xee, 0xee}
}
