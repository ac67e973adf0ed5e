package logicaltest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
)

// TestRandom: random networks are valid, stay so while they change, have in many of
// them what tests look for, and come again with their seed.
func TestRandom(t *testing.T) {
	seen, changes := map[logical.Kind]int{}, 0
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := logicaltest.Random(r)
		if diff := cmp.Diff(n.Lines, logicaltest.Random(rand.New(rand.NewPCG(seed, 1))).Lines); diff != "" {
			t.Fatalf("seed %d makes two networks: %s", seed, diff)
		}
		snap := n.Snapshot()
		for range 20 {
			for e := range snap.All() {
				seen[e.Ref().Kind]++
				if err := logical.Validate(e); err != nil {
					t.Fatalf("seed %d: %v in:\n%s", seed, err, n)
				}
			}
			n.Change(r)
			next, delta := snap.Replace(n.Entities())
			if len(delta) > 0 {
				changes++
			}
			snap = next
		}
	}
	// A port may move to where it is.
	if changes < 80*20*3/4 {
		t.Errorf("only %d of %d changes changed something", changes, 80*20)
	}
	for _, k := range []logical.Kind{
		logical.KindHost, logical.KindSwitch, logical.KindSwitchPort, logical.KindBinding, logical.KindRouter, logical.KindRouterPort, logical.KindRoute,
	} {
		if seen[k] < 1000 {
			t.Errorf("only %d of kind %s", seen[k], k)
		}
	}
}

// TestParseRefuses: a line that says nothing is told by its number.
func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"switch":                      `line 1: "switch": a word is missing`,
		"\nnat r":                     `line 2: "nat r": no such entity`,
		"host h1 192.0.2.1 index":     `line 1: "host h1 192.0.2.1 index": index needs a value`,
		"port a blue 10.0.0.0.1":      `line 1: "port a blue 10.0.0.0.1": ParseAddr("10.0.0.0.1"): IPv4 address too long`,
		"router r on h1 turbo":        `line 1: "router r on h1 turbo": ["turbo"] is not understood`,
		"route r x 10.0.0.0/8 dev s1": `line 1: "route r x 10.0.0.0/8 dev s1": ParseAddr(""): unable to parse IP`,
	} {
		_, err := logicaltest.Parse(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
