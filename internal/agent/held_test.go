package agent

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// standingClock tells what it is set to.
type standingClock struct{ now time.Time }

func (c *standingClock) Now() time.Time                       { return c.now }
func (c *standingClock) After(time.Duration) <-chan time.Time { return nil }

// What the switch holds is read again when free hugepages changed, when another
// switch runs, and after a while; and not between.
func TestHeldHugepages(t *testing.T) {
	root, runDir, clock := t.TempDir(), t.TempDir(), &standingClock{now: time.Unix(1, 0)}
	put := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	switchIs := func(pid int) { put(filepath.Join(runDir, "ovs-vswitchd.pid"), strconv.Itoa(pid)) }
	holds := func(pid, pages int) {
		put(filepath.Join(root, "proc", strconv.Itoa(pid), "numa_maps"),
			"7f00 default file=/x huge anon=1 N0="+strconv.Itoa(pages)+" kernelpagesize_kB=2048\n")
	}
	a := New(Options{Host: host.NewFS(root), RunDir: runDir, Clock: clock, Every: time.Minute})
	free := func(n uint64) host.Topology {
		return host.Topology{Nodes: []host.Node{{Hugepages: []host.Hugepages{{SizeKiB: 2048, Total: 100, Free: n}}}}}
	}
	want := func(when string, topo host.Topology, pages uint64) {
		t.Helper()
		w := &plan.Process{Hugepages: []host.HeldPages{{SizeKiB: 2048, Pages: pages}}}
		if diff := cmp.Diff(w, a.process(topo)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	us, parent := os.Getpid(), os.Getppid()

	if got := a.process(free(90)); got != nil {
		t.Errorf("no switch runs: %+v, want nil", got)
	}
	switchIs(us)
	if diff := cmp.Diff(&plan.Process{}, a.process(free(90))); diff != "" {
		t.Errorf("nothing tells what it holds (-want +got):\n%s", diff)
	}
	holds(us, 10)
	want("the first look", free(90), 10)
	holds(us, 20)
	want("nothing points to a change", free(90), 10)
	want("free pages changed", free(80), 20)
	holds(us, 30)
	clock.now = clock.now.Add(time.Minute)
	want("a while later", free(80), 30)
	switchIs(parent)
	holds(parent, 40)
	want("another switch", free(80), 40)
}
