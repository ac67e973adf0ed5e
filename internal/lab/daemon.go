package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// daemon is one of Open vSwitch's own, in the foreground.
type daemon struct {
	*Cmd
	ctl string // path of its control socket
	// told is set before it is asked to end: an end before that is a fault.
	told atomic.Bool
}

func (d *daemon) cmd() *Cmd {
	if d == nil {
		return nil
	}
	return d.Cmd
}

// startDaemon starts an Open vSwitch daemon whose control socket will be ctl(pid)
// and returns when it answers there. onExit is called when it ended untold.
func (h *Host) startDaemon(ctx context.Context, ctl func(pid int) string, onExit func(error), path string, args ...string) (*daemon, error) {
	diag, err := os.CreateTemp(h.dir, "stderr-")
	if err != nil {
		return nil, err
	}
	defer diag.Close()
	defer os.Remove(diag.Name())
	// Not bound to ctx, which is for the start: Close ends it.
	c := h.Command(context.WithoutCancel(ctx), path, args...)
	// A daemon names its control socket after the name it was called by, and a
	// real host calls either build ovs-vswitchd, by the alternatives link.
	c.Args[0] = strings.TrimSuffix(filepath.Base(path), "-dpdk")
	c.match = c.Args[0]
	c.Stderr = diag
	if err := c.Start(); err != nil {
		return nil, err
	}
	d := &daemon{Cmd: c, ctl: ctl(c.Process.Pid)}
	// Ends with the process; whoever stops the daemon waits for it through done.
	go func() {
		err := c.Wait()
		if !d.told.Load() {
			onExit(fmt.Errorf("%s ended by itself: %s", c.match, exitText(err)))
		}
	}()
	err = Until(ctx, c.match+" answers", func(ctx context.Context) error {
		select {
		case <-d.done:
			return nil
		default:
			_, err := ask(ctx, d.ctl, "version")
			return err
		}
	})
	select {
	case <-d.done:
		text, _ := os.ReadFile(diag.Name())
		return nil, fmt.Errorf("%s ended while starting: %s", c.match, lastLines(string(text), 5))
	default:
	}
	if err != nil {
		return nil, errors.Join(err, d.kill())
	}
	return d, nil
}

// stop asks the daemon through its control socket to end, and kills it when ctx
// ends first.
func (d *daemon) stop(ctx context.Context, method string, params ...string) error {
	d.told.Store(true)
	// The reply may be lost with the process: that it ends is what counts.
	_, askErr := ask(ctx, d.ctl, method, params...)
	select {
	case <-d.done:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stop %s: %w", d.match, ctx.Err()), askErr, d.Kill())
	}
}

// kill ends the daemon with SIGKILL.
func (d *daemon) kill() error {
	d.told.Store(true)
	return d.Kill()
}

func exitText(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// ask makes one JSON-RPC 1.0 call (RFC 7047 section 4; Open vSwitch's
// lib/unixctl.c speaks the same) and returns the raw result.
func ask(ctx context.Context, socket, method string, params ...string) (json.RawMessage, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(closeTimeout)
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if params == nil {
		params = []string{}
	}
	request := map[string]any{"id": 0, "method": method, "params": params}
	if err := json.NewEncoder(conn).Encode(request); err != nil {
		return nil, fmt.Errorf("%s %s: %w", socket, method, err)
	}
	var reply struct {
		Result json.RawMessage
		Error  any
	}
	if err := json.NewDecoder(conn).Decode(&reply); err != nil {
		return nil, fmt.Errorf("%s %s: %w", socket, method, err)
	}
	if reply.Error != nil {
		return nil, fmt.Errorf("%s %s: %v", socket, method, reply.Error)
	}
	return reply.Result, nil
}
