package flows_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestNeed leaves out of random networks what a host needs not know: its rules are the
// same, and so is what it needs. A port less than that is missed somewhere.
func TestNeed(t *testing.T) {
	left, missed := 0, false
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 11))
		put := base()
		for range 60 {
			put = append(put, randomRow(r))
		}
		whole, _ := new(logical.Snapshot).With(logical.Changes{Put: put})
		var cut logical.Changes // or every switch is reached
		for e := range whole.All() {
			if e.Ref().Kind == logical.KindRouterPort && r.IntN(3) > 0 {
				cut.Delete = append(cut.Delete, e.Ref())
			}
		}
		whole, _ = whole.With(cut)
		local := randomLocal(r)
		for name := range local.Ports {
			if len(local.Ports) > 1 && r.IntN(2) == 0 {
				delete(local.Ports, name)
			}
		}
		all := compiled(whole, local)
		need := all.Need()
		part := without(whole, func(p *logical.SwitchPort) bool { return !need.Covers(p) })
		left += whole.Len(logical.KindSwitchPort) - part.Len(logical.KindSwitchPort)
		narrow := compiled(part, local)
		names := flows.NamesOf(whole)
		if diff := cmp.Diff(all.Rules().Text(names), narrow.Rules().Text(names)); diff != "" {
			t.Fatalf("seed %d: whole(-) narrow(+)\n%s", seed, diff)
		}
		if got := narrow.Need(); !need.Equal(got) {
			t.Fatalf("seed %d: of the whole %+v, of the part %+v", seed, need, got)
		}
		bare := without(part, func(p *logical.SwitchPort) bool { return p.Kind == logical.PortGuest && local.Ports[p.Name] == 0 })
		missed = missed || all.Rules().Text(names) != compiled(bare, local).Rules().Text(names)
	}
	if left < 50 || !missed {
		t.Errorf("only %d ports were left out, or none of the rest was needed (%t): this proves nothing", left, missed)
	}
}

func compiled(s *logical.Snapshot, local flows.Local) *flows.Compiler {
	c := flows.New()
	var all logical.Delta
	for e := range s.All() {
		all = append(all, e.Ref())
	}
	c.Update(s, all, local)
	return c
}

// without is a network without some of its ports.
func without(s *logical.Snapshot, drop func(*logical.SwitchPort) bool) *logical.Snapshot {
	var gone logical.Changes
	for e := range s.All() {
		if p, ok := e.(*logical.SwitchPort); ok && drop(p) {
			gone.Delete = append(gone.Delete, e.Ref())
		}
	}
	s, _ = s.With(gone)
	return s
}
