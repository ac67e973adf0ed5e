package host_test

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"

	"github.com/sluice-nfv/sluice/internal/host"
)

// TestThisMachine reads the machine the test runs on and compares it with what
// other ways of asking say.
func TestThisMachine(t *testing.T) {
	topo, want := thisMachine(t)
	t.Log("\n" + topo.String())
	name, err := os.Hostname()
	must(t, err)
	if topo.Hostname != name {
		t.Errorf("hostname %q, want %q", topo.Hostname, name)
	}
	online := 0
	stat, err := os.ReadFile("/proc/stat")
	must(t, err)
	for line := range strings.Lines(string(stat)) {
		if strings.HasPrefix(line, "cpu") && !strings.HasPrefix(line, "cpu ") {
			online++
		}
	}
	if topo.Online().Len() != online || !topo.Allowed.SubsetOf(topo.Online()) {
		t.Errorf("online %v, allowed %v; /proc/stat has %d CPUs", topo.Online(), topo.Allowed, online)
	}
	if len(topo.Nodes) == 0 || topo.Nodes[0].MemoryMiB == 0 {
		t.Errorf("nodes %+v", topo.Nodes)
	}
	var got []string
	for _, n := range topo.NICs {
		if n.Name != "" {
			got = append(got, n.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
}

// thisMachine reads the machine and the names of its devices. It reads again
// where devices came or went meanwhile, as other tests make some.
func thisMachine(t *testing.T) (host.Topology, []string) {
	t.Helper()
	const tries = 50
	for range tries {
		before := devices(t)
		topo, err := host.NewFS("/").Topology(t.Context())
		must(t, err)
		if slices.Equal(before, devices(t)) {
			return topo, before
		}
	}
	t.Fatalf("the devices changed %d times while they were read", tries)
	return host.Topology{}, nil
}

// devices returns the names of all devices but the loopback, ascending.
func devices(t *testing.T) []string {
	t.Helper()
	list, err := net.Interfaces()
	must(t, err)
	var names []string
	for _, d := range list {
		if d.Flags&net.FlagLoopback == 0 {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	return names
}

// TestOtherNamespace reads the host from a network namespace that sysfs does
// not show: the netdevs are those of netlink, and it is said.
func TestOtherNamespace(t *testing.T) {
	namespace(t)
	link, err := netlink.LinkByName("br-phy")
	must(t, err)
	addr, err := netlink.ParseAddr("172.16.0.1/24")
	must(t, err)
	must(t, netlink.AddrAdd(link, addr))
	topo, err := host.NewFS("/").Topology(t.Context())
	must(t, err)
	var got []string
	for _, n := range topo.NICs {
		if n.Name != "" {
			got = append(got, n.Name)
		}
		if n.Name == "br-phy" && !slices.Contains(n.Addresses, prefixes("172.16.0.1/24")[0]) {
			t.Errorf("addresses of br-phy: %v", n.Addresses)
		}
		if n.Name == "br-phy" && n.RxQueues != 3 {
			t.Errorf("br-phy has %d rx queues, want 3", n.RxQueues)
		}
	}
	if diff := cmp.Diff([]string{"br-phy", "other0", "peer-br-phy", "peer-other0"}, got); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	if !strings.Contains(strings.Join(topo.Missing, "\n"), "sysfs and netlink show different network namespaces") {
		t.Errorf("not said: %q", topo.Missing)
	}
}

func TestNoSysfs(t *testing.T) {
	_, err := host.NewFS(t.TempDir()).Topology(t.Context())
	if want := "read host: no CPU in /sys/devices/system/cpu: is sysfs mounted?"; text(err) != want {
		t.Errorf("error %q, want %q", text(err), want)
	}
}
