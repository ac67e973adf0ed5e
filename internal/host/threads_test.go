package host

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statusOf is what Linux 6.1 prints of a PMD thread, shortened.
const statusOf = "Name:\t%s\nUmask:\t0022\nState:\tR (running)\nTgid:\t811\nCpus_allowed_list:\t%d\n" +
	"voluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n"

func TestThreads(t *testing.T) {
	root := t.TempDir()
	for id, text := range map[int]string{
		811: fmt.Sprintf(statusOf, "ovs-vswitchd", 0, 9001, 12),
		815: fmt.Sprintf(statusOf, "pmd-c01/id:9", 1, 17, 402),
	} {
		dir := filepath.Join(root, fmt.Sprintf("proc/811/task/%d", id))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "status"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// A thread that ended after the directory was read.
	if err := os.MkdirAll(filepath.Join(root, "proc/811/task/816"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := NewFS(root).Threads(811)
	if err != nil {
		t.Fatal(err)
	}
	want := []Thread{{811, "ovs-vswitchd", 9001, 12}, {815, "pmd-c01/id:9", 17, 402}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("threads (-want +got):\n%s", diff)
	}
	if _, err := NewFS(root).Threads(812); err == nil {
		t.Error("a process that is not there has threads")
	}
}

func TestParseThread(t *testing.T) {
	for _, text := range []string{
		"", "Name:\tx\n", "Name:\tx\nvoluntary_ctxt_switches:\t1\n",
		"Name:\tx\nvoluntary_ctxt_switches:\t-1\nnonvoluntary_ctxt_switches:\t2\n",
	} {
		if got, err := parseThread([]byte(text)); err == nil || got != (Thread{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func FuzzParseThread(f *testing.F) {
	f.Add(fmt.Sprintf(statusOf, "pmd-c01/id:9", 1, 17, 402))
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := parseThread([]byte(text)); err != nil && got != (Thread{}) {
			t.Errorf("a value beside the error: %+v", got)
		}
	})
}
