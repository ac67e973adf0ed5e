package host_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// namespace puts the test's thread into a new network namespace with two veth
// pairs. The thread is never given back: it ends with the test's goroutine.
func namespace(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		lab.Require(t, "root, for network namespaces")
	}
	runtime.LockOSThread()
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ns.Close() })
	for _, name := range []string{"br-phy", "other0"} {
		must(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name, NumRxQueues: 3, NumTxQueues: 3}, PeerName: "peer-" + name}))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// set does the action twice: the second time must find nothing to do.
func set(t *testing.T, a host.SetAddresses) {
	t.Helper()
	for i := range 2 {
		events := watch(t)
		must(t, hosttest.Do(t, host.NewFS("/"), a))
		if seen := events(); i == 1 && len(seen) > 0 {
			t.Errorf("%s: the second time the kernel reported %v", a, seen)
		}
	}
}

// watch returns a function that tells the changes of addresses and routes since.
func watch(t *testing.T) func() []uint16 {
	t.Helper()
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	must(t, err)
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV4_ROUTE)
	must(t, unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}))
	return func() []uint16 {
		defer func() { _ = unix.Close(fd) }()
		var seen []uint16
		buf := make([]byte, 1<<16)
		for {
			n, _, err := unix.Recvfrom(fd, buf, 0)
			if errors.Is(err, unix.EAGAIN) {
				return seen
			}
			must(t, err)
			if n >= unix.SizeofNlMsghdr {
				seen = append(seen, uint16(buf[4])|uint16(buf[5])<<8)
			}
		}
	}
}

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func route(to, via string) host.Route {
	r := host.Route{To: netip.MustParsePrefix(to)}
	if via != "" {
		r.Via = netip.MustParseAddr(via)
	}
	return r
}

// check compares the device's addresses without link-local ones, and the main
// table's routes that are not the kernel's own.
func check(t *testing.T, addresses, routes []string) {
	t.Helper()
	topo, err := host.NewFS("/").Topology(t.Context())
	must(t, err)
	i := slices.IndexFunc(topo.NICs, func(n host.NIC) bool { return n.Name == "br-phy" })
	if i < 0 {
		t.Fatal("no br-phy in the topology")
	}
	var have []string
	for _, a := range topo.NICs[i].Addresses {
		if !a.Addr().IsLinkLocalUnicast() {
			have = append(have, a.String())
		}
	}
	if diff := cmp.Diff(addresses, have, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	list, err := netlink.RouteList(nil, netlink.FAMILY_ALL)
	must(t, err)
	var got []string
	for _, r := range list {
		if r.Protocol == unix.RTPROT_KERNEL {
			continue
		}
		link, err := netlink.LinkByIndex(r.LinkIndex)
		must(t, err)
		s := r.Dst.String()
		if r.Gw != nil {
			s += " via " + r.Gw.String()
		}
		got = append(got, s+" dev "+link.Attrs().Name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(routes, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestSetAddresses(t *testing.T) {
	namespace(t)
	set(t, host.SetAddresses{
		Device: "br-phy", Addresses: prefixes("172.16.0.1/24", "2001:db8::1/64"),
		Routes: []host.Route{route("172.16.0.0/16", "172.16.0.254"), route("10.9.0.0/16", ""), route("2001:db8:1::/48", "2001:db8::fe")},
	})
	routes := []string{"10.9.0.0/16 dev br-phy", "172.16.0.0/16 via 172.16.0.254 dev br-phy", "2001:db8:1::/48 via 2001:db8::fe dev br-phy"}
	check(t, []string{"172.16.0.1/24", "2001:db8::1/64"}, routes)

	// What others add stays; what we drop goes; a next hop moves; the primary
	// address goes and its secondary must not go with it.
	link, err := netlink.LinkByName("br-phy")
	must(t, err)
	foreign, err := netlink.ParseAddr("192.0.2.1/24")
	must(t, err)
	must(t, netlink.AddrAdd(link, foreign))
	set(t, host.SetAddresses{
		Device: "br-phy", Addresses: prefixes("172.16.0.2/24", "2001:db8::1/48"),
		Remove:       prefixes("172.16.0.1/24", "2001:db8::1/64"),
		Routes:       []host.Route{route("172.16.0.0/16", "172.16.0.253"), route("2001:db8:1::/48", "2001:db8::fd")},
		RemoveRoutes: []host.Route{route("172.16.0.0/16", "172.16.0.254"), route("10.9.0.0/16", "")},
	})
	check(t, []string{"172.16.0.2/24", "192.0.2.1/24", "2001:db8::1/48"},
		[]string{"172.16.0.0/16 via 172.16.0.253 dev br-phy", "2001:db8:1::/48 via 2001:db8::fd dev br-phy"})
}

func TestSetAddressesRefuses(t *testing.T) {
	namespace(t)
	other, err := netlink.LinkByName("other0")
	must(t, err)
	must(t, netlink.LinkSetUp(other))
	addr, err := netlink.ParseAddr("198.51.100.1/24")
	must(t, err)
	must(t, netlink.AddrAdd(other, addr))
	taken := route("203.0.113.0/24", "198.51.100.254")
	dst, err := netlink.ParseIPNet(taken.To.String())
	must(t, err)
	must(t, netlink.RouteAdd(&netlink.Route{LinkIndex: other.Attrs().Index, Dst: dst, Gw: taken.Via.AsSlice()}))

	for _, c := range []struct {
		name string
		do   host.SetAddresses
		want string
	}{
		{"absent", host.SetAddresses{Device: "br-none"}, "there is no device br-none: ovs-vswitchd makes a bridge's internal port"},
		{
			"foreign route",
			host.SetAddresses{Device: "br-phy", Addresses: prefixes("172.16.0.1/24"), Routes: []host.Route{route("203.0.113.0/24", "172.16.0.254")}},
			"refused: this destination is routed by another device: 203.0.113.0/24 via 198.51.100.254 dev other0; remove that route, or this one from the profile",
		},
		{
			"next hop nowhere",
			host.SetAddresses{Device: "br-phy", Addresses: prefixes("172.16.0.1/24"), Routes: []host.Route{route("10.0.0.0/8", "192.0.2.254")}},
			"route 10.0.0.0/8 via 192.0.2.254: 192.0.2.254 is in no network of br-phy's addresses: network is unreachable",
		},
		{
			"families",
			host.SetAddresses{Device: "br-phy", Routes: []host.Route{route("10.0.0.0/8", "2001:db8::1")}},
			"refused: the destination and the next hop are of different families",
		},
	} {
		// No subtests: each would run on a thread outside the namespace.
		err := hosttest.Do(t, host.NewFS("/"), c.do)
		if !strings.Contains(text(err), c.want) {
			t.Errorf("%s: error %q, want %q in it", c.name, text(err), c.want)
		}
		if c.name == "absent" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v is not fs.ErrNotExist", err)
		}
	}
	check(t, []string{"172.16.0.1/24"}, []string{"203.0.113.0/24 via 198.51.100.254 dev other0"})
}

func TestSetAddressesBelowARootIsRefused(t *testing.T) {
	f := hosttest.Build(t, "/proc/\n")
	err := hosttest.Do(t, f, host.SetAddresses{Device: "lo"})
	if _, ok := errors.AsType[*host.RefusalError](err); !ok {
		t.Errorf("error %v, want a refusal", err)
	}
}
