package main

import "testing"

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"plan", "paln", true},
		{"status", "stauts", true},
		{"vm1-eth0", "VM1-eht0", true},
		{"vm1-eth0", "m1-eth0", true},
		{"release", "relaese", true},
		{"plan", "apply", false},
		{"port", "host", false},
		{"list", "show", false},
		{"", "plan", false},
	} {
		if got := alike(tt.a, tt.b); got != tt.want || alike(tt.b, tt.a) != got {
			t.Errorf("alike(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}

// The dumb way to say the same: try every edit.
func slowDistance(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	case a[0] == b[0]:
		return slowDistance(a[1:], b[1:])
	}
	n := 1 + min(slowDistance(a[1:], b), slowDistance(a, b[1:]), slowDistance(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		n = min(n, 1+slowDistance(a[2:], b[2:]))
	}
	return n
}

func FuzzDistance(f *testing.F) {
	f.Add("stauts", "status")
	f.Add("ab", "ba")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, a, b string) {
		s, u := []rune(a), []rune(b)
		s, u = s[:min(len(s), 6)], u[:min(len(u), 6)]
		if got, want := distance(string(s), string(u)), slowDistance([]rune(string(s)), []rune(string(u))); got != want {
			t.Errorf("distance(%q, %q) = %d, want %d", string(s), string(u), got, want)
		}
	})
}
