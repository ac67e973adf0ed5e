package logical

import (
	"iter"
	"math/bits"
	"slices"
)

// trie is a persistent map from UUIDs: put and del return a new map and leave the
// old one as it was, sharing all but the path to the change. It is a radix trie
// over hexadecimal digits, in the compressed form of Steindorfer and Vinju
// (OOPSLA 2015): its shape depends on its content alone, and it is walked in the
// order of the keys. The zero value is empty.
type trie[V any] struct {
	root *node[V]
	n    int
}

// node holds, for each digit, nothing, one key or a further node.
type node[V any] struct {
	edit   *edit // who may change the node in place
	leaves uint16
	kids   uint16
	leaf   []leaf[V]
	kid    []*node[V]
}

type leaf[V any] struct {
	key UUID
	val V
}

// edit owns the nodes that it made: a batch of changes copies no node twice. A
// nil edit owns none. It must not be empty, or all would have one address.
type edit struct{ _ byte }

func digit(key UUID, depth int) uint16 {
	b := key[depth/2]
	if depth%2 == 0 {
		b >>= 4
	}
	return 1 << (b & 15)
}

// at is the place in a slice of what the digit's bit stands for.
func at(set, bit uint16) int { return bits.OnesCount16(set & (bit - 1)) }

func (t trie[V]) get(key UUID) (V, bool) {
	n := t.root
	for depth := 0; n != nil; depth++ {
		bit := digit(key, depth)
		if n.leaves&bit != 0 {
			if l := &n.leaf[at(n.leaves, bit)]; l.key == key {
				return l.val, true
			}
			break
		}
		if n.kids&bit == 0 {
			break
		}
		n = n.kid[at(n.kids, bit)]
	}
	var none V
	return none, false
}

// put returns t with val at key.
func (t trie[V]) put(e *edit, key UUID, val V) trie[V] {
	return t.update(e, key, func(V) V { return val })
}

// update returns t with what set makes of the value at key, the zero value where there
// is none.
func (t trie[V]) update(e *edit, key UUID, set func(V) V) trie[V] {
	root, added := t.root.update(e, key, set, 0)
	if added {
		t.n++
	}
	t.root = root
	return t
}

// del returns t without key.
func (t trie[V]) del(e *edit, key UUID) trie[V] {
	if _, ok := t.get(key); !ok {
		return t
	}
	t.n--
	if t.n == 0 {
		return trie[V]{}
	}
	t.root = t.root.del(e, key, 0)
	return t
}

// all walks the map in the order of the keys.
func (t trie[V]) all() iter.Seq2[UUID, V] {
	return func(yield func(UUID, V) bool) { t.root.walk(yield) }
}

// own returns n, or a copy of it that e may change.
func (n *node[V]) own(e *edit) *node[V] {
	if e != nil && n.edit == e {
		return n
	}
	c := *n
	c.edit = e
	c.leaf = append([]leaf[V](nil), n.leaf...)
	c.kid = append([]*node[V](nil), n.kid...)
	return &c
}

func (n *node[V]) update(e *edit, key UUID, set func(V) V, depth int) (_ *node[V], added bool) {
	var none V
	bit := digit(key, depth)
	if n == nil {
		return &node[V]{edit: e, leaves: bit, leaf: []leaf[V]{{key, set(none)}}}, true
	}
	n = n.own(e)
	switch {
	case n.kids&bit != 0:
		i := at(n.kids, bit)
		n.kid[i], added = n.kid[i].update(e, key, set, depth+1)
	case n.leaves&bit == 0:
		n.leaf = insert(n.leaf, at(n.leaves, bit), leaf[V]{key, set(none)})
		n.leaves |= bit
		added = true
	default:
		i := at(n.leaves, bit)
		if n.leaf[i].key == key {
			n.leaf[i].val = set(n.leaf[i].val)
			return n, false
		}
		kid := &node[V]{edit: e, leaves: digit(n.leaf[i].key, depth+1), leaf: []leaf[V]{n.leaf[i]}}
		kid, _ = kid.update(e, key, set, depth+1)
		n.leaf = remove(n.leaf, i)
		n.leaves &^= bit
		n.kid = insert(n.kid, at(n.kids, bit), kid)
		n.kids |= bit
		added = true
	}
	return n, added
}

// del removes a key that is there. A node with one key alone goes up into its parent.
func (n *node[V]) del(e *edit, key UUID, depth int) *node[V] {
	n = n.own(e)
	bit := digit(key, depth)
	if n.leaves&bit != 0 {
		n.leaf = remove(n.leaf, at(n.leaves, bit))
		n.leaves &^= bit
		return n
	}
	i := at(n.kids, bit)
	kid := n.kid[i].del(e, key, depth+1)
	n.kid[i] = kid
	if len(kid.kid) == 0 && len(kid.leaf) == 1 {
		n.kid = remove(n.kid, i)
		n.kids &^= bit
		n.leaf = insert(n.leaf, at(n.leaves, bit), kid.leaf[0])
		n.leaves |= bit
	}
	return n
}

func (n *node[V]) walk(yield func(UUID, V) bool) bool {
	if n == nil {
		return true
	}
	leaf, kid := 0, 0
	for bit := uint16(1); bit != 0; bit <<= 1 {
		switch {
		case n.leaves&bit != 0:
			if !yield(n.leaf[leaf].key, n.leaf[leaf].val) {
				return false
			}
			leaf++
		case n.kids&bit != 0:
			if !n.kid[kid].walk(yield) {
				return false
			}
			kid++
		}
	}
	return true
}

// insert and remove work in slices that their node owns. They keep little spare room:
// there are as many such slices as entities.
func insert[E any](s []E, i int, v E) []E {
	if len(s) < cap(s) {
		s = s[:len(s)+1]
		copy(s[i+1:], s[i:])
		s[i] = v
		return s
	}
	r := make([]E, len(s)+1, room(len(s)+1))
	copy(r, s[:i])
	r[i] = v
	copy(r[i+1:], s[i:])
	return r
}

func remove[E any](s []E, i int) []E {
	if len(s) == 1 {
		return nil
	}
	if cap(s) <= room(len(s)-1)+1 {
		return slices.Delete(s, i, i+1)
	}
	r := make([]E, len(s)-1)
	copy(r, s[:i])
	copy(r[i:], s[i+1:])
	return r
}

// room is what a slice of n grows to: a node has 16 places at most.
func room(n int) int {
	switch {
	case n <= 2:
		return n
	case n <= 8:
		return n + n&1
	}
	return min((n+3)&^3, 16)
}
