package agent

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// hastyClock has passed whatever is asked for from the first pause on that is
// shorter than every, a number of times, and then stands still.
type hastyClock struct {
	wallClock
	every  time.Duration
	mu     sync.Mutex
	left   int
	pauses []time.Duration
}

func (c *hastyClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d == probe { // of the database session
		return ch
	}
	if c.left > 0 && (d < c.every || len(c.pauses) > 0) {
		c.left--
		c.pauses = append(c.pauses, d)
		ch <- time.Now()
	}
	return ch
}

// A pass that fails is tried again after one second, then twice that, up to the
// pause of a pass that does not fail, however often it fails.
func TestPausesAfterFailures(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, DBOnly: true})
	clock := &hastyClock{every: 30 * time.Second, left: 100}
	r.opt.Clock, r.opt.Every = clock, clock.every
	r.opt.Host = host.NewFS(t.TempDir()) // a machine that cannot be read
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultFailed)
	r.until("a hundred pauses have passed", func() error {
		clock.mu.Lock()
		defer clock.mu.Unlock()
		if clock.left > 0 {
			return errors.New("not yet")
		}
		return nil
	})
	r.stop()
	want := []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}
	for i, d := range clock.pauses {
		if expected := want[min(i, len(want)-1)] * time.Second; d != expected {
			t.Fatalf("pause %d after a failure is %v, want %v", i+1, d, expected)
		}
	}
}

// quickClock is a hundred times as fast as the machine's.
type quickClock struct{ wallClock }

func (quickClock) After(d time.Duration) <-chan time.Time { return time.After(d / 100) }

// Nothing is left of fifty connections, and nothing of an agent that has ended.
func TestNothingLeaks(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Clock = quickClock{}
	r.opt.Every = 5 * time.Second
	r.write(twoBridges)
	before := runtime.NumGoroutine()
	r.start()
	r.await(monitor.ResultConverged)
	reconnect := func() {
		r.step(r.host.StopDB)
		r.step(r.host.StartDB)
		r.until("the daemon is connected again", func() error {
			_, err := r.agent.db.get()
			return err
		})
		r.await(monitor.ResultConverged)
	}
	reconnect()
	fds, goroutines := openFiles(t), runtime.NumGoroutine()
	for range 50 {
		reconnect()
	}
	const some = 3 // a scrape or a call under way
	r.until("no descriptors are left over", func() error { return atMost(openFiles(t), fds+some) })
	r.until("no goroutines are left over", func() error { return atMost(runtime.NumGoroutine(), goroutines+some) })
	r.stop()
	r.until("the ended agent has left nothing", func() error { return atMost(runtime.NumGoroutine(), before) })
}

func atMost(n, limit int) error {
	if n <= limit {
		return nil
	}
	var stacks strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil {
		return err
	}
	return errors.New(stacks.String())
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// A daemon that starts on a converged host writes nothing: not to the database,
// not to its file.
func TestRestartWritesNothing(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options lab.Options
		profile string
	}{
		{"bridges", dummy, twoBridges},
		{"ports", lab.Options{DPDK: true}, dpdkProfile},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.options, tt.profile)
			r.await(monitor.ResultConverged)
			r.await(monitor.ResultConverged)
			r.stop()
			before, size := r.observed(), fileSize(t, r.host.Path("conf.db"))
			for range 3 {
				r.start()
				if s := r.await(monitor.ResultConverged); s.made != 0 {
					t.Errorf("the first pass made %d changes", s.made)
				}
				r.stop()
			}
			if now := r.observed(); now.NextCfg != before.NextCfg {
				t.Errorf("next_cfg went from %d to %d", before.NextCfg, now.NextCfg)
			}
			if now := fileSize(t, r.host.Path("conf.db")); now != size {
				t.Errorf("conf.db went from %d bytes to %d", size, now)
			}
		})
	}
}

func fileSize(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
