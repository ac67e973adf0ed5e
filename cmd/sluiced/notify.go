package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// notifier tells the service manager states in the words of sd_notify(3):
// READY=1, RELOADING=1, STOPPING=1, WATCHDOG=1, STATUS=text. A manager that
// reads nothing holds up nobody: what waits for it is the newest of each kind.
type notifier struct {
	log    *slog.Logger
	socket string // "" = no manager
	wake   chan struct{}

	mu      sync.Mutex
	waiting []string // assignments in the order of their newest, one of a kind
}

// sendTimeout bounds one attempt to send; the next begins with what is newest.
const sendTimeout = time.Second

// newNotifier returns a notifier for the manager that the environment names.
func newNotifier(log *slog.Logger) *notifier {
	return &notifier{log: log, socket: os.Getenv("NOTIFY_SOCKET"), wake: make(chan struct{}, 1)}
}

// tell leaves a state, several of them as lines, for run to send. It never
// blocks and is safe for concurrent use. Without a manager it does nothing.
func (n *notifier) tell(state string) {
	if n.socket == "" {
		return
	}
	n.mu.Lock()
	n.waiting = newest(append(n.waiting, assignments(state, monotonic)...))
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// run sends what was told until ctx ends, and what waits then in one attempt
// more. What cannot be sent is tried again every second; that is logged once.
func (n *notifier) run(ctx context.Context) {
	var once sync.Once
	warn := func(err error) {
		once.Do(func() {
			n.log.Warn("the service manager does not take what it is told, trying every second", "error", err)
		})
	}
	for {
		var again <-chan time.Time
		if err := n.flush(); err != nil {
			warn(err)
			again = time.After(sendTimeout)
		}
		select {
		case <-n.wake:
		case <-again:
		case <-ctx.Done():
			if err := n.flush(); err != nil {
				warn(err)
			}
			return
		}
	}
}

// flush sends what waits as one datagram, so that it arrives whole or not at all.
func (n *notifier) flush() error {
	n.mu.Lock()
	batch := n.waiting
	n.waiting = nil
	n.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	err := send(n.socket, strings.Join(batch, "\n"))
	if err != nil {
		n.mu.Lock()
		n.waiting = newest(append(batch, n.waiting...))
		n.mu.Unlock()
	}
	return err
}

// send writes one datagram, and gives up when nobody makes room for it.
func send(socket, text string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return err
	}
	_, err = conn.Write([]byte(text))
	return err
}

// newest keeps of each kind of assignment the last. systemd itself lets the last
// of READY=1, RELOADING=1 and STOPPING=1 win (src/core/service.c, v252).
func newest(lines []string) []string {
	seen := map[string]bool{}
	var kept []string
	for _, line := range slices.Backward(lines) {
		if key, _, _ := strings.Cut(line, "="); !seen[key] {
			seen[key] = true
			kept = append(kept, line)
		}
	}
	slices.Reverse(kept)
	return kept
}

// maxStatus keeps the datagram below what systemd takes (4 kB), beyond which it
// would drop it whole.
const maxStatus = 1024

// assignments splits a state and makes it safe to send: a line that is no assignment of ours
// belongs to the text before it, which may hold names from the database.
// RELOADING=1 gets the time stamp that Type=notify-reload wants, in one piece with it.
func assignments(state string, monotonic func() (time.Duration, error)) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(state, "\n"), "\n") {
		key, _, _ := strings.Cut(line, "=")
		line = strings.ToValidUTF8(line, "\uFFFD")
		switch key {
		case "READY", "STOPPING", "WATCHDOG", "STATUS":
			lines = append(lines, line)
		case "RELOADING":
			if now, err := monotonic(); err == nil {
				line += fmt.Sprintf("\nMONOTONIC_USEC=%d", now.Microseconds())
			}
			lines = append(lines, line)
		default:
			if len(lines) > 0 {
				lines[len(lines)-1] += " " + line
			}
		}
	}
	for i, line := range lines {
		lines[i] = cut(line, maxStatus)
	}
	return lines
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
