package logical

import (
	"iter"
	"maps"
	"reflect"
	"slices"
)

// Changes turn one snapshot into the next. An entity that is put replaces the
// former one of its Ref as a whole. Deletions come first; to delete what is
// absent changes nothing; what is both deleted and put counts as changed.
type Changes struct {
	Put    []Entity
	Delete []Ref
}

// Delta names what differs between two snapshots: each entity that came, went or
// changed; the ports that claim an address which another port claimed or gave up;
// and the port of a binding that came or went. It is ascending, each Ref once.
type Delta []Ref

// With returns the next snapshot and what is different there. Entities that are
// put as they already are change nothing. The cost depends on the changes and, by
// its logarithm, on the size of the network. s stays as it is; several goroutines
// may derive from one snapshot.
func (s *Snapshot) With(c Changes) (*Snapshot, Delta) {
	b := builder{Snapshot: *s, edit: new(edit), delta: make(map[Ref]struct{}, len(c.Put)+len(c.Delete))}
	b.apply(c)
	next := b.Snapshot
	delta := slices.Collect(maps.Keys(b.delta))
	slices.SortFunc(delta, Ref.Compare)
	return &next, delta
}

// Replace returns the snapshot that holds just these entities, and how it differs
// from s: what came in from elsewhere, whole, becomes a change like any other.
func (s *Snapshot) Replace(all []Entity) (*Snapshot, Delta) {
	stay := make(map[Ref]struct{}, len(all))
	for _, v := range all {
		stay[v.Ref()] = struct{}{}
	}
	c := Changes{Put: all}
	if _, ok := stay[s.globalRef()]; !ok && !s.store.IsZero() {
		c.Delete = append(c.Delete, s.globalRef())
	}
	for v := range s.All() {
		if _, ok := stay[v.Ref()]; !ok {
			c.Delete = append(c.Delete, v.Ref())
		}
	}
	return s.With(c)
}

// Gather returns the snapshot that these changes make of an empty one, one after the
// other, and the Delta of it from that. They are taken as they come: whoever makes them
// may still be making the next.
func Gather(all iter.Seq[Changes]) (*Snapshot, Delta) {
	b := builder{edit: new(edit)}
	for c := range all {
		b.apply(c)
	}
	next := b.Snapshot
	n := 1
	for k := range KindTrace + 1 {
		n += next.Len(k)
	}
	delta := make(Delta, 0, n)
	for v := range next.All() {
		delta = append(delta, v.Ref())
	}
	if !next.store.IsZero() {
		delta = append(delta, next.globalRef())
	}
	slices.SortFunc(delta, Ref.Compare)
	return &next, delta
}

// builder is a snapshot in the making.
type builder struct {
	Snapshot
	edit  *edit
	delta map[Ref]struct{} // nil = nobody asks
}

func (b *builder) changed(r Ref) {
	if b.delta != nil {
		b.delta[r] = struct{}{}
	}
}

func (b *builder) apply(c Changes) {
	for _, r := range c.Delete {
		if !b.store.IsZero() && r == b.globalRef() {
			b.generation, b.store = 0, ID[Global]{}
			b.changed(r)
		}
		if old := b.Entity(r); old != nil {
			b.unlink(old)
			b.drop(r)
			b.changed(r)
		}
	}
	for _, v := range c.Put {
		b.put(v)
	}
}

func (b *builder) put(v Entity) {
	if g, ok := v.(*Global); ok {
		if b.generation != g.Seq || b.store != g.ID {
			b.generation, b.store = g.Seq, g.ID
			b.changed(g.Ref())
		}
		return
	}
	r := v.Ref()
	old := b.Entity(r)
	if old != nil {
		if reflect.DeepEqual(old, v) {
			return
		}
		b.unlink(old)
	}
	b.changed(r)
	b.link(v)
}

// disputed names the other ports that claim what p does.
func (b *builder) disputed(p *SwitchPort, key UUID) {
	if b.delta == nil {
		return
	}
	for other := range b.claims.of(key) {
		if other.ID != p.ID {
			b.changed(other.Ref())
		}
	}
}
