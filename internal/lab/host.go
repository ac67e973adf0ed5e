package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// Host is one running Open vSwitch with its own database, directory and network
// namespace. Its methods may be called concurrently, except that starting and
// stopping the same daemon from two goroutines has no defined order.
type Host struct {
	name   string // prefix and id: also the namespace
	dir    string
	opts   Options
	thread *thread

	children children
	allow    allowlist

	mu       sync.Mutex
	db       *daemon // nil while stopped
	vswitchd *daemon
	died     []error // daemons that ended by themselves
	closed   bool
}

// Start makes a host and returns when its daemons answer. ctx bounds the start
// only. What Start made is undone when it fails, and by Close.
func Start(ctx context.Context, o Options) (*Host, error) {
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("start lab host: %w", err)
	}
	h, err := newHost(o)
	if err != nil {
		return nil, fmt.Errorf("start lab host: %w", err)
	}
	if err := h.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start lab host: %w", err), h.Close())
	}
	return h, nil
}

func newHost(o Options) (*Host, error) {
	i, dir, err := makeDir()
	if err != nil {
		return nil, err
	}
	h := &Host{name: prefix + i.String(), dir: dir, opts: o}
	h.thread, err = newThread(h.enter)
	if err != nil {
		return nil, errors.Join(err, h.removeTraces())
	}
	return h, nil
}

// enter puts the host's thread into a new network namespace.
func (h *Host) enter() error {
	if h.opts.Dummy {
		return nil
	}
	ns, err := netns.NewNamed(h.name)
	if err != nil {
		return fmt.Errorf("network namespace %s: %w", h.name, err)
	}
	if err := ns.Close(); err != nil {
		return err
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("network namespace %s: %w", h.name, err)
	}
	return netlink.LinkSetUp(lo)
}

func (h *Host) start(ctx context.Context) error {
	if err := h.createDB(ctx); err != nil {
		return err
	}
	if err := h.StartDB(ctx); err != nil {
		return err
	}
	if err := h.initDB(ctx); err != nil {
		return err
	}
	if h.opts.DBOnly {
		return nil
	}
	return h.StartVswitchd(ctx)
}

// RunDir is the host's directory: OVS_RUNDIR, and the place for guests' sockets.
func (h *Host) RunDir() string { return h.dir }

// Path is the path of a file in the host's directory.
func (h *Host) Path(file string) string { return filepath.Join(h.dir, file) }

// DBSocket is the path of ovsdb-server's socket.
func (h *Host) DBSocket() string { return h.Path("db.sock") }

// DBEndpoint is DBSocket as OVSDB clients write it, "unix:/...".
func (h *Host) DBEndpoint() string { return "unix:" + h.DBSocket() }

// DBCtl is the path of ovsdb-server's control socket.
func (h *Host) DBCtl() string { return h.Path("ovsdb-server.ctl") }

// VswitchdCtl is the path of ovs-vswitchd's control socket. As on a real host it
// has the process id in its name and changes with every start.
func (h *Host) VswitchdCtl() (string, error) {
	pid, err := h.VswitchdPID()
	if err != nil {
		return "", err
	}
	return h.Path(fmt.Sprintf("ovs-vswitchd.%d.ctl", pid)), nil
}

// VswitchdPID is the process id of the running ovs-vswitchd.
func (h *Host) VswitchdPID() (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.vswitchd == nil {
		return 0, errors.New("ovs-vswitchd is stopped")
	}
	return h.vswitchd.Process.Pid, nil
}

// Netns is the name of the host's network namespace, as ip netns lists it; empty
// for a dummy host.
func (h *Host) Netns() string {
	if h.opts.Dummy {
		return ""
	}
	return h.name
}

// Do runs f on a thread that is in the host's network namespace (of a dummy host:
// the machine's): netlink calls in f see the host's devices. One f runs at a time; f must not call Do, Command's
// Start or another method that starts something in the host.
func (h *Host) Do(f func() error) error { return h.thread.do(f) }

// closeTimeout bounds each orderly step of Close, after which it is forced.
const closeTimeout = 10 * time.Second

// Close stops everything that runs in the host and removes its directory and its
// namespace. A second call does nothing.
func (h *Host) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	db, vswitchd := h.db, h.vswitchd
	h.mu.Unlock()

	errs := []error{h.children.killExcept(db.cmd(), vswitchd.cmd())}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout) //nolint:forbidigo // closing has to end also when the caller has ended
	defer cancel()
	if vswitchd != nil {
		errs = append(errs, vswitchd.stop(ctx, "exit", "--cleanup"))
	}
	if db != nil {
		errs = append(errs, db.stop(ctx, "exit"))
	}
	h.thread.stop()
	errs = append(errs, h.removeTraces())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close lab host: %w", err)
	}
	return nil
}

// removeTraces removes the names the host had on the machine.
func (h *Host) removeTraces() error {
	err := errors.Join(deleteNetns(h.name), os.RemoveAll(h.SocketDir()), removeDir(h.dir))
	_ = os.Remove(socketsDir) // when it was the last
	return err
}

// deleteNetns deletes a named network namespace; that there is none is no error.
func deleteNetns(name string) error {
	err := netns.DeleteNamed(name)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	// The file may be there without the mount, when its maker was killed between.
	if rm := os.Remove(filepath.Join(netnsDir, name)); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		return fmt.Errorf("delete network namespace %s: %w", name, errors.Join(err, rm))
	}
	return nil
}

// netnsDir is where iproute2 and netns.NewNamed keep named namespaces.
const netnsDir = "/run/netns"
