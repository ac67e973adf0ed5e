// Package golden compares what a test got with a file that a reader can judge. It is
// for tests only: it gives each of them the flag -update, which rewrites the files.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files: read the diff")

// Update tells whether the files are to be rewritten, for a test that does it itself
// because its file holds more than what it got. It is known once the tests run.
func Update() bool { return *update }

// Check fails the test where got is not what the file holds, and shows what differs.
// With -update it writes the file before, and its folder. The path is from the package's
// own folder, as "testdata/plan.txt".
func Check(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got), -update rewrites it:\n%s", path, diff)
	}
}
