package difftest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

var (
	probes    = flag.Int("probes", 2000, "probes of the differential test; soak takes 50000")
	seed      = flag.Uint64("seed", 1, "seed of the differential test's first network")
	allFaults = flag.Bool("faults", false, "try all faults of the mutation test, not three")
	all       = flag.Bool("all", false, "go on after a mismatch")
)

const (
	perRound = 20 // probes between two changes
	rounds   = 3  // changes of a network
	// maxExcused is one in how many packets may be excused at most.
	maxExcused = 100
)

// compiled is a fleet that holds the compiled tables of a network.
type compiled struct {
	*Fleet
	sessions  map[string]*ofconn.Session
	compilers map[string]*flows.Compiler
	snap      *logical.Snapshot
	local     map[string]flows.Local
	fault     func(*flows.Rules) // what begin does to the rules of every host; nil = nothing
}

func newCompiled(ctx context.Context, t *testing.T) *compiled {
	t.Helper()
	var names []string
	for i := range logicaltest.MaxHosts {
		names = append(names, fmt.Sprintf("h%d", i+1))
	}
	c := &compiled{Fleet: NewFleet(t, names...), sessions: map[string]*ofconn.Session{}}
	for _, name := range names {
		s, err := c.Switches[name].Session(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		c.sessions[name] = s
	}
	return c
}

// begin takes all switches from whatever they have to a network.
func (c *compiled) begin(ctx context.Context, snap *logical.Snapshot) error {
	c.snap, c.compilers = snap, map[string]*flows.Compiler{}
	var err error
	if c.local, err = c.Wiring(snap); err != nil {
		return err
	}
	_, delta := new(logical.Snapshot).Replace(entitiesOf(snap))
	for name, session := range c.sessions {
		c.compilers[name] = flows.New()
		var want flows.Rules
		if local, ok := c.local[name]; ok {
			c.compilers[name].Update(snap, delta, local)
			want = c.compilers[name].Rules()
			if c.fault != nil {
				c.fault(&want)
			}
		}
		have, groups, err := dump(ctx, session)
		if err != nil {
			return err
		}
		change := flows.Diff(have, groups, want)
		if err := session.Bundle(ctx, change.Messages()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.compilers[name].Done()
	}
	return nil
}

// change goes on to the next network by increments, and holds them against the whole
// computed anew and what the switch says it has.
func (c *compiled) change(ctx context.Context, all []logical.Entity) error {
	next, delta := c.snap.Replace(all)
	c.snap = next
	var err error
	if c.local, err = c.Wiring(next); err != nil {
		return err
	}
	for name, local := range c.local {
		change := c.compilers[name].Update(next, delta, local)
		if err := c.sessions[name].Bundle(ctx, change.Messages()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.compilers[name].Done()
		names := flows.NamesOf(next)
		want, _ := flows.Compile(next, local)
		if diff := cmp.Diff(want.Text(names), c.compilers[name].Rules().Text(names)); diff != "" {
			return fmt.Errorf("%s: increments differ from the whole (-whole +increments):\n%s", name, diff)
		}
		have, groups, err := dump(ctx, c.sessions[name])
		if err != nil {
			return err
		}
		if left := flows.Diff(have, groups, want); !left.Empty() {
			return fmt.Errorf("%s: the switch differs: %d flows, %d groups", name, len(left.FlowMods), len(left.GroupMods))
		}
	}
	return nil
}

func dump(ctx context.Context, s *ofconn.Session) ([]of.Flow, []of.GroupEntry, error) {
	var all []of.Flow
	if err := s.DumpFlows(ctx, of.FlowRequest{Table: of.AllTables}, func(e of.FlowEntry) { all = append(all, e.Flow) }); err != nil {
		return nil, nil, err
	}
	groups, err := s.Groups(ctx)
	return all, groups, err
}

func entitiesOf(s *logical.Snapshot) []logical.Entity {
	var all []logical.Entity
	for e := range s.All() {
		all = append(all, e)
	}
	return all
}

// TestDifferential holds the compiled tables in real switches against the reference
// model, over random networks, random packets and random changes.
func TestDifferential(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute+time.Duration(*probes)*20*time.Millisecond)
	defer cancel()
	c := newCompiled(ctx, t)
	verdicts := map[simulate.Verdict]int{}
	mismatches, excused := 0, 0
	for done, n := 0, *seed; done < *probes; n++ {
		r := rand.New(rand.NewPCG(n, 3))
		network := logicaltest.Random(r)
		if err := c.begin(ctx, network.Snapshot()); err != nil {
			t.Fatalf("seed %d: %v\n%s", n, err, network)
		}
		for round := range rounds + 1 {
			if round > 0 {
				what := network.Change(r)
				if err := c.change(ctx, network.Entities()); err != nil {
					t.Errorf("seed %d round %d: %s: %v\n%s", n, round, what, err, network)
					if mismatches++; !*all {
						t.FailNow()
					}
				}
			}
			for _, p := range Probes(r, c.snap, perRound) {
				done++
				want := simulate.All(c.snap, p.Place, p.Packet)
				verdicts[want[0].Verdict]++
				got, err := c.Follow(ctx, p.Place, p.Packet)
				complaint := Compare(want, got, Punts)
				if err != nil {
					complaint = err.Error()
				}
				if complaint == "" {
					if Excused(want, got, Punts) {
						excused++
					}
					continue
				}
				t.Errorf("seed %d round %d: %s %s\n%s\n--- model:\n  %s\n--- network:\n%s--- traces:\n%s", n, round, p.Place, p.Packet, complaint,
					strings.Join(want[0].Trail, "\n  "), network, strings.Join(got.Texts, "\n"))
				if mismatches++; !*all {
					t.FailNow()
				}
			}
			if network.Snapshot().Len(logical.KindSwitchPort) == 0 {
				break
			}
		}
	}
	if excused > *probes/maxExcused {
		t.Errorf("%d of %d packets are excused: the test proves little", excused, *probes)
	}
	t.Logf("%v, %d mismatches, %d excused", verdicts, mismatches, excused)
}
