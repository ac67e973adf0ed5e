package logical

import "testing"

// A snapshot is of the database that it was read from last: an empty one has no id and
// no generation, whatever was before.
func TestSnapshotStore(t *testing.T) {
	one, two := ID[Global]{15: 1}, ID[Global]{15: 2}
	s := new(Snapshot)
	for _, step := range []struct {
		name       string
		all        []Entity
		id         ID[Global]
		generation uint64
		changed    bool
	}{
		{"empty", nil, ID[Global]{}, 0, false},
		{"first", []Entity{&Global{ID: one, Seq: 5}}, one, 5, true},
		{"the same", []Entity{&Global{ID: one, Seq: 5}}, one, 5, false},
		{"another as far", []Entity{&Global{ID: two, Seq: 5}}, two, 5, true},
		{"empty again", nil, ID[Global]{}, 0, true},
	} {
		next, delta := s.Replace(step.all)
		if next.Store() != step.id || next.Generation() != step.generation || (len(delta) > 0) != step.changed {
			t.Errorf("%s: store %s, generation %d, delta %v", step.name, next.Store(), next.Generation(), delta)
		}
		s = next
	}
}
