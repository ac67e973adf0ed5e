package agent

import (
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
//	database HOST down|killed|up ovsdb-server; `store` is the machine that has the store
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
				(&play{fleet: f, once: map[string][]string{}, only: map[string]string{}}).all(string(text))
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
	only   map[string]string   // words that this one alone may hear
	told   []*wireAsk          // questions from physical networks: each has one answer
}

// wireAsk is who asked how often for an address.
type wireAsk struct {
	by     *fleetGuest
	target netip.Addr
	times  int
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
	for _, q := range p.told {
		answers := 0
		for _, f := range q.by.heard {
			if _, ok := f.tells(q.target); ok {
				answers++
			}
		}
		if answers > q.times {
			p.t.Errorf("%s asked %d times for %s, and was told %d times", q.by.name, q.times, q.target, answers)
		}
	}
	heard := map[[2]string]int{} // by word and guest
	for _, g := range slices.AppendSeq(p.left, maps.Values(p.guests)) {
		for _, f := range g.heard {
			for _, word := range p.nobody {
				if f.has(word) && !f.isError() {
					p.t.Errorf("%s got what nobody should: %s: % x", g.name, word, []byte(f))
				}
			}
			for word, one := range p.only {
				if f.has(word) && g.name != one {
					p.t.Errorf("%s got what %s asked: %s: % x", g.name, one, word, []byte(f))
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
