package cpuset_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

func TestListAndMask(t *testing.T) {
	tests := []struct{ list, canonical, mask string }{
		{"", "", "0x0"},
		{"0", "0", "0x1"},
		{"2-5", "2-5", "0x3c"},
		{"5,2,3-4", "2-5", "0x3c"},
		{" 1, 3 ", "1,3", "0xa"},
		{"2-5,30-33", "2-5,30-33", "0x3c000003c"},
		{"63-64", "63-64", "0x18000000000000000"},
		{"128", "128", "0x100000000000000000000000000000000"},
	}
	for _, tt := range tests {
		s, err := cpuset.Parse(tt.list)
		if err != nil {
			t.Fatalf("Parse(%q): %v", tt.list, err)
		}
		if got := s.String(); got != tt.canonical {
			t.Errorf("Parse(%q) = %q, want %q", tt.list, got, tt.canonical)
		}
		if got := s.Mask(); got != tt.mask {
			t.Errorf("%q: mask %s, want %s", tt.list, got, tt.mask)
		}
		back, err := cpuset.ParseMask(tt.mask)
		if err != nil || !back.Equal(s) {
			t.Errorf("ParseMask(%q) = %q, %v, want %q", tt.mask, back, err, s)
		}
	}
}

func TestRefused(t *testing.T) {
	for list, want := range map[string]string{
		"a":         `cpu list "a": "a" is no CPU number`,
		"5-2":       `cpu list "5-2": range 5-2 runs backwards`,
		"1,,2":      `cpu list "1,,2": "" is no CPU number`,
		"-1":        `cpu list "-1": "" is no CPU number`,
		"0x3":       `cpu list "0x3": "0x3" is no CPU number`,
		"+3":        `cpu list "+3": "+3" is no CPU number`,
		"0-9999999": `cpu list "0-9999999": CPU 9999999 is over the limit of 8191`,
	} {
		if _, err := cpuset.Parse(list); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): %v, want %s", list, err, want)
		}
	}
	for _, mask := range []string{"", "0x", "0xg", strings.Repeat("f", 3000)} {
		if s, err := cpuset.ParseMask(mask); err == nil {
			t.Errorf("ParseMask(%.10q) = %s, want an error", mask, s)
		}
	}
}

// TestAlgebra checks the set operations against a plain map.
func TestAlgebra(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		a, b := map[int]bool{}, map[int]bool{}
		var sa, sb cpuset.Set
		for range rnd.IntN(20) {
			c := rnd.IntN(200)
			a[c], sa = true, sa.Union(cpuset.Of(c))
		}
		for range rnd.IntN(20) {
			c := rnd.IntN(200)
			b[c], sb = true, sb.Union(cpuset.Of(c))
		}
		for c := range 220 {
			want := []bool{a[c], a[c] || b[c], a[c] && b[c], a[c] && !b[c]}
			got := []bool{sa.Contains(c), sa.Union(sb).Contains(c), sa.Intersect(sb).Contains(c), sa.Minus(sb).Contains(c)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("CPU %d of {%s} and {%s}: in, union, intersection, difference: %s", c, sa, sb, diff)
			}
		}
		if sa.Len() != len(a) || !sa.Intersect(sb).SubsetOf(sb) {
			t.Fatalf("{%s}: length %d, want %d", sa, sa.Len(), len(a))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0,2-5", "", "8191", "1-3,2-9", "3-", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		s, err := cpuset.Parse(list)
		if err != nil {
			return
		}
		again, err := cpuset.Parse(s.String())
		if err != nil || !again.Equal(s) {
			t.Fatalf("%q parsed to %q, which parses to %q, %v", list, s, again, err)
		}
	})
}
