// Package hosttest makes whole machines for tests: trees of sysfs and procfs
// from short text files, and a stand-in for the kernel that answers writes.
package hosttest

import (
	"embed"
	"errors"
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
	f := host.NewFS(directory(t))
	Add(t, f, text)
	return f
}

// directory returns a directory of the test's own, in memory where that can be:
// a tree is a thousand tiny files.
func directory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sluice-hosttest-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
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
	made := map[string]bool{}
	for _, e := range entries {
		if err := e.make(f.Root(), made); err != nil {
			t.Fatalf("line %d: %v", e.Line, err)
		}
	}
}

// make writes the entry below root. A later line replaces what an earlier one
// made, so that a range can be followed by its exceptions. Trees are large:
// made remembers the directories, and nothing is looked at before it is written.
func (e Entry) make(root string, made map[string]bool) error {
	name := filepath.Join(root, e.Path)
	if e.Kind == Absent {
		clear(made)
		return os.RemoveAll(name)
	}
	parent := filepath.Dir(name)
	if e.Kind == Directory {
		parent = name
	}
	if !made[parent] {
		if err := os.MkdirAll(parent, 0o755); err != nil {
			return err
		}
		made[parent] = true
	}
	err := e.write(name)
	if errors.Is(err, fs.ErrExist) {
		err = errors.Join(os.Remove(name), e.write(name))
	}
	return err
}

func (e Entry) write(name string) error {
	switch e.Kind {
	case Link:
		return os.Symlink(e.Content, name)
	case File:
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = f.WriteString(e.Content)
		return errors.Join(err, f.Close())
	case Directory, Absent:
	}
	return nil
}
