package agent

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// undoer is a clock by which somebody undoes every pass: when the loop sets its
// timer, the pass is over and the next has not begun. The timer itself never
// comes; pauses below it pass at once.
type undoer struct {
	wallClock
	every time.Duration
	undo  func()

	mu     sync.Mutex
	pauses []time.Duration
}

func (c *undoer) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	switch {
	case d == probe: // of the database session
	case d >= c.every:
		c.undo()
	default:
		c.mu.Lock()
		c.pauses = append(c.pauses, d)
		c.mu.Unlock()
		ch <- time.Now()
	}
	return ch
}

func (c *undoer) passed() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration{}, c.pauses...)
}

// Where somebody undoes whatever the daemon does, three passes in a row write at
// once, and each after them waits twice as long as the one before: both would
// spin otherwise.
func TestCoolsDownWhereEveryPassIsUndone(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
	clock := &undoer{every: time.Hour}
	undone := 0
	clock.undo = func() {
		db, err := r.agent.db.get()
		if err != nil || undone > 20 { // past all patience
			return
		}
		failMode := func(o vswitch.Observed) string {
			row, _ := o.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: "br1"})
			return row.Settings["fail_mode"]
		}
		if o, err := db.Observe(t.Context()); err != nil || failMode(o) == "" {
			return
		}
		undone++
		if _, err := r.host.VSCtl(t.Context(), "--no-wait", "clear", "Bridge", "br1", "fail_mode"); err != nil {
			t.Error(err)
		}
		// What the next pass looks at has it too.
		if _, err := db.WaitFor(t.Context(), func(o vswitch.Observed) bool { return failMode(o) == "" }); err != nil {
			t.Error(err)
		}
	}
	r.opt.Clock, r.opt.Every = clock, clock.every
	r.write(twoBridges)
	r.start()
	want := []time.Duration{200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 102400, 102400, 102400}
	for i := range want {
		want[i] *= time.Millisecond
	}
	r.until("a dozen pauses have passed", func() error {
		if len(clock.passed()) < len(want) {
			return errors.New("not yet")
		}
		return nil
	})
	r.stop()
	if diff := cmp.Diff(want, clock.passed()[:len(want)]); diff != "" {
		t.Errorf("pauses (-want +were):\n%s", diff)
	}
	if n := len(clock.passed()); undone < n+calm-1 {
		t.Errorf("%d pauses after %d passes that were undone: the first %d need none", n, undone, calm)
	}
	if n := strings.Count(r.log.String(), "does somebody else undo it?"); n != 1 {
		t.Errorf("the log asks %d times whether somebody undoes it, want once", n)
	}
}
