package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// fake answers every call with a value in which every member is set, notes the
// calls, and fails with err where that is set.
type fake struct {
	mu    sync.Mutex
	calls []string
	err   error
	apply func(context.Context, ApplyRequest, func(string)) (Result, error)
	flows int   // how many there are; 0 = one
	late  error // what Flows ends with
}

func (f *fake) note(call string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	return f.err
}

func (f *fake) Version(context.Context) (Version, error) { return full[Version](), f.note("Version") }
func (f *fake) Status(context.Context) (Status, error)   { return full[Status](), f.note("Status") }
func (f *fake) Facts(context.Context) (json.RawMessage, error) {
	return json.RawMessage(`{"ovs":null}`), f.note("Facts")
}

func (f *fake) Plan(_ context.Context, r PlanRequest) (Plan, error) {
	return full[Plan](), f.note("Plan " + r.Name)
}

func (f *fake) Apply(ctx context.Context, r ApplyRequest, progress func(string)) (Result, error) {
	if err := f.note("Apply " + r.Name); err != nil {
		return Result{}, err
	}
	if f.apply != nil {
		return f.apply(ctx, r, progress)
	}
	progress("step 1 of 1")
	progress("waiting for cur_cfg <7>")
	return full[Result](), nil
}

func (f *fake) Adopt(context.Context, AdoptRequest) (AdoptResult, error) {
	return full[AdoptResult](), f.note("Adopt")
}

func (f *fake) Release(context.Context, ReleaseRequest) (ReleaseResult, error) {
	return full[ReleaseResult](), f.note("Release")
}
func (f *fake) Ports(context.Context) ([]Port, error) { return []Port{full[Port]()}, f.note("Ports") }
func (f *fake) Port(_ context.Context, name string) (Port, error) {
	return full[Port](), f.note("Port " + name)
}

func (f *fake) Explain(_ context.Context, name string) (Explanation, error) {
	return full[Explanation](), f.note("Explain " + name)
}

func (f *fake) AcceptStore(context.Context, AcceptStoreRequest) (AcceptStoreResult, error) {
	return full[AcceptStoreResult](), f.note("AcceptStore")
}

func (f *fake) Flows(_ context.Context, r FlowsRequest, each func(Flow) error) (FlowsEnd, error) {
	if err := f.note("Flows " + r.Object + " " + r.Table); err != nil {
		return FlowsEnd{}, err
	}
	for range max(f.flows, 1) {
		if err := each(full[Flow]()); err != nil {
			return FlowsEnd{}, err
		}
	}
	return full[FlowsEnd](), f.late
}

func (f *fake) ExplainFlow(_ context.Context, cookie string) (FlowExplanation, error) {
	return full[FlowExplanation](), f.note("ExplainFlow " + cookie)
}

func (f *fake) Tunnels(context.Context) ([]Tunnel, error) {
	return []Tunnel{full[Tunnel]()}, f.note("Tunnels")
}

func (f *fake) Tunnel(_ context.Context, peer string) (Tunnel, error) {
	return full[Tunnel](), f.note("Tunnel " + peer)
}

func (f *fake) Trace(_ context.Context, r TraceRequest) (Trace, error) {
	return full[Trace](), f.note("Trace " + r.Port)
}

// full returns a T in which every exported member is set to something.
func full[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem())
	return v
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("rx_packets"), reflect.ValueOf(int64(1)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("word")
		if e, ok := v.Interface().(interface{ values() []string }); ok {
			v.SetString(e.values()[0])
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Uint64:
		v.SetUint(7)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	default:
		panic("fill: " + v.Type().String())
	}
}

// start serves b on a unix socket until the test ends and returns a client.
func start(t *testing.T, b Backend) *Client {
	t.Helper()
	// Not t.TempDir: its path may be longer than a socket's 107 bytes.
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, NewServer(b, nil), nil) }()
	c := Dial(socket)
	t.Cleanup(func() {
		c.CloseIdle()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return c
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

func (f *fake) Talkers(_ context.Context, r TalkersRequest) (Talkers, error) {
	return full[Talkers](), f.note(fmt.Sprintf("Talkers %s %d %s", r.Window, r.Limit, r.Port))
}
