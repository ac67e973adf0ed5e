package unixctl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxPath is the longest name that fits into sockaddr_un.
const maxPath = 107

// dial connects to the server's control socket. Which socket that is only the
// pidfile can say: sockets of dead processes stay behind.
func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	if c.Socket != "" {
		conn, err := dialSocket(ctx, c.Socket)
		if gone(err) {
			return nil, fmt.Errorf("%w: nobody serves %s", ErrNotRunning, c.Socket)
		}
		return conn, err
	}
	notRunning := fmt.Errorf("%w: no %s", ErrNotRunning, filepath.Join(c.RunDir, c.Program+".pid"))
	for _, program := range c.programs() {
		pidfile := filepath.Join(c.RunDir, program+".pid")
		pid, err := readPid(pidfile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		path := filepath.Join(c.RunDir, fmt.Sprintf("%s.%d.ctl", program, pid))
		conn, err := dialSocket(ctx, path)
		switch {
		case err == nil:
			return conn, nil
		case errors.Is(err, fs.ErrNotExist) && alive(pid):
			return nil, fmt.Errorf("process %d of %s runs without the control socket %s: was it started with --unixctl?", pid, pidfile, path)
		case gone(err):
			notRunning = fmt.Errorf("%w: process %d of %s is gone", ErrNotRunning, pid, pidfile)
		default:
			return nil, err
		}
	}
	return nil, notRunning
}

// programs lists the names under which the server may have written its pidfile.
func (c *Client) programs() []string {
	if c.Program == "ovs-vswitchd" {
		return []string{c.Program, "ovs-vswitchd-dpdk"}
	}
	return []string{c.Program}
}

func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("control socket %s: the path has %d bytes, a unix socket's at most %d", path, len(path), maxPath)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if errors.Is(err, syscall.EAGAIN) {
		// The queue of connections is full: the server accepts none.
		return nil, fmt.Errorf("control socket %s: %w", path, os.ErrDeadlineExceeded)
	}
	return conn, err
}

// gone says whether dialing failed because no process listens.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// readPid reads a pidfile of OVS: the number and a newline (lib/daemon-unix.c).
func readPid(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("pidfile %s: %.40q is no process id", path, text)
	}
	return pid, nil
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// PID returns the process id of the server, from its pidfile. The error matches
// ErrNotRunning when there is none.
func (c *Client) PID() (int, error) {
	for _, program := range c.programs() {
		pid, err := readPid(filepath.Join(c.RunDir, program+".pid"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && !alive(pid) {
			return 0, fmt.Errorf("%w: process %d is gone", ErrNotRunning, pid)
		}
		return pid, err
	}
	return 0, fmt.Errorf("%w: no %s", ErrNotRunning, filepath.Join(c.RunDir, c.Program+".pid"))
}
