package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// served are the ways in which a store is served: by one server, by a member of a
// cluster that is not its leader, and by a relay. client writes to it.
func served(t *testing.T, f func(t *testing.T, r *rig, endpoint string)) {
	t.Run("alone", func(t *testing.T) {
		r := newRig(t)
		f(t, r, r.DBEndpoint())
	})
	c := newCluster(t)
	r := &rig{Host: c.Host}
	r.client = r.at(t, c.endpoints()...)
	must(t, r.client.AddSwitch(limit(t), logical.Switch{Name: "web"}))
	t.Run("member", func(t *testing.T) { f(t, r, c.endpoints()[(c.leader(t)+1)%3]) })
	t.Run("relay", func(t *testing.T) {
		relay, _ := c.relay(t, "relay")
		f(t, r, relay)
	})
}

// stock gives the store ports with keys in several of the portions.
func stock(t *testing.T, r *rig) {
	t.Helper()
	ctx := limit(t)
	_ = r.client.AddSwitch(ctx, logical.Switch{Name: "sw0"}) // it may be there
	for i := range 30 {
		_ = r.client.AddPort(ctx, "sw0", guest(fmt.Sprintf("q%d", i), fmt.Sprintf("10.0.1.%d", i+1)))
	}
	for _, name := range []string{"q0", "q9", "q29"} {
		r.bind(t, "h1", name)
	}
}

// bind binds a port by its name, if it is there.
func (r *rig) bind(t *testing.T, host, port string) {
	t.Helper()
	s, _, err := r.client.Load(limit(t))
	must(t, err)
	if p := s.PortByName(port); p != nil {
		must(t, r.client.Bind(limit(t), host, p.ID))
	}
}

// ofLoad says that a message is one of those that load.
func ofLoad(message string) bool { return strings.Contains(message, `"id":"`+portionID+`"`) }

// TestLoadBetween changes the network before each of the requests that load it: what is
// told is what the store holds, and all of it is in the first that is told.
func TestLoadBetween(t *testing.T) {
	served(t, func(t *testing.T, r *rig, endpoint string) {
		stock(t, r)
		rnd := rand.New(rand.NewPCG(5, 7))
		ctx, asked := limit(t), 0
		port := func() string { return fmt.Sprintf("q%d", rnd.IntN(30)) }
		c := r.at(t, r.between(t, endpoint, func(message string) (end bool) {
			if !ofLoad(message) {
				return false
			}
			asked++
			wander(t, r, rnd)
			// Some of these are loaded already, some are not.
			_ = r.client.DeletePort(ctx, "sw0", port())
			for range 2 {
				_ = r.client.SetPort(ctx, port(), func(p *logical.SwitchPort) error { p.Security = !p.Security; return nil })
				r.bind(t, fmt.Sprintf("h%d", rnd.IntN(3)), port())
			}
			return false
		}))
		c.busyAfter = func(int) time.Duration { return time.Hour }
		f := r.follow(t, c)
		first := f.until(t, "the network", func(Update) bool { return true })
		loaded, _, err := r.client.Load(ctx)
		must(t, err)
		if asked != len(steps())+1 || !first.Reloaded || first.Snapshot == nil {
			t.Fatalf("after %d requests: %+v", asked, first)
		}
		if len(first.Delta) != 1+len(slices.Collect(first.Snapshot.All())) {
			t.Errorf("the delta names %d rows", len(first.Delta))
		}
		want := describe(loaded)
		if describe(first.Snapshot) == want {
			return
		}
		if endpoint == r.DBEndpoint() {
			t.Fatalf("Load(-) Run(+)\n%s", cmp.Diff(want, describe(first.Snapshot)))
		}
		// A member may be behind its leader.
		f.until(t, want, func(u Update) bool { return u.Snapshot != nil && describe(u.Snapshot) == want })
	})
}

// TestLoadBroken ends sessions amid loading: nothing of what came is told or kept, and
// the next begins anew.
func TestLoadBroken(t *testing.T) {
	served(t, func(t *testing.T, r *rig, endpoint string) {
		stock(t, r)
		loaded, _, err := r.client.Load(limit(t))
		must(t, err)
		var mu sync.Mutex
		sessions, portions := 0, 0
		c := r.at(t, r.between(t, endpoint, func(message string) (end bool) {
			mu.Lock()
			defer mu.Unlock()
			if !ofLoad(message) {
				return false
			}
			if strings.Contains(message, `"monitor_cond_since"`) {
				sessions, portions = sessions+1, 0
				if !strings.Contains(message, noID) {
					t.Errorf("a session goes on where another broke: %s", message)
				}
			}
			portions++
			return sessions <= 2 && portions == 1+2*sessions // amid the ports
		}))
		c.busyAfter = func(int) time.Duration { return time.Hour }
		f := r.follow(t, c)
		u := f.until(t, "the network", func(u Update) bool { return u.Snapshot != nil })
		mu.Lock()
		defer mu.Unlock()
		if sessions != 3 || !u.Reloaded || u.Resumed {
			t.Errorf("after %d sessions: resumed %t", sessions, u.Resumed)
		}
		if u.Snapshot.Generation() != loaded.Generation() {
			t.Fatalf("generation %d of %d", u.Snapshot.Generation(), loaded.Generation())
		}
		if diff := cmp.Diff(describe(loaded), describe(u.Snapshot)); diff != "" {
			t.Fatalf("Load(-) Run(+)\n%s", diff)
		}
	})
}

// TestLoadFaults: what broke off leaves no faults behind, and what is unusable counts once.
func TestLoadFaults(t *testing.T) {
	c := newCache()
	port := func(id, name string) value {
		return value(`{"Switch_Port":{"00000000-0000-4000-8000-00000000000` + id + `":{"insert":{"name":"` + name + `"}}}}`)
	}
	l := c.load()
	must(t, l.take(port("1", "a")))
	l.end(false)
	if len(c.faults)+len(c.rows) > 0 || !c.fresh() {
		t.Errorf("left of a load that broke off: %v", c.faults)
	}
	l = c.load()
	must(t, l.take(port("2", "b")))
	must(t, l.take(port("3", "c")))
	must(t, l.take(value(`{"Switch_Port":{"00000000-0000-4000-8000-000000000003":{"delete":null}}}`)))
	if delta, faults := l.end(true); len(delta) > 0 || len(faults) != 2 || len(c.faults) != 1 {
		t.Errorf("delta %v, told %v, left %v", delta, faults, c.faults)
	}
}

// TestLoadBusy: of a server that is slow the whole is asked for, without any condition,
// and nobody is told of that.
func TestLoadBusy(t *testing.T) {
	r := newRig(t)
	stock(t, r)
	var mu sync.Mutex
	var asked []string
	c := r.at(t, r.between(t, r.DBEndpoint(), func(message string) (end bool) {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(message, `"rows"`) {
			asked = append(asked, message)
		}
		return false
	}))
	c.busyAfter = func(int) time.Duration { return 0 }
	f := r.follow(t, c)
	u := f.until(t, "the network", func(Update) bool { return true })
	loaded, _, err := r.client.Load(limit(t))
	must(t, err)
	if u.Snapshot == nil || !u.Reloaded {
		t.Fatalf("told first: %+v", u)
	}
	if diff := cmp.Diff(describe(loaded), describe(u.Snapshot)); diff != "" {
		t.Errorf("Load(-) Run(+)\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) != 2 || !strings.Contains(asked[0], "where") || strings.Contains(asked[1], "where") {
		t.Errorf("asked: %q", asked)
	}
}
