package agent

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// leapClock is the machine's with an offset that may leap.
type leapClock struct {
	wallClock
	ahead atomic.Int64
}

func (c *leapClock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// A daemon whose loop is stuck is not alive, whatever else it answers.
func TestAlive(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	clock := &leapClock{}
	r.opt.Clock, r.opt.Every = clock, time.Minute
	if err := New(r.opt).Alive(); err != nil {
		t.Errorf("just made, it is not alive: %v", err)
	}
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultConverged)
	if err := r.agent.Alive(); err != nil {
		t.Errorf("converged, it is not alive: %v", err)
	}
	if err := r.agent.turn.take(t.Context()); err != nil { // and never give it
		t.Fatal(err)
	}
	r.agent.wakeUp("test")
	clock.ahead.Store(int64(9 * time.Minute))
	if err := r.agent.Alive(); err != nil {
		t.Errorf("it gives up early: %v", err)
	}
	clock.ahead.Store(int64(10 * time.Minute))
	if err := r.agent.Alive(); err == nil || !strings.Contains(err.Error(), "does not come round: its newest pass ended 10m") {
		t.Errorf("stuck, it says %v", err)
	}
	if s := r.status(); s.Pass.Result != "converged" {
		t.Errorf("stuck, status says %+v", s.Pass)
	}
	r.agent.turn.give()
	r.until("it is alive again", r.agent.Alive)
}

// A loop that never came round counts from the start.
func TestAliveBeforeTheFirstPass(t *testing.T) {
	clock := &leapClock{}
	a := New(Options{Clock: clock, Every: time.Minute})
	clock.ahead.Store(int64(10 * time.Minute))
	if err := a.Alive(); err == nil || !strings.Contains(err.Error(), "the daemon started 10m0s ago") {
		t.Errorf("it says %v", err)
	}
}
