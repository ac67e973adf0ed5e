package host_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
)

func TestSetHugepages(t *testing.T) {
	const node1 = "/sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages"
	for _, c := range []struct {
		name, machine string
		most          uint64
		do            host.SetHugepages
		log, err      string
		free          uint64
	}{
		{
			name: "raised", machine: "two-socket", do: host.SetHugepages{Node: 1, SizeKiB: 1 << 20, Pages: 20},
			log: "echo 20 > " + node1 + "\n", free: 20,
		},
		{name: "never lowered", machine: "two-socket", do: host.SetHugepages{Node: 1, SizeKiB: 1 << 20, Pages: 4}, free: 16},
		{name: "there already", machine: "two-socket", do: host.SetHugepages{Node: 0, SizeKiB: 2048, Pages: 1024}, free: 1024},
		{
			name: "no NUMA", machine: "no-numa", do: host.SetHugepages{SizeKiB: 2048, Pages: 256},
			log: "echo 256 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages\n", free: 256,
		},
		{
			name: "not enough memory", machine: "two-socket", most: 18, do: host.SetHugepages{Node: 1, SizeKiB: 1 << 20, Pages: 24},
			log: "echo 24 > " + node1 + "\n", free: 18,
			err: "raise hugepages of 1048576 kB on node 1 to 24: the kernel found 18 of 24 pages, 6 (6144 MiB) are missing: free memory on node 1 is too small or too scattered; " +
				"reserve the pages at boot with hugepagesz=1G hugepages=… on the kernel command line",
		},
		{
			name: "no such size", machine: "vm2", do: host.SetHugepages{SizeKiB: 1 << 20, Pages: 1},
			err: "raise hugepages of 1048576 kB on node 0 to 1: refused: there is no pool of these pages; node 0 has pages of 2048 kB",
		},
		{
			name: "no such node", machine: "vm2", do: host.SetHugepages{Node: 3, SizeKiB: 2048, Pages: 1},
			err: "raise hugepages of 2048 kB on node 3 to 1: refused: there is no pool of these pages; node 3 has none at all",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, kernel := hosttest.NewKernel(hosttest.Tree(t, c.machine))
			kernel.MaxPages = c.most
			for range 2 { // the second time changes nothing
				err := hosttest.Do(t, f, c.do)
				if got := text(err); got != c.err {
					t.Errorf("error %q, want %q", got, c.err)
				}
				if c.most > 0 {
					var short *host.ShortageError
					if !errors.As(err, &short) || short.Got != c.most {
						t.Errorf("error %#v, want a shortage of %d pages", err, c.do.Pages-c.most)
					}
					break
				}
			}
			if got := kernel.Log(); got != c.log {
				t.Errorf("wrote %q, want %q", got, c.log)
			}
			topo, err := f.Topology(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if free, ok := topo.HugepagesFree(c.do.Node, c.do.SizeKiB); free != c.free || ok != (c.free > 0) {
				t.Errorf("%d pages free (%v), want %d", free, ok, c.free)
			}
		})
	}
}

func TestMakeDirectory(t *testing.T) {
	f := host.NewFS(t.TempDir())
	me, group := somebody(t)
	was := syscall.Umask(0o077)
	t.Cleanup(func() { syscall.Umask(was) })
	a := host.MakeDirectory{Path: "/var/lib/vhost_sockets/vm1", User: me.Username, Group: group.Name, Mode: 0o770 | fs.ModeSetgid}
	var when syscall.Timespec
	for i := range 2 {
		if err := hosttest.Do(t, f, a); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(f.Root(), a.Path))
		if err != nil {
			t.Fatal(err)
		}
		st := info.Sys().(*syscall.Stat_t)
		got := fmt.Sprintf("%s %d:%d", info.Mode(), st.Uid, st.Gid)
		if want := fmt.Sprintf("dgrwxrwx--- %s:%s", me.Uid, group.Gid); got != want {
			t.Errorf("made %s, want %s", got, want)
		}
		if i == 1 && st.Ctim != when {
			t.Error("the second time changed the directory")
		}
		when = st.Ctim
	}
	if os.Geteuid() == 0 { // somebody else took it over
		must(t, os.Chown(filepath.Join(f.Root(), a.Path), 0, -1))
		must(t, hosttest.Do(t, f, a))
		info, err := os.Stat(filepath.Join(f.Root(), a.Path))
		must(t, err)
		if got := fmt.Sprint(info.Sys().(*syscall.Stat_t).Uid); got != me.Uid {
			t.Errorf("the owner is %s, want %s", got, me.Uid)
		}
	}
	parent, err := os.Stat(filepath.Join(f.Root(), "/var/lib/vhost_sockets"))
	if err != nil || parent.Mode().Perm() != 0o755 {
		t.Errorf("parent %v, %v", parent.Mode(), err)
	}
	if err := os.Chmod(filepath.Join(f.Root(), a.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := hosttest.Do(t, f, host.MakeDirectory{Path: a.Path}); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(f.Root(), a.Path))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode 0 must leave the mode of what is there: %v, %v", info.Mode(), err)
	}
}

func TestMakeDirectoryRefuses(t *testing.T) {
	f := host.NewFS(t.TempDir())
	if err := os.WriteFile(filepath.Join(f.Root(), "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(f.Root(), "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		do  host.MakeDirectory
		err string
	}{
		{host.MakeDirectory{Path: "/file"}, "make directory /file: refused: /file is there and is a file, not a directory"},
		{host.MakeDirectory{Path: "/link", Mode: 0o777}, "make directory /link (mode 0777): refused: /link is there and is a symbolic link, not a directory"},
		{host.MakeDirectory{Path: "/d", Group: "no-such-group"}, "make directory /d (group no-such-group): refused: there is no group no-such-group on this host"},
		{host.MakeDirectory{Path: "/d", User: "no such user"}, "make directory /d (user no such user): refused: there is no user no such user on this host"},
		{host.MakeDirectory{Path: "/a/../../etc"}, `make directory /a/../../etc: refused: "/a/../../etc" is no absolute path without detours`},
		{host.MakeDirectory{Path: "d"}, `make directory d: refused: "d" is no absolute path without detours`},
	} {
		if got := text(hosttest.Do(t, f, c.do)); got != c.err {
			t.Errorf("error %q, want %q", got, c.err)
		}
	}
	if _, err := os.Stat(filepath.Join(f.Root(), "d")); !os.IsNotExist(err) {
		t.Error("a refused directory was made")
	}
}

func TestRemoveDirectory(t *testing.T) {
	f := host.NewFS(t.TempDir())
	dir := filepath.Join(f.Root(), "vm1")
	a := host.RemoveDirectory{Path: "/vm1"}
	if err := hosttest.Do(t, f, a); err != nil {
		t.Errorf("absent: %v", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	leaveSocket(t, filepath.Join(dir, "vm1.sock"))
	if err := os.WriteFile(filepath.Join(dir, "notes"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	const want = "remove directory /vm1: refused: it holds what is no socket: link (a symbolic link), notes (a file); remove or move that by hand"
	if got := text(hosttest.Do(t, f, a)); got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if _, err := os.Lstat(filepath.Join(dir, "vm1.sock")); err != nil {
		t.Errorf("the socket went although the directory stays: %v", err)
	}
	for _, name := range []string{"notes", "link"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := hosttest.Do(t, f, a); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
	leaveSocket(t, filepath.Join(f.Root(), "sock"))
	if got := text(hosttest.Do(t, f, host.RemoveDirectory{Path: "/sock"})); !strings.Contains(got, "is a socket, not a directory") {
		t.Errorf("error %q", got)
	}
}

func TestActionWords(t *testing.T) {
	var b strings.Builder
	for _, a := range []host.Action{
		host.BindDriver{PCI: "0000:3b:00.0", Driver: "vfio-pci"},
		host.BindDriver{PCI: "0000:3b:00.0", Driver: "vfio-pci", AllowDefaultRoute: true},
		host.BindDriver{PCI: "0000:3b:00.0"},
		host.SetHugepages{Node: 1, SizeKiB: 1 << 20, Pages: 16},
		host.MakeDirectory{Path: "/var/lib/vhost_sockets/vm1", User: "root", Group: "kvm", Mode: 0o770 | fs.ModeSetgid},
		host.MakeDirectory{Path: "/var/lib/vhost_sockets"},
		host.RemoveDirectory{Path: "/var/lib/vhost_sockets/vm1"},
		host.SetAddresses{Device: "br-phy"},
		host.SetAddresses{
			Device:    "br-phy",
			Addresses: []netip.Prefix{netip.MustParsePrefix("172.16.0.1/24"), netip.MustParsePrefix("2001:db8::1/64")},
			Remove:    []netip.Prefix{netip.MustParsePrefix("172.16.0.9/24")},
			Routes: []host.Route{
				{To: netip.MustParsePrefix("172.16.0.0/16"), Via: netip.MustParseAddr("172.16.0.254")}, {To: netip.MustParsePrefix("10.0.0.0/8")},
			},
			RemoveRoutes: []host.Route{{To: netip.MustParsePrefix("192.0.2.0/24")}},
		},
	} {
		fmt.Fprintln(&b, a)
	}
	golden.Check(t, "testdata/actions.golden", b.String())
}

func TestDoStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, kernel := hosttest.NewKernel(hosttest.Tree(t, "vm2"))
	err := f.Do(ctx, host.SetHugepages{SizeKiB: 2048, Pages: 600})
	if !errors.Is(err, context.Canceled) || kernel.Log() != "" {
		t.Errorf("error %v, wrote %q", err, kernel.Log())
	}
	if _, err := f.Topology(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("read a host: %v", err)
	}
}

// somebody returns an owner to give a directory to: another one as root, else oneself.
func somebody(t *testing.T) (*user.User, *user.Group) {
	t.Helper()
	u, err := user.Current()
	if err == nil && u.Uid == "0" {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return u, g
}

// leaveSocket leaves a socket behind as a killed program does.
func leaveSocket(t *testing.T, name string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
