package logical

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var same = cmp.Options{
	cmp.AllowUnexported(Snapshot{}),
	tries[*Host](), tries[*Datapath](), tries[*Switch](), tries[*SwitchPort](), tries[*Binding](), tries[*Router](), tries[*RouterPort](),
	tries[*Route](), tries[*NAT](), tries[*SecurityGroup](), tries[*SecurityRule](), tries[*AddressSet](), tries[*LoadBalancer](), tries[*Pool](),
	tries[*Mirror](), tries[*Meter](), tries[*Trace](),
	indexes[Host](), indexes[Switch](), indexes[SwitchPort](), indexes[Binding](), indexes[Router](), indexes[RouterPort](), indexes[Route](),
	indexes[NAT](), indexes[SecurityGroup](), indexes[SecurityRule](), indexes[LoadBalancer](), indexes[Pool](),
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
}

func tries[V any]() cmp.Option {
	return cmp.Transformer("content", func(t trie[V]) map[UUID]V {
		m := map[UUID]V{}
		for k, v := range t.all() {
			m[k] = v
		}
		return m
	})
}

func indexes[E any]() cmp.Option {
	return cmp.Transformer("members", func(x index[E]) map[UUID][]*E {
		m := map[UUID][]*E{}
		for k := range x.sets.all() {
			m[k] = slices.Collect(x.of(k))
		}
		return m
	})
}

// difference compares shape and content at once, as a trie's shape follows from
// its content; and says what differs when something does.
func difference(a, b *Snapshot) string {
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return cmp.Diff(a, b, same)
}

// TestWithIsFresh does random changes and compares the snapshot, with all its
// indexes, to one made at once of what must be in it; and sees that Delta names
// just what differs.
func TestWithIsFresh(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	now := new(Snapshot)
	want := map[Ref]Entity{}
	for round := range 150 {
		c := Changes{}
		before := now
		held := map[Ref]Entity{}
		for k, v := range want {
			held[k] = v
		}
		for range 1 + r.IntN(4) {
			if v := random(r); r.IntN(3) == 0 {
				c.Delete = append(c.Delete, v.Ref())
			} else {
				c.Put = append(c.Put, v)
			}
		}
		for _, ref := range c.Delete {
			delete(want, ref)
		}
		for _, v := range c.Put {
			want[v.Ref()] = v
		}
		var delta Delta
		now, delta = now.With(c)
		all := make([]Entity, 0, len(want))
		for _, v := range want {
			all = append(all, v)
		}
		fresh := snapshotOf(all...)
		if diff := difference(fresh, now); diff != "" {
			t.Fatalf("after %v: fresh(-) incremental(+)\n%s", c, diff)
		}
		checkDelta(t, c, held, want, delta)
		if round%10 == 0 {
			if diff := difference(snapshotOf(slices.Collect(before.All())...), before); diff != "" {
				t.Fatalf("the former snapshot changed: %s", diff)
			}
		}
		if again, none := now.Replace(all); len(none) != 0 || again.Len(KindSwitchPort) != now.Len(KindSwitchPort) {
			t.Fatalf("the same again: %v", none)
		}
	}
}

// checkDelta: what differs is named; what is named and does not differ is a port
// that shares an address or a binding with something that does, or was both
// deleted and put.
func checkDelta(t *testing.T, c Changes, before, after map[Ref]Entity, delta Delta) {
	t.Helper()
	if !slices.IsSortedFunc(delta, Ref.Compare) {
		t.Errorf("delta %v is not ascending", delta)
	}
	named := map[Ref]bool{}
	times := map[Ref]int{}
	for _, v := range c.Put {
		times[v.Ref()]++
	}
	for _, ref := range c.Delete {
		times[ref]++
	}
	for _, ref := range delta {
		if named[ref] {
			t.Errorf("%v twice", ref)
		}
		named[ref] = true
		if times[ref] == 1 && ref.Kind != KindSwitchPort && reflect.DeepEqual(before[ref], after[ref]) {
			t.Errorf("%v is named and as it was", ref)
		}
	}
	for _, m := range []map[Ref]Entity{before, after} {
		for ref := range m {
			if !reflect.DeepEqual(before[ref], after[ref]) && !named[ref] {
				t.Errorf("%v changed and is not named", ref)
			}
		}
	}
}

// TestReplace: what a reload brings becomes a delta, deletions included.
func TestReplace(t *testing.T) {
	was := snapshotOf(aSwitch(1), aPort(1, 1, "10.0.0.1"), aPort(2, 1, "10.0.0.2"))
	next, delta := was.Replace([]Entity{aSwitch(1), aPort(2, 1, "10.0.0.22"), aPort(3, 1, "10.0.0.3")})
	want := Delta{{KindSwitchPort, UUID(portID(1))}, {KindSwitchPort, UUID(portID(2))}, {KindSwitchPort, UUID(portID(3))}}
	if diff := cmp.Diff(want, delta); diff != "" {
		t.Error(diff)
	}
	if next.Port(portID(1)) != nil || next.PortByName("p1") != nil || next.Switch(swID(1)) != was.Switch(swID(1)) {
		t.Error("p1 stayed, or ls1 did not")
	}
}

// TestGather: changes taken as they come make the snapshot that With makes of them one
// after the other, whichever order they come in.
func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	all := []Entity{&Global{ID: ID[Global]{1}, Seq: 7}}
	for i := range 300 {
		all = append(all, aSwitch(i%9), aPort(i%200, i%9, fmt.Sprintf("10.0.%d.%d", i%3, i%50)), aHost(i%5, fmt.Sprintf("192.0.2.%d", i%7)))
	}
	for range 3 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var changes []Changes
		for some := range slices.Chunk(all, 70) {
			changes = append(changes, Changes{Put: some, Delete: []Ref{all[r.IntN(len(all))].Ref(), {KindSwitch, UUID{1}}}})
		}
		want := new(Snapshot)
		for _, c := range changes {
			want, _ = want.With(c)
		}
		got, named := Gather(slices.Values(changes))
		if diff := difference(want, got); diff != "" {
			t.Error(diff)
		}
		var there []Entity
		if !want.Store().IsZero() {
			there = append(there, &Global{ID: want.Store(), Seq: want.Generation()})
		}
		_, delta := new(Snapshot).Replace(slices.AppendSeq(there, want.All()))
		if diff := cmp.Diff(delta, named); diff != "" {
			t.Error(diff)
		}
	}
}

func names[E any](all iter.Seq[*E]) []string {
	var n []string
	for v := range all {
		n = append(n, Name(any(v).(Entity)))
	}
	return n
}

func TestDeltaNamesRivals(t *testing.T) {
	s := snapshotOf(aSwitch(1), aPort(1, 1, "10.0.0.1"), aHost(1, "192.0.2.1"))
	rival := aPort(2, 1, "10.0.0.1")
	both := Delta{{KindSwitchPort, UUID(portID(1))}, {KindSwitchPort, UUID(portID(2))}}
	s, delta := s.With(Changes{Put: []Entity{rival}})
	if diff := cmp.Diff(both, delta); diff != "" {
		t.Error(diff)
	}
	a := netip.MustParseAddr("10.0.0.1")
	if s.PortByAddress(swID(1), a).Name != "p1" || !s.Holds(s.Port(portID(1)), a) || s.Holds(rival, a) || s.HoldsMAC(rival, rival.MAC) {
		t.Error("the older port does not hold the address alone")
	}
	s, delta = s.With(Changes{Delete: []Ref{{KindSwitchPort, UUID(portID(1))}}})
	if diff := cmp.Diff(both, delta); diff != "" {
		t.Error(diff)
	}
	if !s.Holds(rival, a) {
		t.Error("the rival does not hold what is left to it")
	}
	_, delta = s.With(Changes{Put: []Entity{aBinding(1, 2, "h1", 1)}})
	want := Delta{{KindSwitchPort, UUID(portID(2))}, aBinding(1, 2, "", 0).Ref()}
	if diff := cmp.Diff(want, delta); diff != "" {
		t.Error(diff)
	}
}
