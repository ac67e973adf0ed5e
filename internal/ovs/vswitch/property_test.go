package vswitch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
)

// subsets are the parts of a plan that somebody may make: all that is not
// refused, and without what is not ours.
func subsets() map[string]func(vswitch.Change) bool {
	return map[string]func(vswitch.Change) bool{
		"all":             func(vswitch.Change) bool { return true },
		"no take-overs":   func(c vswitch.Change) bool { return !c.TakeOver },
		"nothing deleted": func(c vswitch.Change) bool { return !c.TakeOver && c.Op != vswitch.Delete && c.Step == 1 },
	}
}

// TestDiffConverges makes up states and wishes: what may be made is made in one
// go, and leaves nothing of its kind to do; what nobody marked as ours, and
// nobody wants, is the same to the letter.
func TestDiffConverges(t *testing.T) {
	for name, may := range subsets() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(1500) {
				converges(t, seed, may)
			}
		})
	}
}

func FuzzDiff(f *testing.F) {
	f.Add(uint64(1), 0)
	f.Fuzz(func(t *testing.T, seed uint64, which int) {
		for name, may := range subsets() {
			if len(name)%3 == which%3 {
				converges(t, seed, may)
			}
		}
	})
}

func converges(t *testing.T, seed uint64, may func(vswitch.Change) bool) {
	t.Helper()
	m := maker{rand.New(rand.NewPCG(seed, 2))}
	o := m.observed()
	d := m.desired(o)
	show := func(o vswitch.Observed, changes []vswitch.Change) string {
		return fmt.Sprintf("seed %d\nis:\n%swanted:\n%schanges:\n%s", seed, vswitchtest.Lines(o), vswitchtest.Lines(wish(d)), printed(changes))
	}
	changes := made(vswitch.Diff(o, d), may)
	after, err := vswitchtest.Apply(o, changes)
	if err != nil {
		t.Fatalf("%v\n%s", err, show(o, changes))
	}
	again := made(vswitch.Diff(after, d), func(c vswitch.Change) bool { return may(c) && !wasRefused(o, d, c) })
	if len(again) > 0 {
		t.Fatalf("left to do:\n%s%s\nthen is:\n%s", printed(again), show(o, changes), vswitchtest.Lines(after))
	}
	if what := untouched(o, after, d, changes); what != "" {
		t.Fatalf("%s\n%s", what, show(o, changes))
	}
}

// wasRefused tells whether a change was refused at first: a bridge may go only
// when the take-over of a foreign port has emptied it.
func wasRefused(o vswitch.Observed, d vswitch.Desired, c vswitch.Change) bool {
	return slices.ContainsFunc(vswitch.Diff(o, d), func(first vswitch.Change) bool {
		return first.ID == c.ID && first.Op == c.Op && first.Refused != ""
	})
}

// made returns the changes that are made: deleting and making again go together.
func made(changes []vswitch.Change, may func(vswitch.Change) bool) []vswitch.Change {
	var some []vswitch.Change
	for _, c := range changes {
		if c.Refused == "" && may(c) {
			some = append(some, c)
		}
	}
	return some
}

func wish(d vswitch.Desired) vswitch.Observed {
	var o vswitch.Observed
	for _, r := range d.Rows {
		o.Rows = append(o.Rows, vswitch.ObservedRow{Row: r})
	}
	return o
}

// untouched says which row or setting of others the changes touched: a row that
// nobody marked or wants must be the same unless it hung below a port that went,
// and of any other row the settings that are neither ours nor wanted.
func untouched(o, after vswitch.Observed, d vswitch.Desired, changes []vswitch.Change) string {
	gone := map[vswitch.ID]bool{}
	for _, c := range changes {
		gone[c.ID] = gone[c.ID] || c.Op == vswitch.Delete
	}
	for _, r := range o.Rows { // parents come first
		if gone[r.Parent] && !gone[r.ID] && r.Parent.Table == vswitch.BridgeTable && r.Name != r.Parent.Name && r.Mark.Owner != vswitch.OwnerProfile {
			return fmt.Sprintf("%s is not the profile's and went with its bridge", r.ID)
		}
		gone[r.ID] = gone[r.ID] || gone[r.Parent]
		if gone[r.ID] {
			continue
		}
		want, wanted := d.Row(r.ID)
		is, still := after.Row(r.ID)
		switch {
		case !still:
			return fmt.Sprintf("%s is gone", r.ID)
		case r.Mark.Owner == "" && len(r.Mark.Keys) == 0 && !wanted:
			if diff := cmp.Diff(r, is); diff != "" {
				return fmt.Sprintf("%s:\n%s", r.ID, diff)
			}
		default:
			for name, text := range r.Settings {
				if _, ours := want.Settings[name]; !ours && !r.Mark.Owns(name) && is.Settings[name] != text {
					return fmt.Sprintf("%s: %s was %q, is %q", r.ID, name, text, is.Settings[name])
				}
			}
		}
	}
	return ""
}

// TestReleaseEndsOwnership: after a release nothing is marked, whatever was.
func TestReleaseEndsOwnership(t *testing.T) {
	for seed := range uint64(1000) {
		m := maker{rand.New(rand.NewPCG(seed, 3))}
		o := m.observed()
		after, err := vswitchtest.Apply(o, vswitch.ReleaseAll(o))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, vswitchtest.Lines(o))
		}
		for _, r := range after.Rows {
			if diff := cmp.Diff(vswitch.Mark{}, r.Mark); diff != "" {
				t.Fatalf("seed %d: %s is still marked:\n%s\n%s", seed, r.ID, diff, vswitchtest.Lines(o))
			}
		}
		if again := vswitch.ReleaseAll(after); len(again) > 0 {
			t.Fatalf("seed %d: left to release:\n%s", seed, printed(again))
		}
	}
}

// TestReleaseRestores: a host that was taken over and released is as it was,
// but for rows that were made (anew), and settings that nobody had when we wrote
// them into a row of ours.
func TestReleaseRestores(t *testing.T) {
	for seed := range uint64(1000) {
		m := maker{rand.New(rand.NewPCG(seed, 4))}
		o := vswitchtest.Unmarked(m.observed())
		d := m.desired(o)
		taken, err := vswitchtest.Apply(o, made(vswitch.Diff(o, d), subsets()["all"]))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		other := m.desired(taken) // an owner changes his mind before he leaves
		changes := made(vswitch.Diff(taken, other), subsets()["no take-overs"])
		if taken, err = vswitchtest.Apply(taken, changes); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		wrote := map[vswitch.ID]vswitch.Settings{}
		for _, c := range changes {
			if c.Op == vswitch.Set && c.Old == "" {
				if wrote[c.ID] == nil {
					wrote[c.ID] = vswitch.Settings{}
				}
				wrote[c.ID][c.Setting] = c.New
			}
		}
		after, err := vswitchtest.Apply(taken, vswitch.ReleaseAll(taken))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, r := range o.Rows {
			is, still := after.Row(r.ID)
			if !still || is.UUID != r.UUID {
				continue
			}
			for name := range is.Settings {
				if _, had := r.Settings[name]; !had && (r.ID == vswitch.Root || wrote[r.ID][name] != "") {
					delete(is.Settings, name)
				}
			}
			if diff := cmp.Diff(r, is); diff != "" {
				t.Fatalf("seed %d: %s (-was +is):\n%s\nwas:\n%staken:\n%s", seed, r.ID, diff, vswitchtest.Lines(o), vswitchtest.Lines(taken))
			}
		}
	}
}
