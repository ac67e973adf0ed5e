package golden

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// witness is a test that may fail.
type witness struct {
	testing.TB
	said string
}

func (w *witness) Helper() {}

func (w *witness) Errorf(format string, args ...any) { w.said += fmt.Sprintf(format, args...) }

// Fatalf ends the test, as that of testing does: Check must not go on.
func (w *witness) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	panic(w)
}

// A file that is missing or holds something else fails a test, and -update makes it so.
func TestCheck(t *testing.T) {
	was := *update
	t.Cleanup(func() { *update = was })
	path := filepath.Join(t.TempDir(), "testdata", "new.txt")
	for _, step := range []struct {
		name, got string
		update    bool
		want      string // of what is said; "" = nothing
	}{
		{"missing", "one\n", false, "no such file or directory: -update writes it"},
		{"written", "one\n", true, ""},
		{"the same", "one\n", false, ""},
		{"another", "two\n", false, "differs (-want +got), -update rewrites it:"},
		{"rewritten", "two\n", true, ""},
		{"now the same", "two\n", false, ""},
	} {
		*update = step.update
		if Update() != step.update {
			t.Errorf("%s: Update tells %t", step.name, Update())
		}
		w := &witness{TB: t}
		func() {
			defer func() {
				if r := recover(); r != nil && r != any(w) {
					panic(r)
				}
			}()
			Check(w, path, step.got)
		}()
		if (w.said == "") != (step.want == "") || !strings.Contains(w.said, step.want) {
			t.Errorf("%s: %q is said, want %q", step.name, w.said, step.want)
		}
	}
}
