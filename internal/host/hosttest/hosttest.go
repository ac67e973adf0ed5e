// Package hosttest makes whole machines for tests: trees of sysfs and procfs
// from short text files, and a stand-in for the kernel that answers writes.
package hosttest

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/host"
)

//go:embed testdata/*.txt
var machines embed.FS

// Names returns the machines there are, ascending.
func Names() []string {
	entries, err := fs.ReadDir(machines, "testdata")
	if err != nil {
		panic("hosttest: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".txt"))
	}
	slices.Sort(names)
	return names
}

// Tree builds the named machine in a directory of the test's own and returns
// it. It fails the test when the machine's text is wrong.
func Tree(t testing.TB, name string) host.FS {
	t.Helper()
	text, err := machines.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatalf("no machine %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return Build(t, string(text))
}

// Topology reads the named machine.
func Topology(t testing.TB, name string) host.Topology {
	t.Helper()
	topo, err := Tree(t, name).Topology(t.Context())
	if err != nil {
		t.Fatalf("machine %s: %v", name, err)
	}
	return topo
}

// Build makes a machine from text in the form of the testdata files; see Expand.
func Build(t testing.TB, text string) host.FS {
	t.Helper()
	f := host.NewFS(t.TempDir())
	Add(t, f, text)
	return f
}

// Add changes a machine by further text. It fails the test on the running machine.
func Add(t testing.TB, f host.FS, text string) {
	t.Helper()
	if f.Root() == "/" {
		t.Fatal("a test must not change the running machine")
	}
	entries, err := Expand(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := e.make(f.Root()); err != nil {
			t.Fatalf("line %d: %v", e.Line, err)
		}
	}
}

// make writes the entry below root. A later line replaces what an earlier one
// made, so that a range can be followed by its exceptions.
func (e Entry) make(root string) error {
	name := filepath.Join(root, e.Path)
	if e.Kind == Absent {
		return os.RemoveAll(name)
	}
	if e.Kind == Directory {
		return os.MkdirAll(name, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	if e.Kind == Link {
		return os.Symlink(e.Content, name)
	}
	return os.WriteFile(name, []byte(e.Content), 0o644)
}
