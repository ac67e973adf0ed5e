package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// maxSocketPath is what sun_path holds beside its terminating zero (unix(7)).
const maxSocketPath = 107

// listenUnix listens on a unix socket with the given group (name or number, ""
// = unchanged) and permission bits, making its directory (0755) where it is
// missing. A socket that an earlier process left is replaced; one at which
// somebody answers, and any file that is no socket, is left and an error.
//
// It changes the process's umask for a moment: call it before anything else
// runs that makes files.
func listenUnix(ctx context.Context, path, group string, mode fs.FileMode) (net.Listener, error) {
	l, err := bindUnix(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := grant(path, group, mode); err != nil {
		_ = l.Close() // and with it the socket: nobody may use it yet
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	return l, nil
}

// bindUnix returns a listener that nobody but the daemon's user can connect to.
func bindUnix(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path has %d bytes, a socket's may have %d: choose a shorter api.socket", len(path), maxSocketPath)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, denied(err)
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	umask := unix.Umask(0o177)
	defer unix.Umask(umask)
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, denied(cause(err))
	}
	return l, nil
}

// denied says what to do about a directory that the daemon may not write to.
func denied(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: start sluiced as root, or choose another api.socket (--api-socket)", err)
	}
	return err
}

// removeStale removes a socket at which nobody answers.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return cause(err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("something that is no socket is there: move it away, or choose another api.socket")
	}
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		_ = conn.Close()
		return errors.New("another process answers there: is sluiced running already?")
	case errors.Is(err, unix.ECONNREFUSED):
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the socket of an earlier process: %w", cause(err))
		}
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default: // a full backlog, no permission: somebody may live there
		return fmt.Errorf("a socket is there, and whether it is in use cannot be told: %w", cause(err))
	}
}

// grant gives the socket its group, then its mode, so that it is never open to
// the wrong group.
func grant(path, group string, mode fs.FileMode) error {
	if group != "" {
		gid, err := lookupGroup(group)
		if err != nil {
			return err
		}
		if err := os.Chown(path, -1, gid); err != nil {
			return fmt.Errorf("give it to group %s: %w", group, cause(err))
		}
	}
	if err := os.Chmod(path, mode.Perm()); err != nil {
		return fmt.Errorf("set mode %04o: %w", mode.Perm(), cause(err))
	}
	return nil
}

func lookupGroup(name string) (int, error) {
	if gid, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(gid), nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("api.group: %w", err)
	}
	return strconv.Atoi(g.Gid)
}

// cause strips the operation and path that the caller names itself.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		var call *os.SyscallError
		if errors.As(op.Err, &call) {
			return call.Err
		}
		return op.Err
	}
	return err
}
