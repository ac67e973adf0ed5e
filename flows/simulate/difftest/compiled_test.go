package difftest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
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

func newCompiled(ctx context.Context, t *testing.T) *Rig {
	t.Helper()
	var names []string
	for i := range logicaltest.MaxHosts {
		names = append(names, fmt.Sprintf("h%d", i+1))
	}
	c, err := NewRig(ctx, NewFleet(t, names...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
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
		if err := c.Begin(ctx, network.Snapshot()); err != nil {
			t.Fatalf("seed %d: %v\n%s", n, err, network)
		}
		for round := range rounds + 1 {
			if round > 0 {
				what := network.Change(r)
				if err := c.Change(ctx, network.Entities()); err != nil {
					t.Errorf("seed %d round %d: %s: %v\n%s", n, round, what, err, network)
					if mismatches++; !*all {
						t.FailNow()
					}
				}
			}
			for _, p := range Probes(r, c.Snapshot, perRound) {
				done++
				want := simulate.All(c.Snapshot, p.Place, p.Packet)
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
