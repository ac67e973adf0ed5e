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
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
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
		if got := strings.Join(assignments(tt.state, clock), "\n"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.state, got, tt.want)
		}
	}
	broken := func() (time.Duration, error) { return 0, errors.New("no clock") }
	if got := assignments("RELOADING=1", broken); len(got) != 1 || got[0] != "RELOADING=1" {
		t.Errorf("without a clock: %q", got)
	}
	long := assignments("STATUS="+strings.Repeat("ü", 5000), clock)[0]
	if len(long) > maxStatus || len(long) < maxStatus-utf8.UTFMax || !utf8.ValidString(long) {
		t.Errorf("%d bytes, valid %v", len(long), utf8.ValidString(long))
	}
}

// manager listens as systemd does.
func manager(t *testing.T) *net.UnixConn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn := listen(t, path)
	t.Setenv("NOTIFY_SOCKET", path)
	return conn
}

func listen(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
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

// notifying starts a notifier; end ends it and waits for its end.
func notifying(t *testing.T, log *slog.Logger) (n *notifier, end func()) {
	t.Helper()
	n = newNotifier(log)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { n.run(ctx); close(ended) }()
	end = func() { cancel(); <-ended }
	t.Cleanup(end)
	return n, end
}

func TestNotify(t *testing.T) {
	conn := manager(t)
	n, end := notifying(t, slog.New(slog.DiscardHandler))
	n.tell("READY=1\nSTATUS=converged")
	if got := receive(t, conn); got != "READY=1\nSTATUS=converged" {
		t.Errorf("%q", got)
	}
	before, err := monotonic()
	if err != nil {
		t.Fatal(err)
	}
	n.tell("RELOADING=1")
	first, stamp, _ := strings.Cut(receive(t, conn), "\nMONOTONIC_USEC=")
	usec, err := strconv.ParseInt(stamp, 10, 64)
	if first != "RELOADING=1" || err != nil || usec < before.Microseconds() {
		t.Errorf("%q %q %v, not before %d", first, stamp, err, before.Microseconds())
	}
	end()
	// What is told at the very end is sent too.
	n.tell("STOPPING=1")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	n.run(ended)
	if got := receive(t, conn); got != "STOPPING=1" {
		t.Errorf("%q", got)
	}
}

// TestNotifyManagerThatDoesNotRead: telling blocks nobody, however much is told,
// and a manager that reads again hears the newest of each kind.
func TestNotifyManagerThatDoesNotRead(t *testing.T) {
	conn := manager(t)
	full := fill(t, conn)
	var out lines
	n, _ := notifying(t, slog.New(slog.NewTextHandler(&out, nil)))
	told := make(chan struct{})
	go func() {
		defer close(told)
		n.tell("READY=1")
		for i := range 10_000 {
			n.tell("STATUS=pass " + strconv.Itoa(i))
		}
		n.tell("WATCHDOG=1\nSTATUS=the newest")
	}()
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Fatal("telling waits for the manager")
	}
	out.await(t) // an attempt was given up
	for range full {
		receive(t, conn)
	}
	heard := ""
	for !strings.Contains(heard, "STATUS=the newest") {
		heard += receive(t, conn) + "\n"
	}
	if strings.Count(heard, "READY=1") != 1 || strings.Count(heard, "WATCHDOG=1") != 1 || strings.Count(heard, "STATUS=pass ") > 1 {
		t.Errorf("the manager heard\n%s", heard)
	}
	if out.count() != 1 {
		t.Errorf("%d lines are logged, want 1:\n%s", out.count(), out.text())
	}
}

// fill writes to the manager's socket until no more fits, and tells how often it did.
func fill(t *testing.T, conn *net.UnixConn) int {
	t.Helper()
	address, ok := conn.LocalAddr().(*net.UnixAddr)
	if !ok {
		t.Fatal(conn.LocalAddr())
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for n := 0; ; n++ {
		err := unix.Sendto(fd, []byte("STATUS=full"), unix.MSG_DONTWAIT, &unix.SockaddrUnix{Name: address.Name})
		if errors.Is(err, unix.EAGAIN) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// lines counts what is logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) count() int { return strings.Count(l.text(), "\n") }

// await waits until something was logged.
func (l *lines) await(t *testing.T) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for l.count() == 0 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-limit:
			t.Fatal("nothing is logged")
		}
	}
}

// TestNotifyWithoutManager: nothing is logged where nobody listens by design,
// one line where the socket is broken; a manager that comes back hears it all.
func TestNotifyWithoutManager(t *testing.T) {
	var out lines
	log := slog.New(slog.NewTextHandler(&out, nil))
	t.Setenv("NOTIFY_SOCKET", "")
	n, end := notifying(t, log)
	n.tell("READY=1")
	end()
	if out.count() > 0 {
		t.Errorf("logged: %s", out.text())
	}
	path := filepath.Join(t.TempDir(), "later")
	t.Setenv("NOTIFY_SOCKET", path)
	n, _ = notifying(t, log)
	n.tell("READY=1")
	out.await(t)
	n.tell("STATUS=x")
	conn := listen(t, path)
	if got := receive(t, conn); got != "READY=1\nSTATUS=x" {
		t.Errorf("%q", got)
	}
	if out.count() != 1 {
		t.Errorf("%d lines, want 1: %s", out.count(), out.text())
	}
}
