package unixctl_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// deadPid returns the id of a process that has ended and was waited for.
func deadPid(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// stale makes the socket file of a process that no longer listens.
func stale(t *testing.T, path string) {
	t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	_ = listener.Close()
}

func TestNotRunning(t *testing.T) {
	pid := deadPid(t)
	tests := []struct {
		name  string
		setUp func(dir string)
		want  string // DIR and PID stand for this run's
	}{
		{
			"nothing there", func(string) {},
			"ovs-vswitchd: not running: no DIR/ovs-vswitchd.pid",
		},
		{
			"pidfile of a dead process, no socket",
			func(dir string) { write(t, dir+"/ovs-vswitchd.pid", fmt.Sprintf("%d\n", pid)) },
			"ovs-vswitchd: not running: process PID of DIR/ovs-vswitchd.pid is gone",
		},
		{
			"pidfile and socket of a dead process", func(dir string) {
				write(t, dir+"/ovs-vswitchd.pid", fmt.Sprintf("%d\n", pid))
				stale(t, fmt.Sprintf("%s/ovs-vswitchd.%d.ctl", dir, pid))
			},
			"ovs-vswitchd: not running: process PID of DIR/ovs-vswitchd.pid is gone",
		},
		{
			"a socket without a pidfile",
			func(dir string) { stale(t, fmt.Sprintf("%s/ovs-vswitchd.%d.ctl", dir, pid)) },
			"ovs-vswitchd: not running: no DIR/ovs-vswitchd.pid",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := runDir(t)
			tt.setUp(dir)
			_, err := unixctl.New(dir, "ovs-vswitchd").Call(t.Context(), "version")
			if !errors.Is(err, unixctl.ErrNotRunning) {
				t.Fatalf("got %v, want ErrNotRunning", err)
			}
			want := strings.NewReplacer("DIR", dir, "PID", fmt.Sprint(pid)).Replace(tt.want)
			if err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

func TestNotTheServersFault(t *testing.T) {
	tests := []struct {
		name  string
		setUp func(dir string)
		want  string // DIR and PID stand for this run's
	}{
		{
			"garbled pidfile",
			func(dir string) { write(t, dir+"/ovs-vswitchd.pid", "not a number\n") },
			`ovs-vswitchd: version: pidfile DIR/ovs-vswitchd.pid: "not a number\n" is no process id`,
		},
		{
			"empty pidfile",
			func(dir string) { write(t, dir+"/ovs-vswitchd.pid", "") },
			`ovs-vswitchd: version: pidfile DIR/ovs-vswitchd.pid: "" is no process id`,
		},
		{
			"socket elsewhere",
			func(dir string) { write(t, dir+"/ovs-vswitchd.pid", fmt.Sprintln(os.Getpid())) },
			"ovs-vswitchd: version: process PID of DIR/ovs-vswitchd.pid runs without the control socket " +
				"DIR/ovs-vswitchd.PID.ctl: was it started with --unixctl?",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := runDir(t)
			tt.setUp(dir)
			_, err := unixctl.New(dir, "ovs-vswitchd").Call(t.Context(), "version")
			if err == nil || errors.Is(err, unixctl.ErrNotRunning) {
				t.Fatalf("got %v, want an error that is not ErrNotRunning", err)
			}
			want := strings.NewReplacer("DIR", dir, "PID", fmt.Sprint(os.Getpid())).Replace(tt.want)
			if err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

func TestSocketGivenByPath(t *testing.T) {
	path := filepath.Join(runDir(t), "vs.ctl")
	c := unixctl.Client{Program: "ovs-vswitchd", Socket: path}
	if _, err := c.Call(t.Context(), "version"); !errors.Is(err, unixctl.ErrNotRunning) {
		t.Errorf("no socket: got %v, want ErrNotRunning", err)
	}
	stale(t, path)
	if _, err := c.Call(t.Context(), "version"); !errors.Is(err, unixctl.ErrNotRunning) {
		t.Errorf("nobody listens: got %v, want ErrNotRunning", err)
	}
	c.Socket = "/" + strings.Repeat("a", 107)
	if _, err := c.Call(t.Context(), "version"); err == nil || !strings.Contains(err.Error(), "has 108 bytes") {
		t.Errorf("long path: got %v", err)
	}
}
