package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAssignments(t *testing.T) {
	clock := func() (time.Duration, error) { return 42 * time.Second, nil }
	for _, tt := range []struct{ state, want string }{
		{"READY=1", "READY=1"},
		{"READY=1\nSTATUS=converged\n", "READY=1\nSTATUS=converged"},
		{"RELOADING=1", "RELOADING=1\nMONOTONIC_USEC=42000000"},
		{"STATUS=refused: no port\nMAINPID=1", "STATUS=refused: no port MAINPID=1"},
		{"STATUS=\xff", "STATUS=\uFFFD"},
		{"BUSERROR=x", ""},
	} {
		if got := assignments(tt.state, clock); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.state, got, tt.want)
		}
	}
	broken := func() (time.Duration, error) { return 0, errors.New("no clock") }
	if got := assignments("RELOADING=1", broken); got != "RELOADING=1" {
		t.Errorf("without a clock: %q", got)
	}
	long := assignments("STATUS="+strings.Repeat("ü", 5000), clock)
	if len(long) > maxStatus || len(long) < maxStatus-utf8.UTFMax || !utf8.ValidString(long) {
		t.Errorf("%d bytes, valid %v", len(long), utf8.ValidString(long))
	}
}

// manager listens as systemd does.
func manager(t *testing.T) *net.UnixConn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	return conn
}

func receive(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	buffer := make([]byte, 4096)
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func TestNotify(t *testing.T) {
	conn := manager(t)
	notify := newNotify(slog.New(slog.DiscardHandler))
	notify("READY=1\nSTATUS=converged")
	if got := receive(t, conn); got != "READY=1\nSTATUS=converged" {
		t.Errorf("%q", got)
	}
	before, err := monotonic()
	if err != nil {
		t.Fatal(err)
	}
	notify("RELOADING=1")
	first, stamp, _ := strings.Cut(receive(t, conn), "\nMONOTONIC_USEC=")
	usec, err := strconv.ParseInt(stamp, 10, 64)
	if first != "RELOADING=1" || err != nil || usec < before.Microseconds() {
		t.Errorf("%q %q %v, not before %d", first, stamp, err, before.Microseconds())
	}
}

// TestNotifyWithoutManager: nothing is logged where nobody listens by design,
// one line where the socket is broken.
func TestNotifyWithoutManager(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	t.Setenv("NOTIFY_SOCKET", "")
	newNotify(log)("READY=1")
	if out.Len() > 0 {
		t.Errorf("logged: %s", &out)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	notify := newNotify(log)
	notify("READY=1")
	notify("STATUS=x")
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines, want 1: %s", n, &out)
	}
}

func TestWatchdog(t *testing.T) {
	conn := manager(t)
	t.Setenv("WATCHDOG_USEC", "20000")
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- watchdog(ctx, newNotify(slog.New(slog.DiscardHandler))) }()
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

func TestWatchdogOff(t *testing.T) {
	notify := func(state string) { t.Errorf("told %s", state) }
	t.Setenv("WATCHDOG_USEC", "")
	if err := watchdog(t.Context(), notify); err != nil {
		t.Error(err)
	}
	t.Setenv("WATCHDOG_USEC", "soon")
	if err := watchdog(t.Context(), notify); err == nil {
		t.Error("no error for an interval that is no number")
	}
}
