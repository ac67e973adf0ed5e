package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// newNotify returns a function that tells the service manager a state in the
// words of sd_notify(3): READY=1, RELOADING=1, STOPPING=1, WATCHDOG=1,
// STATUS=text, several of them as lines. Without a service manager it does
// nothing. It is safe for concurrent use; that the manager cannot be told is
// logged once.
func newNotify(log *slog.Logger) func(state string) {
	var once sync.Once
	return func(state string) {
		_, err := daemon.SdNotify(false, assignments(state, monotonic))
		if err != nil {
			once.Do(func() { log.Warn("the service manager cannot be told", "error", err) })
		}
	}
}

// maxStatus keeps the datagram below what systemd takes (4 kB), beyond which it
// would drop it whole.
const maxStatus = 1024

// assignments makes a state safe to send: a line that is no assignment of ours
// belongs to the text before it, which may hold names from the database.
// RELOADING=1 gets the time stamp that Type=notify-reload wants.
func assignments(state string, monotonic func() (time.Duration, error)) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(state, "\n"), "\n") {
		key, _, _ := strings.Cut(line, "=")
		switch key {
		case "READY", "STOPPING", "WATCHDOG", "STATUS":
			lines = append(lines, line)
		case "RELOADING":
			lines = append(lines, line)
			if now, err := monotonic(); err == nil {
				lines = append(lines, fmt.Sprintf("MONOTONIC_USEC=%d", now.Microseconds()))
			}
		default:
			if len(lines) > 0 {
				lines[len(lines)-1] += " " + line
			}
		}
	}
	for i, line := range lines {
		lines[i] = cut(strings.ToValidUTF8(line, "\uFFFD"), maxStatus)
	}
	return strings.Join(lines, "\n")
}

// cut shortens a text to at most n bytes at the edge of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// monotonic reads CLOCK_MONOTONIC, the clock systemd compares with.
func monotonic() (time.Duration, error) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0, err
	}
	return time.Duration(now.Nano()), nil
}

// watchdog tells the service manager twice an interval that the process lives,
// until ctx ends. It returns at once where the unit has no WatchdogSec.
func watchdog(ctx context.Context, notify func(state string)) error {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	if interval < 2 {
		return nil
	}
	tick := time.NewTicker(interval / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			notify(daemon.SdNotifyWatchdog)
		}
	}
}
