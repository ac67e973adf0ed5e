package flows_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
)

// TestPage expects docs/pipeline.md to show flows that there are, and all tables that
// have some.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../docs/pipeline.md")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	used := map[string]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			known[strings.TrimSpace(line)] = true
			if words := strings.Fields(line); words[0] == "#" && len(words) == 4 {
				used[words[3]] = true
			}
		}
	}
	shown, code := 0, false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if line == "```" {
			code = !code
			continue
		}
		if code {
			if shown++; !known[line] {
				t.Errorf("no such flow in testdata: %s", line)
			}
		}
	}
	if shown < 20 {
		t.Errorf("the page shows %d flows only", shown)
	}
	for _, table := range flows.Tables() {
		if used[table.String()] && !strings.Contains(string(page), " "+table.String()) {
			t.Errorf("the page has no section for table %s", table)
		}
	}
}
