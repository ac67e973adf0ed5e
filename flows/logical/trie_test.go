package logical

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// key makes keys that share long beginnings, or short ones.
func key(r *rand.Rand) UUID {
	var u UUID
	if r.IntN(2) == 0 {
		u[15], u[3] = byte(r.IntN(40)), byte(r.IntN(2))
	} else {
		u[0], u[1] = byte(r.IntN(256)), byte(r.IntN(3))
	}
	return u
}

// TestTrie does random changes beside a map, and keeps some versions to see
// that it stays as it was.
func TestTrie(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	type version struct {
		trie trie[int]
		want map[UUID]int
	}
	var now trie[int]
	want := map[UUID]int{}
	var kept []version
	e := new(edit)
	for i := range 2000 {
		switch k := key(r); {
		case r.IntN(3) == 0:
			now = now.del(e, k)
			delete(want, k)
		default:
			now = now.put(e, k, i)
			want[k] = i
		}
		if i%20 == 0 {
			kept = append(kept, version{now, maps.Clone(want)})
			e = new(edit)
		}
	}
	for _, v := range append(kept, version{now, want}) {
		checkTrie(t, v.trie, v.want)
	}
	for k := range want {
		now = now.del(nil, k)
	}
	if now != (trie[int]{}) {
		t.Errorf("after deleting all there are %d", now.n)
	}
}

func checkTrie(t *testing.T, got trie[int], want map[UUID]int) {
	t.Helper()
	if got.n != len(want) {
		t.Fatalf("%d keys, want %d", got.n, len(want))
	}
	found := map[UUID]int{}
	var last UUID
	for k, v := range got.all() {
		if len(found) > 0 && last.Compare(k) >= 0 {
			t.Fatalf("%v after %v", k, last)
		}
		last, found[k] = k, v
		if w, ok := got.get(k); !ok || w != v {
			t.Fatalf("get(%v) = %d, %t; the walk says %d", k, w, ok, v)
		}
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Fatal(diff)
	}
}

// TestTrieShape: two ways to the same content end in the same shape, and a walk
// may be left.
func TestTrieShape(t *testing.T) {
	a, b, c := UUID{1}, UUID{1, 0, 0, 7}, UUID{2}
	var x, y trie[int]
	x = x.put(nil, a, 1).put(nil, b, 2).put(nil, c, 3).del(nil, b)
	y = y.put(nil, c, 3).put(nil, a, 1)
	if diff := cmp.Diff(y, x, cmp.AllowUnexported(trie[int]{}, node[int]{}, leaf[int]{}, edit{})); diff != "" {
		t.Error(diff)
	}
	for k := range x.all() {
		if k != a {
			t.Errorf("walked on to %v", k)
		}
		break
	}
}
