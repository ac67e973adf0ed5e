package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// StartDB starts ovsdb-server on the host's database and returns when it serves
// Open_vSwitch. Starting what runs is an error.
func (h *Host) StartDB(ctx context.Context) error {
	if h.running(&h.db) != nil {
		return errors.New("ovsdb-server runs already")
	}
	d, err := h.startDaemon(ctx, func(int) string { return h.DBCtl() }, h.lost(&h.db), "ovsdb-server", h.Path("conf.db"),
		"--remote=punix:"+h.DBSocket(), "--remote=db:Open_vSwitch,Open_vSwitch,manager_options",
		"--unixctl="+h.DBCtl(), "--pidfile="+h.Path("ovsdb-server.pid"),
		"--log-file="+h.Path("ovsdb-server.log"), "-vconsole:emer", "-vsyslog:off")
	if err != nil {
		return err
	}
	h.set(&h.db, d)
	return Until(ctx, "ovsdb-server serves Open_vSwitch", func(ctx context.Context) error {
		reply, err := ask(ctx, h.DBSocket(), "list_dbs")
		if err == nil && !strings.Contains(string(reply), `"Open_vSwitch"`) {
			err = fmt.Errorf("it serves %s", reply)
		}
		return err
	})
}

// StartVswitchd starts ovs-vswitchd and returns when it has applied the database
// once. Starting what runs is an error.
func (h *Host) StartVswitchd(ctx context.Context) error {
	if h.running(&h.vswitchd) != nil {
		return errors.New("ovs-vswitchd runs already")
	}
	mark, err := os.ReadFile(h.LogPath())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	args := append(h.opts.vswitchdArgs(), h.DBEndpoint(), "--pidfile="+h.Path("ovs-vswitchd.pid"),
		"--log-file="+h.LogPath(), "-vconsole:emer", "-vsyslog:off")
	d, err := h.startDaemon(ctx, func(pid int) string { return h.Path("ovs-vswitchd." + strconv.Itoa(pid) + ".ctl") },
		h.lost(&h.vswitchd), h.opts.vswitchd(), args...)
	if err != nil {
		text, _ := os.ReadFile(h.LogPath())
		return fmt.Errorf("%w\n%s", err, lastLines(string(text[min(len(mark), len(text)):]), 10))
	}
	h.set(&h.vswitchd, d)
	return Until(ctx, "ovs-vswitchd applied its database", func(context.Context) error {
		text, err := os.ReadFile(h.LogPath())
		if err != nil {
			return err
		}
		// vswitchd/bridge.c, bridge_run, prints its version after the first
		// bridge_reconfigure; the same in 2.17 to 4.0.
		if !strings.Contains(string(text[min(len(mark), len(text)):]), "(Open vSwitch)") {
			return errors.New("no version in its log yet")
		}
		return nil
	})
}

// StopVswitchd ends ovs-vswitchd as a service manager would (ovs-appctl exit) and
// returns when it is gone. Stopping what is stopped is no error.
func (h *Host) StopVswitchd(ctx context.Context) error {
	if d := h.take(&h.vswitchd); d != nil {
		return d.stop(ctx, "exit")
	}
	return nil
}

// KillVswitchd ends ovs-vswitchd with SIGKILL and returns when it is gone.
func (h *Host) KillVswitchd() error {
	if d := h.take(&h.vswitchd); d != nil {
		return d.kill()
	}
	return nil
}

// StopDB ends ovsdb-server and returns when it is gone. Stopping what is stopped
// is no error.
func (h *Host) StopDB(ctx context.Context) error {
	if d := h.take(&h.db); d != nil {
		return d.stop(ctx, "exit")
	}
	return nil
}

// KillDB ends ovsdb-server with SIGKILL and returns when it is gone.
func (h *Host) KillDB() error {
	if d := h.take(&h.db); d != nil {
		return d.kill()
	}
	return nil
}

// ReplaceDB stops ovsdb-server, puts an empty database in place of the host's and
// starts it again: what an operator does who deletes conf.db. Row UUIDs change,
// and nothing of the host's configuration is left.
func (h *Host) ReplaceDB(ctx context.Context) error {
	if err := h.StopDB(ctx); err != nil {
		return err
	}
	if err := os.Remove(h.Path("conf.db")); err != nil {
		return err
	}
	if err := h.createDB(ctx); err != nil {
		return err
	}
	if err := h.StartDB(ctx); err != nil {
		return err
	}
	_, err := h.VSCtl(ctx, "--no-wait", "init")
	return err
}

func (h *Host) createDB(ctx context.Context) error {
	_, err := h.Command(ctx, "ovsdb-tool", "create", h.Path("conf.db"), h.opts.Schema).Output()
	return err
}

// initDB makes the root row and the settings of a configured host.
func (h *Host) initDB(ctx context.Context) error {
	args := []string{"--no-wait", "init", "--", "set", "Open_vSwitch", "."}
	settings := h.opts.settings()
	if len(settings) == 0 {
		args = args[:2]
	}
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		args = append(args, fmt.Sprintf("other_config:%s=%q", key, value))
	}
	_, err := h.VSCtl(ctx, args...)
	return err
}

// VSCtl runs ovs-vsctl against the host's database and returns what it printed,
// without the line feed at the end. Without --no-wait among args it waits, within
// ctx, for ovs-vswitchd to apply the change.
func (h *Host) VSCtl(ctx context.Context, args ...string) (string, error) {
	return h.output(ctx, "ovs-vsctl", append([]string{"--db=" + h.DBEndpoint()}, args...))
}

// AppCtl runs ovs-appctl against the host's ovs-vswitchd and returns what it
// printed, without the line feed at the end.
func (h *Host) AppCtl(ctx context.Context, args ...string) (string, error) {
	return h.output(ctx, "ovs-appctl", append([]string{"-t", "ovs-vswitchd"}, args...))
}

func (h *Host) output(ctx context.Context, name string, args []string) (string, error) {
	out, err := h.Command(ctx, name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args[1:], " "), err)
	}
	return strings.TrimRight(string(out), "\n"), nil
}

func (h *Host) running(d **daemon) *daemon {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *d
}

func (h *Host) set(d **daemon, to *daemon) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*d = to
}

func (h *Host) take(d **daemon) *daemon {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := *d
	*d = nil
	return was
}

// lost returns what is to happen when a daemon ends by itself.
func (h *Host) lost(d **daemon) func(error) {
	return func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		*d = nil
		h.died = append(h.died, err)
	}
}
