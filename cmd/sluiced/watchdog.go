package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// watchdog tells the service manager twice an interval that the daemon does its
// work, until ctx ends. While alive returns an error it says nothing, and logs
// why once: the manager then ends the daemon and starts it anew. It returns at
// once where the unit has no WatchdogSec.
func watchdog(ctx context.Context, notify func(state string), alive func() error, log *slog.Logger) error {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	if interval < 2 {
		return nil
	}
	tick := time.NewTicker(interval / 2)
	defer tick.Stop()
	silent := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := alive()
		if err == nil {
			notify(daemon.SdNotifyWatchdog)
		} else if !silent {
			log.Error("the service manager gets no sign of life", "error", err)
		}
		silent = err != nil
	}
}
