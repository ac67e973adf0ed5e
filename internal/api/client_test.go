package api

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every method of Backend reaches the same method on the other side and brings
// back what it returned.
func TestClientIsTheBackend(t *testing.T) {
	b := &fake{}
	c := start(t, b)
	ctx := t.Context()
	check(t, "Version")(c.Version(ctx))
	check(t, "Status")(c.Status(ctx))
	check(t, "Plan")(c.Plan(ctx, PlanRequest{Name: "a.yaml"}))
	check(t, "Adopt")(c.Adopt(ctx, AdoptRequest{}))
	check(t, "Release")(c.Release(ctx, ReleaseRequest{}))
	check(t, "Port")(c.Port(ctx, "vm 1/eth0%"))
	check(t, "Explain")(c.Explain(ctx, "überlay"))
	ports, err := c.Ports(ctx)
	if len(ports) != 1 {
		t.Fatalf("ports: %v %v", ports, err)
	}
	check(t, "Ports")(ports[0], err)
	var progress []string
	check(t, "Apply")(c.Apply(ctx, ApplyRequest{Name: "b.yaml"}, func(s string) { progress = append(progress, s) }))
	if diff := cmp.Diff([]string{"step 1 of 1", "waiting for cur_cfg <7>"}, progress); diff != "" {
		t.Error(diff)
	}
	facts, err := c.Facts(ctx)
	if err != nil || !json.Valid(facts) || !strings.Contains(string(facts), `"ovs"`) {
		t.Errorf("facts: %s %v", facts, err)
	}
	var listed []Flow
	check(t, "Flows")(c.Flows(ctx, FlowsRequest{Object: "switch port/vm 1", Table: "L2"}, func(f Flow) error { listed = append(listed, f); return nil }))
	if len(listed) != 1 {
		t.Fatalf("flows: %v", listed)
	}
	check(t, "a flow")(listed[0], nil)
	check(t, "ExplainFlow")(c.ExplainFlow(ctx, "0x1"))
	check(t, "Tunnel")(c.Tunnel(ctx, "fd00::1"))
	check(t, "Trace")(c.Trace(ctx, TraceRequest{Port: "vm1"}))
	tunnels, err := c.Tunnels(ctx)
	if len(tunnels) != 1 {
		t.Fatalf("tunnels: %v %v", tunnels, err)
	}
	check(t, "Tunnels")(tunnels[0], err)
	check(t, "AcceptStore")(c.AcceptStore(ctx, AcceptStoreRequest{}))
	check(t, "Talkers")(c.Talkers(ctx, TalkersRequest{Window: 90 * time.Second, Limit: 3, Port: "vm 1"}))
	want := []string{
		"Version", "Status", "Plan a.yaml", "Adopt", "Release", "Port vm 1/eth0%", "Explain überlay", "Ports", "Apply b.yaml", "Facts",
		"Flows switch port/vm 1 L2", "ExplainFlow 0x1", "Tunnel fd00::1", "Trace vm1", "Tunnels", "AcceptStore", "Talkers 1m30s 3 vm 1",
	}
	if diff := cmp.Diff(want, b.calls); diff != "" {
		t.Error(diff)
	}
	if n := reflect.TypeFor[Backend]().NumMethod(); n != len(want) {
		t.Errorf("Backend has %d methods, %d are tried here", n, len(want))
	}
}

func check(t *testing.T, name string) func(got any, err error) {
	return func(got any, err error) {
		t.Helper()
		want := reflect.New(reflect.TypeOf(got)).Elem()
		fill(want)
		if diff := cmp.Diff(want.Interface(), got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestClientReturnsTypedErrors(t *testing.T) {
	c := start(t, &fake{err: Conflict("2 ports in use would be deleted").WithFix("add --force")})
	for name, call := range map[string]func() error{
		"whole":    func() error { _, err := c.Plan(t.Context(), PlanRequest{}); return err },
		"followed": func() error { _, err := c.Apply(t.Context(), ApplyRequest{}, nil); return err },
	} {
		var e *Error
		if err := call(); !errors.As(err, &e) || e.Code != CodeConflict || e.Fix != "add --force" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestClientErrorAfterProgress(t *testing.T) {
	c := start(t, &fake{apply: func(_ context.Context, _ ApplyRequest, progress func(string)) (Result, error) {
		progress("step 1 of 2")
		return Result{}, Unavailable("the database went away")
	}})
	_, err := c.Apply(t.Context(), ApplyRequest{}, nil)
	if CodeOf(err) != CodeUnavailable || err.Error() != "the database went away" {
		t.Errorf("got %v", err)
	}
}

func TestNoDaemon(t *testing.T) {
	dir := t.TempDir()
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "stale"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	for socket, want := range map[string]string{
		"absent": "sluiced is not running: there is no socket " + dir + "/absent",
		"stale":  "sluiced is not running: nobody listens on " + dir + "/stale",
	} {
		_, err := Dial(filepath.Join(dir, socket)).Status(t.Context())
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeUnavailable || e.Message != want || !strings.Contains(e.Fix, "systemctl start sluiced") {
			t.Errorf("%s: got %#v", socket, err)
		}
	}
}

// answer listens and answers every connection with text.
func answer(t *testing.T, text string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte(text))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func TestStrangersOnTheSocket(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"other server": {"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found", "does not speak Sluice's API: 404 Not Found"},
		"no HTTP":      {"{\"id\":0,\"error\":null}\n", "is not sluiced's API: net/http: HTTP/1.x transport connection broken"},
		"gone":         {"", "is not sluiced's API: EOF"},
		"cut short":    {"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"host\":", "went away: unexpected EOF"},
		"not JSON":     {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "unreadable answer: invalid character 'h'"},
	} {
		t.Run(name, func(t *testing.T) {
			socket := answer(t, tt.text)
			if _, err := Dial(socket).Status(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("status: %v", err)
			}
			if _, err := Dial(socket).Apply(t.Context(), ApplyRequest{}, nil); err == nil {
				t.Error("apply: no error")
			}
		})
	}
}

// A daemon that dies over a request is no stranger.
func TestDaemonDies(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = c.Read(make([]byte, 4096))
			_ = l.Close()
			_ = c.Close()
		}
	}()
	if _, err := Dial(l.Addr().String()).Status(t.Context()); err == nil || !strings.Contains(err.Error(), "went away: EOF") {
		t.Errorf("got %v", err)
	}
}

func TestDeadlineOfTheClient(t *testing.T) {
	asked := make(chan struct{})
	c := start(t, &fake{apply: func(ctx context.Context, _ ApplyRequest, _ func(string)) (Result, error) {
		close(asked)
		<-ctx.Done()
		return Result{}, ctx.Err()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Apply(ctx, ApplyRequest{}, nil)
	if CodeOf(err) != CodeUnavailable || !strings.Contains(err.Error(), "no answer in time") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-asked // the cleanup shows that the daemon's end ends the apply
}

// A client that goes away does not end the apply it asked for.
func TestApplyOutlivesItsClient(t *testing.T) {
	begun, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	c := start(t, &fake{apply: func(ctx context.Context, _ ApplyRequest, progress func(string)) (Result, error) {
		progress("step 1 of 2")
		close(begun)
		<-release
		progress("step 2 of 2")
		ended <- ctx.Err()
		return Result{}, nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := c.Apply(ctx, ApplyRequest{}, nil); !errors.Is(err, context.Canceled) || !strings.Contains(fix(err), "the daemon finishes") {
		t.Errorf("client: %v", err)
	}
	c.CloseIdle()
	close(release)
	if err := <-ended; err != nil {
		t.Errorf("the apply's context ended: %v", err)
	}
}

func fix(err error) string {
	e := new(Error)
	errors.As(err, &e)
	return e.Fix
}

// A list of flows that breaks off says so, whatever the reason, and one that the
// reader ends ends.
func TestFlowsThatBreakOff(t *testing.T) {
	b := &fake{flows: 20_000}
	c := start(t, b)
	n := 0
	count := func(Flow) error { n++; return nil }
	if _, err := c.Flows(t.Context(), FlowsRequest{}, count); err != nil || n != b.flows {
		t.Errorf("%d flows, %v", n, err)
	}
	enough := errors.New("enough")
	if _, err := c.Flows(t.Context(), FlowsRequest{}, func(Flow) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("ended by the reader: %v", err)
	}
	b.late = Unavailable("the switch went away")
	if _, err := c.Flows(t.Context(), FlowsRequest{}, count); CodeOf(err) != CodeUnavailable || err.Error() != "the switch went away" {
		t.Errorf("an error at the end: %v", err)
	}
	b.err = NotFound("nothing is called x")
	if _, err := c.Flows(t.Context(), FlowsRequest{Object: "x"}, count); CodeOf(err) != CodeNotFound {
		t.Errorf("an error at the beginning: %v", err)
	}
}
