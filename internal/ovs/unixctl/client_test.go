package unixctl_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// fake serves a control socket in a run directory of its own, with a pidfile
// that names the test process.
func fake(t *testing.T, program string, serve func(conn net.Conn, request string)) string {
	t.Helper()
	dir := runDir(t)
	pid := os.Getpid()
	write(t, filepath.Join(dir, program+".pid"), fmt.Sprintf("%d\n", pid))
	listener, err := net.Listen("unix", filepath.Join(dir, fmt.Sprintf("%s.%d.ctl", program, pid)))
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				request, err := in.ReadString('\n')
				if err == nil {
					serve(buffered{conn, in}, strings.TrimSuffix(request, "\n"))
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		served.Wait()
	})
	return dir
}

// buffered is a connection of which a part was read ahead.
type buffered struct {
	net.Conn
	in *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.in.Read(p) }

// runDir returns a directory whose name is short enough for sockets in it.
func runDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func reply(text string) func(net.Conn, string) {
	return func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, text) }
}

// silent holds the connection until the client gives it up.
func silent(conn net.Conn, _ string) { _, _ = io.Copy(io.Discard, conn) }

func TestCall(t *testing.T) {
	var request string
	dir := fake(t, "ovs-vswitchd", func(conn net.Conn, r string) {
		request = r
		_, _ = io.WriteString(conn, `{"id":1,"result":"netdev@ovs-netdev:\n  flows: 2\n","error":null}`)
	})
	got, err := unixctl.New(dir, "ovs-vswitchd").Call(t.Context(), "dpctl/show", "netdev@ovs-netdev")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("netdev@ovs-netdev:\n  flows: 2", got); diff != "" {
		t.Error(diff)
	}
	if want := `{"id":1,"method":"dpctl/show","params":["netdev@ovs-netdev"]}`; request != want {
		t.Errorf("sent %s, want %s", request, want)
	}
}

func TestParametersAreNeverNull(t *testing.T) {
	dir := fake(t, "ovsdb-server", func(conn net.Conn, r string) {
		_, _ = fmt.Fprintf(conn, `{"id":1,"error":null,"result":%q}`, r)
	})
	got, err := unixctl.New(dir, "ovsdb-server").Call(t.Context(), "version")
	if want := `{"id":1,"method":"version","params":[]}`; err != nil || got != want {
		t.Errorf("sent %s (%v), want %s", got, err, want)
	}
}

func TestDPDKBuildStartedByItsOwnPath(t *testing.T) {
	dir := fake(t, "ovs-vswitchd-dpdk", reply(`{"id":1,"result":"3.1.0"}`))
	// What a plain ovs-vswitchd left behind does not hide it.
	write(t, filepath.Join(dir, "ovs-vswitchd.pid"), fmt.Sprintf("%d\n", deadPid(t)))
	if got, err := unixctl.New(dir, "ovs-vswitchd").Call(t.Context(), "version"); err != nil || got != "3.1.0" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCommandErrors(t *testing.T) {
	tests := []struct {
		text    string
		unknown bool
	}{
		{`"nope" is not a valid command (use "list-commands" to see a list of valid commands)`, true},
		{`"version" command takes at most 0 arguments`, false},
		{"please specify an existing datapath", false},
	}
	for _, tt := range tests {
		dir := fake(t, "ovs-vswitchd", reply(fmt.Sprintf(`{"id":1,"error":%q}`, tt.text+"\n")))
		_, err := unixctl.New(dir, "ovs-vswitchd").Call(t.Context(), "some/command")
		var refused *unixctl.CommandError
		if !errors.As(err, &refused) {
			t.Fatalf("%s: got %v, want a CommandError", tt.text, err)
		}
		if refused.Text != tt.text || refused.Method != "some/command" || refused.IsUnknown() != tt.unknown {
			t.Errorf("got %+v, unknown %t", refused, refused.IsUnknown())
		}
		if want := "ovs-vswitchd: some/command: " + tt.text; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

func TestServersThatMisbehave(t *testing.T) {
	endless := func(conn net.Conn, _ string) {
		_, _ = io.WriteString(conn, `{"id":1,"result":"`)
		chunk := strings.Repeat("a", 1<<16)
		for {
			if _, err := io.WriteString(conn, chunk); err != nil {
				return
			}
		}
	}
	tests := []struct {
		name  string
		serve func(net.Conn, string)
		is    error
	}{
		{"early close", func(net.Conn, string) {}, unixctl.ErrClosed},
		{"truncated", reply(`{"id":1,"result":"half an ans`), unixctl.ErrClosed},
		{"truncated between tokens", reply(`{"id":1,`), unixctl.ErrClosed},
		{"not JSON", reply("HTTP/1.1 400 Bad Request\r\n"), unixctl.ErrProtocol},
		{"binary", reply("\x00\x01\xff\xfe\x16\x03"), unixctl.ErrProtocol},
		{"an array", reply(`["id",1]`), unixctl.ErrProtocol},
		{"a number for a result", reply(`{"id":1,"result":3,"error":null}`), unixctl.ErrProtocol},
		{"another id", reply(`{"id":2,"result":"x","error":null}`), unixctl.ErrProtocol},
		{"no id", reply(`{"result":"x","error":null}`), unixctl.ErrProtocol},
		{"a request", reply(`{"id":1,"method":"echo","params":[]}`), unixctl.ErrProtocol},
		{"endless", endless, unixctl.ErrProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := fake(t, "ovs-vswitchd", tt.serve)
			c := unixctl.New(dir, "ovs-vswitchd")
			c.LimitReplies(1 << 20)
			text, err := c.Call(t.Context(), "version")
			if !errors.Is(err, tt.is) || text != "" {
				t.Errorf("got %q, %v, want %v", text, err, tt.is)
			}
		})
	}
}

// TestLongReply: dumps of some megabytes arrive whole.
func TestLongReply(t *testing.T) {
	long := strings.Repeat("recirc_id(0),in_port(1) ", 1<<17)
	dir := fake(t, "ovs-vswitchd", reply(`{"id":1,"result":"`+long+`","error":null}`))
	text, err := unixctl.New(dir, "ovs-vswitchd").Call(t.Context(), "dpctl/dump-flows")
	if err != nil || text != long {
		t.Errorf("got %d bytes (%v), want %d", len(text), err, len(long))
	}
}

func TestSilence(t *testing.T) {
	dir := fake(t, "ovs-vswitchd", silent)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := unixctl.New(dir, "ovs-vswitchd").Call(ctx, "dpif-netlink/dispatch-mode")
	if !errors.Is(err, unixctl.ErrHung) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want ErrHung with context.DeadlineExceeded", err)
	}
	want := fmt.Sprintf("ovs-vswitchd (pid %d) does not answer its control socket: dpif-netlink/dispatch-mode: no answer in time", os.Getpid())
	if err == nil || err.Error() != want {
		t.Errorf("it says\n%v\nwant\n%s", err, want)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := fake(t, "ovs-vswitchd", func(conn net.Conn, r string) {
		cancel() // the request has arrived: the client waits
		silent(conn, r)
	})
	_, err := unixctl.New(dir, "ovs-vswitchd").Call(ctx, "version")
	if !errors.Is(err, context.Canceled) || errors.Is(err, unixctl.ErrHung) {
		t.Errorf("got %v, want context.Canceled and not ErrHung", err)
	}
}

// TestFullQueue: a process that listens and never accepts is hung, not gone.
func TestFullQueue(t *testing.T) {
	path := filepath.Join(runDir(t), "full.ctl")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for full := false; !full; {
		waiting, err := net.Dial("unix", path)
		if full = err != nil; !full {
			defer waiting.Close()
		}
	}
	c := unixctl.Client{Program: "ovs-vswitchd", Socket: path}
	if _, err := c.Call(t.Context(), "version"); !errors.Is(err, unixctl.ErrHung) {
		t.Errorf("got %v, want ErrHung", err)
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	dir := fake(t, "ovs-vswitchd", func(conn net.Conn, r string) {
		_, _ = fmt.Fprintf(conn, `{"id":1,"result":%q}`, r)
	})
	c := unixctl.New(dir, "ovs-vswitchd")
	var calls sync.WaitGroup
	for i := range 32 {
		calls.Go(func() {
			arg := fmt.Sprint("n", i)
			if got, err := c.Call(t.Context(), "echo", arg); err != nil || !strings.Contains(got, `"`+arg+`"`) {
				t.Errorf("%s: got %q, %v", arg, got, err)
			}
		})
	}
	calls.Wait()
}
