package vswitch

import "testing"

// slow is the definition of distance, without a table.
func slow(a, b string) int {
	switch {
	case a == "":
		return len(b)
	case b == "":
		return len(a)
	}
	cost := 1
	if a[0] == b[0] {
		cost = 0
	}
	d := min(slow(a[1:], b)+1, slow(a, b[1:])+1, slow(a[1:], b[1:])+cost)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, slow(a[2:], b[2:])+1)
	}
	return d
}

func TestDistance(t *testing.T) {
	words := []string{"", "a", "ab", "ba", "mask", "maks", "msk", "masks", "n_rxq", "n_txq", "rxq_n", "abcd", "badc"}
	for _, a := range words {
		for _, b := range words {
			if got, want := distance(a, b), slow(a, b); got != want {
				t.Errorf("distance %q to %q: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestKnownKeysAreNoSlips(t *testing.T) {
	for _, table := range []Table{OpenvSwitch, BridgeTable, PortTable, IfaceTable} {
		for _, name := range knownKeys(table) {
			for _, f := range NewReviewer("").Review(Settings{name: "true"}, table) {
				if f.Code == "setting-misspelt" || f.Code == "setting-too-new" {
					t.Errorf("%s %s: %s", table, name, f.What)
				}
			}
		}
	}
	for name := range newKeys() {
		found := false
		for _, table := range []Table{OpenvSwitch, PortTable, IfaceTable} {
			for _, known := range knownKeys(table) {
				found = found || known == name
			}
		}
		if !found {
			t.Errorf("%s has a first release and is not known", name)
		}
	}
}
