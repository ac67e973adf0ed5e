package overlay

import (
	"fmt"
	"testing"
)

// The causes of an error may come in any order, and are one error all the same, until
// all is well.
func TestSaid(t *testing.T) {
	s := said{}
	for i, step := range []struct {
		text string
		want bool
	}{
		{"", false},
		{"no connection\na: refused\nb: timeout", true},
		{"no connection\nb: timeout\na: refused", false},
		{"no connection\nb: refused\na: refused", true},
		{"no connection\na: refused\nb: timeout", false},
		{"", false},
		{"no connection\nb: timeout\na: refused", true},
	} {
		if got := s.anew(step.text); got != step.want {
			t.Errorf("step %d, %q: %t", i, step.text, got)
		}
	}
	logged := 0
	for i := range 100 {
		if s.anew(fmt.Sprint("port ", i)) {
			logged++
		}
	}
	if logged != saidMost-1 {
		t.Errorf("%d of 100 errors are logged", logged)
	}
	if got, want := causes("no connection\nb: x\na: y\na: y"), "no connection; a: y; b: x"; got != want {
		t.Errorf("causes %q, want %q", got, want)
	}
}
