package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func alive() error { return nil }

func TestWatchdog(t *testing.T) {
	conn := manager(t)
	t.Setenv("WATCHDOG_USEC", "20000")
	n, _ := notifying(t, slog.New(slog.DiscardHandler))
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- watchdog(ctx, n.tell, alive, slog.New(slog.DiscardHandler)) }()
	for range 3 {
		if got := receive(t, conn); got != "WATCHDOG=1" {
			t.Errorf("%q", got)
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestWatchdogOfADaemonThatDoesNothing: no sign of life is given while the work
// is not done, which is logged once each time, and again when it is.
func TestWatchdogOfADaemonThatDoesNothing(t *testing.T) {
	t.Setenv("WATCHDOG_USEC", "2000")
	verdicts, signs := make(chan error), make(chan string, 1)
	var out lines
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- watchdog(ctx, func(state string) { signs <- state }, func() error { return <-verdicts }, slog.New(slog.NewTextHandler(&out, nil)))
	}()
	for times := range 3 {
		verdicts <- nil
		if got := <-signs; got != "WATCHDOG=1" {
			t.Errorf("%q", got)
		}
		for range 5 {
			verdicts <- errors.New("the loop does not come round")
		}
		select {
		case got := <-signs:
			t.Errorf("stuck, it said %q", got)
		default:
		}
		if n := out.count(); n != times+1 || !strings.Contains(out.text(), "no sign of life") {
			t.Errorf("stuck %d times, it is logged %d times:\n%s", times+1, n, out.text())
		}
	}
	end()
	close(verdicts) // of which it may ask for one more
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWatchdogOff(t *testing.T) {
	notify := func(state string) { t.Errorf("told %s", state) }
	log := slog.New(slog.DiscardHandler)
	t.Setenv("WATCHDOG_USEC", "")
	if err := watchdog(t.Context(), notify, alive, log); err != nil {
		t.Error(err)
	}
	t.Setenv("WATCHDOG_USEC", "soon")
	if err := watchdog(t.Context(), notify, alive, log); err == nil {
		t.Error("no error for an interval that is no number")
	}
}
