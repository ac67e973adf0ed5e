package agent

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// casesIn are the packages that the table of cases names, by the last part of their paths.
var casesIn = map[string]string{
	"agent": ".", "overlay": "overlay", "store": "../store", "flows": "../../flows", "respond": "../../flows/respond",
	"simulate": "../../flows/simulate", "difftest": "../../flows/simulate/difftest",
}

// mustBeReal are TupleNet's scenarios, each of which is to be a test with real packets.
var mustBeReal = []string{
	"ls", "lr", "lsr", "feedback", "drop", "dup", "hv", "ovsdb", "store", "ovsport", "patchport", "delete", "smoke_ls", "smoke_lr",
}

// TestCasesPage holds the table of docs/lab.md against the tests and scenarios that there
// are: each that it names is there, each scenario is named, and TupleNet's are all played.
func TestCasesPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/lab.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "\n## What is tested with real packets\n")
	if !ok {
		t.Fatal("docs/lab.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	named, played := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| Case") || strings.HasPrefix(line, "| Fault |") {
			continue
		}
		if len(cells) < 2 {
			t.Fatalf("a row has three cells: %s", line)
		}
		tests := namesOf(strings.Join(cells[1:], " "))
		if len(tests) == 0 {
			t.Errorf("no test: %s", line)
		}
		for _, name := range tests {
			named[name] = true
			if !thereIs(t, name) {
				t.Errorf("there is no %s: %s", name, line)
			}
		}
		if len(namesOf(cells[1])) > 0 {
			for _, word := range regexp.MustCompile(`\w+`).FindAllString(cells[0], -1) {
				played[word] = true
			}
		}
	}
	for _, name := range mustBeReal {
		if !played[name] {
			t.Errorf("no real packets for %s", name)
		}
	}
	scenarios, err := filepath.Glob("testdata/fleet/*.txt")
	if err != nil || len(scenarios) == 0 {
		t.Fatal(scenarios, err)
	}
	for _, file := range scenarios {
		if name := "fleet/" + strings.TrimSuffix(filepath.Base(file), ".txt"); !named[name] {
			t.Errorf("the table lacks %s", name)
		}
	}
}

// namesOf are the scenarios and tests that cells name.
func namesOf(cells string) []string {
	var all []string
	for _, m := range regexp.MustCompile("`(fleet/\\w+|\\w+\\.Test\\w+)`").FindAllStringSubmatch(cells, -1) {
		all = append(all, m[1])
	}
	return all
}

// thereIs looks for a scenario, or for a test in the sources of its package.
func thereIs(t *testing.T, name string) bool {
	t.Helper()
	if scenario, ok := strings.CutPrefix(name, "fleet/"); ok {
		_, err := os.Stat(filepath.Join("testdata/fleet", scenario+".txt"))
		return err == nil
	}
	pkg, test, _ := strings.Cut(name, ".")
	files, err := filepath.Glob(filepath.Join(casesIn[pkg], "*_test.go"))
	if err != nil || casesIn[pkg] == "" {
		return false
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), "\nfunc "+test+"(t *testing.T)")
	})
}
