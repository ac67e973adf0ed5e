package agent

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// TestFleet plays every scenario of testdata/fleet on three real switches, tunnels
// between them. A scenario is a network (see logicaltest.Parse; `on` says where a
// guest is plugged in), in which there may be somebody on a bridge of a host,
//
//	wire NAME HOST:BRIDGE[:TAG] SWITCH [ADDRESS]... mac MAC
//
// and, after a line ---, what happens. What is asked, and what comes of it, is in the
// table `verbs`; the rest is
//
//	everybody                  udp from each guest to each
//	move     GUEST HOST        its iface-id appears there
//	restart  HOST              ovs-vswitchd, killed
//	database HOST down|up      ovsdb-server; `store` is the machine that has the store
//	agent    HOST              the daemon, ended and started
//	vsctl    HOST ...          what others do to the switch
//	refused  LINE : WORDS      the port is not added, and the refusal has the words
//	network                    up to the next ---: a new network
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
				(&play{fleet: f, once: map[string][]string{}}).all(string(text))
			})
		})
	}
}

// play is a scenario under way.
type play struct {
	*fleet
	net    *logical.Snapshot
	nobody []string            // words that nobody may hear
	once   map[string][]string // words that these may hear, and no more than once
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
	p.overheard()
}

// overheard looks who heard what was not for him, or more than once.
func (p *play) overheard() {
	p.t.Helper()
	for _, g := range p.guests {
		g.take()
	}
	heard := map[[2]string]int{} // by word and guest
	for _, g := range slices.AppendSeq(p.left, maps.Values(p.guests)) {
		for _, f := range g.heard {
			for _, word := range p.nobody {
				if f.has(word) && !f.isError() {
					p.t.Errorf("%s got what nobody should: %s: % x", g.name, word, []byte(f))
				}
			}
			for word, these := range p.once {
				if !f.has(word) {
					continue
				}
				heard[[2]string{word, g.name}]++
				if n := heard[[2]string{word, g.name}]; n > 1 || !slices.Contains(these, g.name) {
					p.t.Errorf("%s, which is for %v, got to %s %d times", word, these, g.name, n)
				}
			}
		}
	}
}

// become makes the network as the text says.
func (p *play) become(text string) {
	p.t.Helper()
	text, wires := onWires(text)
	all, err := logicaltest.Parse("host h1 172.16.0.1\nhost h2 172.16.0.2\nhost h3 172.16.0.3\n" + text)
	if err != nil {
		p.t.Fatal(err)
	}
	p.net, _ = new(logical.Snapshot).With(logical.Changes{Put: all})
	p.lay(p.net)
	for _, line := range wires {
		p.attach(line)
	}
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
	p.down[r] = what == "down"
	switch {
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
		p.t.Fatalf("a database is up or down, not %q", what)
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
	for gateway := range p.net.LinksOf(g.sw) {
		return gateway.MAC
	}
	return logical.MAC{2, 0xee, 0xee, 0xee, 0xee, 0xee}
}
