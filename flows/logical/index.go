package logical

import (
	"crypto/sha256"
	"iter"
)

// index is a persistent map from a key to the entities that have it.
type index[E any] struct{ sets trie[set[E]] }

// set holds one entity, as nearly all do, or several by their UUIDs.
type set[E any] struct {
	one  *E
	many *trie[*E]
}

func idOf[E any](v *E) UUID { return any(v).(Entity).Ref().UUID }

func (x index[E]) add(e *edit, key UUID, v *E) index[E] {
	x.sets = x.sets.update(e, key, func(s set[E]) set[E] {
		switch {
		case s.many != nil:
			many := s.many.put(e, idOf(v), v)
			return set[E]{many: &many}
		case s.one == nil || idOf(s.one) == idOf(v):
			return set[E]{one: v}
		}
		many := trie[*E]{}.put(e, idOf(s.one), s.one).put(e, idOf(v), v)
		return set[E]{many: &many}
	})
	return x
}

func (x index[E]) remove(e *edit, key UUID, v *E) index[E] {
	s, ok := x.sets.get(key)
	if !ok {
		return x
	}
	if s.many == nil {
		if idOf(s.one) == idOf(v) {
			x.sets = x.sets.del(e, key)
		}
		return x
	}
	many := s.many.del(e, idOf(v))
	s = set[E]{many: &many}
	if many.n == 1 {
		for last := range values(many) {
			s = set[E]{one: last}
		}
	}
	x.sets = x.sets.put(e, key, s)
	return x
}

// of walks the entities of a key in the order of their UUIDs.
func (x index[E]) of(key UUID) iter.Seq[*E] {
	return func(yield func(*E) bool) {
		s, _ := x.sets.get(key)
		switch {
		case s.many != nil:
			s.many.root.walk(func(_ UUID, v *E) bool { return yield(v) })
		case s.one != nil:
			yield(s.one)
		}
	}
}

// first returns the entity of a key that before puts first, nil where it has none.
func (x index[E]) first(key UUID, before func(a, b *E) bool) *E {
	var best *E
	for v := range x.of(key) {
		if best == nil || before(v, best) {
			best = v
		}
	}
	return best
}

// shared walks the keys that several entities have.
func (x index[E]) shared() iter.Seq[[]*E] {
	return func(yield func([]*E) bool) {
		for _, s := range x.sets.all() {
			if s.many == nil {
				continue
			}
			var all []*E
			for v := range values(*s.many) {
				all = append(all, v)
			}
			if !yield(all) {
				return
			}
		}
	}
}

func values[E any](t trie[*E]) iter.Seq[*E] {
	return func(yield func(*E) bool) {
		t.root.walk(func(_ UUID, v *E) bool { return yield(v) })
	}
}

// text is the key of an index by text: long enough a digest that two texts never
// have one key, whoever chooses them.
func text(s string) UUID {
	sum := sha256.Sum256([]byte(s))
	return UUID(sum[:16])
}

// claim is the key of an address or MAC on a switch.
func claim(sw ID[Switch], address []byte) UUID {
	var buf [32]byte
	sum := sha256.Sum256(append(append(buf[:0], sw[:]...), address...))
	return UUID(sum[:16])
}
