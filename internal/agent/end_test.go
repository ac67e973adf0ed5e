package agent

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// An agent that is told to end takes no more questions first, lets who writes
// come to his end, and gives up the database last.
func TestOrderOfTheEnd(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	listener, err := net.Listen("unix", filepath.Join(r.host.RunDir(), "api.sock"))
	if err != nil {
		t.Fatal(err)
	}
	r.opt.API = listener
	r.write(twoBridges)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.agent = New(r.opt)
	ended := make(chan error, 1)
	go func() { ended <- r.agent.Run(ctx) }()
	r.await(monitor.ResultConverged)
	if err := r.agent.turn.take(t.Context()); err != nil { // as who writes
		t.Fatal(err)
	}
	cancel()
	r.until("nobody takes questions", func() error {
		conn, err := net.Dial("unix", listener.Addr().String())
		if err == nil {
			_ = conn.Close()
			return errors.New("somebody does")
		}
		return nil
	})
	r.until("the agent waits for who writes", func() error {
		if !waitsInRun() {
			return errors.New("it does not")
		}
		return nil
	})
	db, err := r.agent.db.get()
	if err != nil {
		t.Fatalf("who writes has lost the database: %v", err)
	}
	if _, err := db.Observe(t.Context()); err != nil {
		t.Errorf("who writes cannot read the database: %v", err)
	}
	select {
	case err := <-ended:
		t.Fatalf("the agent has ended under who writes: %v", err)
	default:
	}
	r.agent.turn.give()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-r.limit().Done():
		t.Fatal("the agent does not end")
	}
	select {
	case <-db.Done():
	default:
		t.Error("the agent has ended and left its connection")
	}
	if _, err := r.agent.db.get(); !errors.Is(err, errNoDatabase) {
		t.Errorf("afterwards the session says %v", err)
	}
}

// waitsInRun tells whether Run itself, and none of its tasks, waits for the turn.
func waitsInRun() bool {
	buffer := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(buffer[:runtime.Stack(buffer, true)]), "\n\n") {
		if strings.Contains(stack, "agent.turn.take(") && strings.Contains(stack, "agent.(*Agent).Run(") {
			return true
		}
	}
	return false
}
