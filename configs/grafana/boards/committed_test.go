package boards

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the dashboards")

// dashboards is where the JSON lies that Grafana reads.
const dashboards = "../dashboards"

// TestCommitted: what is committed is what the values say, and nothing else lies
// beside it.
func TestCommitted(t *testing.T) {
	want := map[string]bool{}
	for _, b := range boards() {
		text, err := b.marshal()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dashboards, b.uid+".json")
		want[file] = true
		if *update {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != string(text) {
			t.Errorf("%s is not what the values say (%v); run make generate", file, err)
		}
	}
	files, err := filepath.Glob(dashboards + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !want[file] {
			t.Errorf("%s is of no dashboard", file)
		}
	}
}
