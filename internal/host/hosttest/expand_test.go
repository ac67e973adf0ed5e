package hosttest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpand(t *testing.T) {
	const text = `# two CPUs and their node
/cpu{c=0-1}/siblings: {c%2},{c*2+1}
/node{0,2}/cpus: 0-1
/node0/meminfo:
	MemTotal: 1 kB
	MemFree: 2 kB
/empty: ''
/links/n{n=3} -> ../../n{n}
/proc/7/fd/3 -> /dev/vfio/1
/dir{0-1}/
! /node2
`
	const want = `file /cpu0/siblings "0,1\n"
file /cpu1/siblings "1,3\n"
file /node0/cpus "0-1\n"
file /node2/cpus "0-1\n"
file /node0/meminfo "MemTotal: 1 kB\nMemFree: 2 kB\n"
file /empty "\n"
link /links/n3 "../../n3"
link /proc/7/fd/3 "/dev/vfio/1"
directory /dir0/ ""
directory /dir1/ ""
absent /node2 ""
`
	entries, err := Expand(text)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&got, "%s %s %q\n", e.Kind, e.Path, e.Content)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExpandErrors(t *testing.T) {
	for text, want := range map[string]string{
		"/a: 1\nwords":                 `line 2: "words" is no file, link or directory`,
		"a: 1":                         `line 1: the path "a" must be absolute, without dots`,
		"/../a: 1":                     `line 1: the path "/../a" must be absolute, without dots`,
		"/a -> /etc/passwd":            `line 1: the link /a must be relative`,
		"/proc/1/../../fd/3 -> /dev/x": `line 1: the link /proc/1/../../fd/3 must be relative`,
		"/a{3-1}: x":                   `line 1: cpu list "3-1": range 3-1 runs backwards`,
		"/a{n=0-1}: {m}":               `line 1: {m} is not named by a range`,
	} {
		if _, err := Expand(text); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// TestLaterLinesReplace builds a tree with exceptions to a range.
func TestLaterLinesReplace(t *testing.T) {
	f := Build(t, "/d/x{0-2}/v: 1\n/d/x1/v: 2\n! /d/x2\n/d/x2/w: 3\n/l -> d\n/l -> d/x1\n")
	Add(t, f, "/d/x0/v: 4\n")
	for name, want := range map[string]string{"d/x0/v": "4\n", "d/x1/v": "2\n", "d/x2/w": "3\n", "l/v": "2\n"} {
		if got, err := os.ReadFile(filepath.Join(f.Root(), name)); err != nil || string(got) != want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(f.Root(), "d/x2/v")); !os.IsNotExist(err) {
		t.Errorf("d/x2/v is still there: %v", err)
	}
}
