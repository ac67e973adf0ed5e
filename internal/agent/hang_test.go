package agent

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// A server that stopped in the middle of everything looks connected for ever,
// unless it is asked.
func TestHungDatabaseIsNoticed(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Clock = quickClock{}
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultConverged)
	text, err := os.ReadFile(r.host.Path("ovsdb-server.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	r.until("the daemon notices", func() error {
		if _, err := r.agent.db.get(); err == nil {
			return errors.New("it counts as connected")
		}
		return nil
	})
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	r.await(monitor.ResultConverged)
}

// Whoever waits for his turn may give up waiting.
func TestTurnHeedsItsContext(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.start()
	r.until("there is a database", func() error { _, err := r.agent.db.get(); return err })
	if err := r.agent.turn.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer r.agent.turn.give()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := r.api.Release(ctx, api.ReleaseRequest{}); err == nil || !strings.Contains(err.Error(), "still at work") {
		t.Errorf("a release while somebody writes: %v", err)
	}
}
