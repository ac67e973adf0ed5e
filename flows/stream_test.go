package flows_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestStream: what a first look tells while it computes makes an empty switch hold what
// is wanted at its end, and no flow or group comes before a group that it leads to.
func TestStream(t *testing.T) {
	most := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		all := logical.Changes{Put: base()}
		for range 40 {
			all.Put = append(all.Put, randomRow(r))
		}
		s, delta := new(logical.Snapshot).With(all)
		if seed == 0 {
			s, _ = fleet(t, 600) // so many units are computed by all processors
			delta = everything(s)
		}
		c := flows.New()
		var told []of.Message
		c.Tell(func(part []of.Message) { told = append(told, part...) })
		c.Follow(s, delta, randomLocal(r))
		got := taken(t, told)
		names := flows.NamesOf(s)
		want := c.Rules()
		if diff := cmp.Diff(want.Text(names), got.Text(names)); diff != "" {
			t.Fatalf("seed %d: wanted(-) told(+)\n%s", seed, diff)
		}
		c.Done()
		if change := c.Pending(); !change.Empty() {
			t.Errorf("seed %d: pending after all: %v", seed, change)
		}
		most = max(most, len(want.Groups))
	}
	if most < 2 {
		t.Error("too few groups to prove their order")
	}
}

// taken is what a switch holds that took all of these messages.
func taken(t *testing.T, told []of.Message) (got flows.Rules) {
	t.Helper()
	held, groups := map[of.Key]of.Flow{}, map[uint32]of.GroupEntry{}
	needs := func(actions []of.Action, by any) {
		for _, a := range actions {
			if g, ok := a.(of.Group); ok && groups[g.ID].ID == 0 {
				t.Errorf("%v leads to group %d, which is not there yet", by, g.ID)
			}
		}
	}
	for _, m := range told {
		switch m := m.(type) {
		case *of.FlowMod:
			needs(m.Flow.Do.List(), m)
			held[m.Flow.Key()] = m.Flow
			if m.Command == of.FlowDeleteStrict {
				delete(held, m.Flow.Key())
			}
		case *of.GroupMod:
			if _, there := groups[m.Group.ID]; there != (m.Command != of.GroupAdd) {
				t.Errorf("command %d for group %d", m.Command, m.Group.ID)
			}
			for _, b := range m.Group.Buckets {
				needs(b.Actions.List(), m)
			}
			groups[m.Group.ID] = m.Group
			if m.Command == of.GroupDelete {
				delete(groups, m.Group.ID)
			}
		}
	}
	c := flows.Diff(nil, nil, flows.Rules{Flows: slices.Collect(maps.Values(held))}) // in the order of Rules
	for _, m := range c.FlowMods {
		got.Flows = append(got.Flows, m.Flow)
	}
	for _, id := range slices.Sorted(maps.Keys(groups)) {
		got.Groups = append(got.Groups, groups[id])
	}
	return got
}
