package main

import (
	"context"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// socketDir is short enough for a socket's path, which t.TempDir may not be.
func socketDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sluiced")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// stale leaves a socket as a killed daemon does.
func stale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestListenUnix(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, path string){
		"nothing there": func(t *testing.T, path string) {},
		"stale socket": func(t *testing.T, path string) {
			if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			stale(t, path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(socketDir(t), "run", "api.sock")
			prepare(t, path)
			umask := unix.Umask(0o022)
			defer unix.Umask(umask)
			l, err := listenUnix(t.Context(), path, "", 0o660)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if now := unix.Umask(0o022); now != 0o022 {
				t.Errorf("umask left at %04o", now)
			}
			info, err := os.Lstat(path)
			if err != nil || info.Mode() != fs.ModeSocket|0o660 {
				t.Errorf("mode %v %v", info.Mode(), err)
			}
			if parent, err := os.Stat(filepath.Dir(path)); err != nil || parent.Mode().Perm() != 0o755 {
				t.Errorf("directory: %v %v", parent.Mode(), err)
			}
			accepted := make(chan error, 1)
			go func() {
				conn, err := l.Accept()
				if err == nil {
					err = conn.Close()
				}
				accepted <- err
			}()
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			if err := <-accepted; err != nil {
				t.Error(err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(path); !os.IsNotExist(err) {
				t.Errorf("the socket stayed: %v", err)
			}
		})
	}
}

func TestListenUnixGroup(t *testing.T) {
	own := os.Getgid() // anybody may give a file to a group of his own
	groups := map[string]int{strconv.Itoa(own): own}
	if g, err := user.LookupGroupId(strconv.Itoa(own)); err == nil {
		groups[g.Name] = own
	}
	if os.Geteuid() == 0 {
		groups["12345"] = 12345
	}
	for group, want := range groups {
		path := filepath.Join(socketDir(t), "api.sock")
		l, err := listenUnix(t.Context(), path, group, 0o620)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Perm() != 0o620 {
			t.Fatalf("mode %v %v", info.Mode(), err)
		}
		if gid := info.Sys().(*syscall.Stat_t).Gid; int(gid) != want {
			t.Errorf("group %d, want %s", gid, group)
		}
	}
}

func TestListenUnixRefuses(t *testing.T) {
	dir := socketDir(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	used := filepath.Join(dir, "used.sock")
	l, err := net.Listen("unix", used)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	long := filepath.Join(dir, strings.Repeat("x", maxSocketPath))
	for _, tt := range []struct{ path, group, want string }{
		{file, "", "something that is no socket is there: move it away, or choose another api.socket"},
		{link, "", "something that is no socket is there: move it away, or choose another api.socket"},
		{used, "", "another process answers there: is sluiced running already?"},
		{filepath.Join(file, "api.sock"), "", "mkdir " + file + ": not a directory"},
		{filepath.Join(dir, "new.sock"), "no-such-group", "api.group: group: unknown group no-such-group"},
	} {
		l, err := listenUnix(t.Context(), tt.path, tt.group, 0o660)
		if err == nil {
			_ = l.Close()
		}
		if want := "listen on " + tt.path + ": " + tt.want; err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if _, err := listenUnix(t.Context(), long, "", 0o660); err == nil || !strings.Contains(err.Error(), "a socket's may have 107") {
		t.Errorf("long path: %v", err)
	}
	const remedy = "mkdir /run/sluice: permission denied: start sluiced as root, or choose another api.socket (--api-socket)"
	if err := denied(&fs.PathError{Op: "mkdir", Path: "/run/sluice", Err: fs.ErrPermission}); err.Error() != remedy {
		t.Errorf("of a directory that is not ours it says %q", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "precious" {
		t.Errorf("the file was touched: %q %v", data, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "new.sock")); !os.IsNotExist(err) {
		t.Errorf("a socket without its group stayed: %v", err)
	}
	if conn, err := net.Dial("unix", used); err != nil {
		t.Errorf("the other's socket is gone: %v", err)
	} else {
		_ = conn.Close()
	}
}

// TestListenUnixFullBacklog: a socket whose process is too busy to accept is in use.
func TestListenUnixFullBacklog(t *testing.T) {
	path := filepath.Join(socketDir(t), "busy.sock")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for { // connections that wait to be accepted, until no more fit
		conn, err := net.Dial("unix", path)
		if err != nil {
			break
		}
		defer conn.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := listenUnix(ctx, path, "", 0o660); err == nil || !strings.Contains(err.Error(), "whether it is in use cannot be told") {
		t.Errorf("%v", err)
	}
}
