package unixctl_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// together serves one connection: it takes so many requests and answers them with
// replies, of their methods by their ids, all at once.
func together(t *testing.T, requests int, replies func(methods map[int]string) string) string {
	t.Helper()
	return fake(t, "ovs-vswitchd", func(conn net.Conn, first string) {
		methods := map[int]string{}
		in := bufio.NewReader(conn)
		for line := first; ; line, _ = in.ReadString('\n') {
			var r struct {
				ID     int
				Method string
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Errorf("%q: %v", line, err)
				return
			}
			if methods[r.ID] = r.Method; len(methods) == requests {
				break
			}
		}
		_, _ = fmt.Fprint(conn, replies(methods))
		silent(conn, "")
	})
}

func open(t *testing.T, dir string) *unixctl.Conn {
	t.Helper()
	conn, err := unixctl.New(dir, "ovs-vswitchd").Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// TestConn: each of several commands at once gets its own answer, in whatever order
// they come, and an error is that of its command alone.
func TestConn(t *testing.T) {
	const commands = 12
	conn := open(t, together(t, commands, func(methods map[int]string) string {
		text := ""
		for id, method := range methods {
			if method == "m3" {
				text += fmt.Sprintf(`{"id":%d,"error":"no %s\n"}`, id, method)
				continue
			}
			text += fmt.Sprintf(`{"id":%d,"error":null,"result":"of %s\n"}`+"\n", id, method)
		}
		return text
	}))
	var all sync.WaitGroup
	for i := range commands {
		all.Go(func() {
			method := fmt.Sprintf("m%d", i)
			got, err := conn.Call(t.Context(), method)
			var refused *unixctl.CommandError
			if i == 3 && (!errors.As(err, &refused) || refused.Text != "no m3" || refused.Method != "m3") {
				t.Errorf("%s: %q, %v, want to be refused", method, got, err)
			}
			if i != 3 && (err != nil || got != "of "+method) {
				t.Errorf("%s: %q, %v", method, got, err)
			}
		})
	}
	all.Wait()
}

// TestConnEnds: what ends the connection is the error of every command under way, and
// of those after it.
func TestConnEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		replies string
		want    error
	}{
		"another's answer": {`{"id":3,"error":null,"result":"x"}`, unixctl.ErrProtocol},
		"no id":            {`{"error":null,"result":"x"}`, unixctl.ErrProtocol},
		"no JSON":          {`<html>`, unixctl.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			conn := open(t, together(t, 2, func(map[int]string) string { return tt.replies }))
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					if got, err := conn.Call(t.Context(), "version"); !errors.Is(err, tt.want) {
						t.Errorf("%q, %v, want %v", got, err, tt.want)
					}
				})
			}
			both.Wait()
			if got, err := conn.Call(t.Context(), "version"); !errors.Is(err, tt.want) {
				t.Errorf("afterwards: %q, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// TestConnPatience: who does not wait any longer leaves the others theirs, and Close ends
// them all.
func TestConnPatience(t *testing.T) {
	conn := open(t, fake(t, "ovs-vswitchd", silent))
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	left := make(chan error, 1)
	go func() {
		_, err := conn.Call(t.Context(), "version")
		left <- err
	}()
	if got, err := conn.Call(short, "version"); !errors.Is(err, unixctl.ErrHung) {
		t.Errorf("%q, %v, want that it hangs", got, err)
	}
	select {
	case err := <-left:
		t.Errorf("the other ended, too: %v", err)
	default:
	}
	conn.Close()
	if err := <-left; !errors.Is(err, unixctl.ErrClosed) {
		t.Errorf("%v, want that it was closed", err)
	}
	if _, err := unixctl.New(t.TempDir(), "ovs-vswitchd").Open(t.Context()); !errors.Is(err, unixctl.ErrNotRunning) {
		t.Errorf("%v, want that it does not run", err)
	}
}

// TestConnOfOVS: the real thing answers as it does a command at a time.
func TestConnOfOVS(t *testing.T) {
	c := unixctl.New(startOVS(t), "ovs-vswitchd")
	conn, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	commands := slices.Repeat([]string{"version", "vlog/list", "vlog/list-pattern", "no/such"}, 5)
	var all sync.WaitGroup
	for _, command := range commands {
		all.Go(func() {
			want, wantErr := c.Call(t.Context(), command)
			got, err := conn.Call(t.Context(), command)
			if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s: %q %v, want %q %v", command, got, err, want, wantErr)
			}
		})
	}
	all.Wait()
}
