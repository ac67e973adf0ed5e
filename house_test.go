package sluice_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sluice-nfv/sluice"

// source is one Go file of the module.
type source struct {
	path string // slash-separated, from the root of the module
	pkg  string // its directory, "." for the root
	test bool
	file *ast.File
	text string
}

// house is what docs/architecture.md allows.
type house struct {
	imports imports
	doors   []door
}

// TestHouse keeps the laws of docs/architecture.md. It parses the sources itself:
// a test that ran "go list" would be served from the test cache after a change,
// since the go tool does not see what a child process reads.
func TestHouse(t *testing.T) {
	h := readHouse(t)
	files := sources(t)
	if len(files) < 10 {
		t.Fatalf("only %d Go files found", len(files))
	}
	for _, f := range files {
		for _, complaint := range h.check(f) {
			t.Errorf("%s: %s", f.path, complaint)
		}
	}
	for _, complaint := range packageComments(files) {
		t.Error(complaint)
	}
}

// TestLinterKnowsTheDoors: the linter has a rule for each import that the table
// keeps behind a door, so that an editor shows it at once.
func TestLinterKnowsTheDoors(t *testing.T) {
	settings, err := os.ReadFile(".golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range readHouse(t).doors {
		for _, p := range d.paths {
			if d.what != world && !strings.Contains(string(settings), "{pkg: "+p+",") {
				t.Errorf(".golangci.yml: depguard has no rule for %s (%s)", p, d.what)
			}
		}
	}
}

// TestNothingIsLeftToDo looks through what is written besides Go.
func TestNothingIsLeftToDo(t *testing.T) {
	walk(t, func(name, text string) {
		for _, complaint := range checkLeftovers(text) {
			t.Errorf("%s: %s", name, complaint)
		}
	}, ".md", ".yaml", ".yml", ".json", ".toml", ".sh", ".service", ".conf", "Makefile")
}

// check returns what is wrong with one file.
func (h house) check(f source) []string {
	return slices.Concat(h.imports.check(f), checkDoors(h.doors, f), checkNames(f), checkInit(f), checkSkips(f), checkLeftovers(f.text))
}

func readHouse(t *testing.T) house {
	t.Helper()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	imports, err := parseImports(string(text))
	if err != nil {
		t.Fatalf("docs/architecture.md: %v", err)
	}
	doors, err := parseDoors(string(text))
	if err != nil {
		t.Fatalf("docs/architecture.md: %v", err)
	}
	return house{imports: imports, doors: doors}
}

// sources parses every Go file of the module, tests included.
func sources(t *testing.T) []source {
	t.Helper()
	var files []source
	walk(t, func(name, text string) {
		f, err := parseSource(name, text)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}, ".go")
	return files
}

// walk reads the module's files whose names end in one of the endings.
func walk(t *testing.T, visit func(name, text string), endings ...string) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if foreign(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(name, end) }) {
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			visit(filepath.ToSlash(name), string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// foreign says whether a directory is no part of the module, as the go tool
// sees it: hidden, test data, or a module of its own.
func foreign(dir string) bool {
	base := filepath.Base(dir)
	if dir != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) || base == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return dir != "." && err == nil
}

func parseSource(name, text string) (source, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), file: file, text: text}, err
}

// importsOf returns the import paths of a file.
func importsOf(f source) []string {
	var paths []string
	for _, spec := range f.file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}
