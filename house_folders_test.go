package sluice_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// folder is one that docs/architecture.md names.
type folder struct {
	path    string // from the root of the module
	planned bool   // it says that nobody made it yet
}

var (
	columns    = regexp.MustCompile(` {2,}`)
	folderName = regexp.MustCompile(`^[a-z0-9-]+(/[a-z0-9-]+)*/?$`)
)

// parseFolders reads the block under "Folders". An indented name is below the
// folder of the last line that is not, said so or not.
func parseFolders(doc string) []folder {
	_, doc, _ = strings.Cut(doc, "\n## Folders\n")
	_, doc, _ = strings.Cut(doc, "```\n")
	block, _, _ := strings.Cut(doc, "```")
	var all []folder
	top := ""
	for line := range strings.Lines(block) {
		below := strings.HasPrefix(line, " ")
		for _, word := range columns.Split(strings.TrimSpace(line), -1) {
			if !strings.Contains(word, "/") || !folderName.MatchString(word) {
				continue
			}
			name := path.Clean(word)
			if !below {
				top = name
			} else if !strings.HasPrefix(name, top+"/") {
				name = path.Join(top, name)
			}
			all = append(all, folder{name, strings.Contains(line, "(planned)")})
		}
	}
	return all
}

// check complains about a folder that is not as the page says. exists says whether
// it is there, sources how many Go files are in it.
func (f folder) check(exists bool, sources int) string {
	switch {
	case f.planned && sources > 0:
		return f.path + " is there, and docs/architecture.md calls it planned"
	case !f.planned && !exists:
		return f.path + " is named by docs/architecture.md and is not there: make it, or mark it (planned)"
	}
	return ""
}

// TestFolders holds the list of folders to what is there.
func TestFolders(t *testing.T) {
	doc, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	all := parseFolders(string(doc))
	if len(all) < 30 {
		t.Fatalf("only %d folders found: %v", len(all), all)
	}
	for _, f := range all {
		_, err := os.Stat(f.path)
		sources, globErr := filepath.Glob(f.path + "/*.go")
		if globErr != nil {
			t.Fatal(globErr)
		}
		if complaint := f.check(err == nil, len(sources)); complaint != "" {
			t.Error(complaint)
		}
	}
}

// mainLines is what docs/architecture.md allows a main.
const mainLines = 150

func checkMain(name, text string) string {
	if ok, _ := path.Match("cmd/*/main.go", name); ok && strings.Count(text, "\n") >= mainLines {
		return name + " is no longer under 150 lines: move what is not flags, load, construct, run"
	}
	return ""
}

func TestMainsAreShort(t *testing.T) {
	walk(t, func(name, text string) {
		if complaint := checkMain(name, text); complaint != "" {
			t.Error(complaint)
		}
	}, "main.go")
}

// TestFoldersBite shows that both refuse what breaks them, and only that.
func TestFoldersBite(t *testing.T) {
	const doc = "\n## Folders\n\n```\ncmd/a   cmd/b     mains: load/run\nx/   (planned) later\nflows/   flows\n  flows/y  a thing\ninternal/\n  one/   first    two/  second\n         not/this one\n```\n"
	var got []string
	for _, f := range parseFolders(doc) {
		got = append(got, f.path)
	}
	if want := "cmd/a cmd/b x flows flows/y internal internal/one internal/two"; strings.Join(got, " ") != want {
		t.Errorf("folders %v, want %s", got, want)
	}
	for _, tt := range []struct {
		planned, exists bool
		sources         int
		bites           bool
	}{{false, true, 1, false}, {false, false, 0, true}, {true, false, 0, false}, {true, true, 0, false}, {true, true, 1, true}} {
		if got := (folder{"x", tt.planned}).check(tt.exists, tt.sources); (got != "") != tt.bites {
			t.Errorf("%+v: %q", tt, got)
		}
	}
	if checkMain("cmd/x/main.go", strings.Repeat("\n", 150)) == "" || checkMain("cmd/x/main.go", strings.Repeat("\n", 149)) != "" || checkMain("cmd/x/run.go", strings.Repeat("\n", 500)) != "" {
		t.Error("the length of a main is not minded")
	}
}
