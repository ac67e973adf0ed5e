package host

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// message is an error's text; "" = none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestParseKernelCPUs(t *testing.T) {
	for _, c := range []struct{ list, want, err string }{
		{"", "", ""},
		{"1-3,5", "1-3,5", ""},
		{"all", "0-15", ""},
		{"8-N", "8-15", ""},
		{"N", "15", ""},
		{"0-15:2/8", "0-1,8-9", ""},
		{"all:1/2", "0,2,4,6,8,10,12,14", ""},
		{"0-3:0/2", "", ""},
		{"3-1", "", `cpu list "3-1": range 3-1 runs backwards`},
		{"0-3:3/2", "", `cpu list "0-3:3/2": "3/2" is no used/group pattern`},
		{"0-3:1/0", "", `cpu list "0-3:1/0": "1/0" is no used/group pattern`},
		{"x", "", `cpu list "x": "x" is no CPU number`},
		{"0-99999", "", `cpu list "0-99999": CPU 99999 is over the limit of 8191`},
	} {
		got, err := parseKernelCPUs(c.list, 15)
		if got.String() != c.want || message(err) != c.err {
			t.Errorf("%q: %q, %q; want %q, %q", c.list, got, message(err), c.want, c.err)
		}
	}
}

func TestParameter(t *testing.T) {
	const line = `quiet rcu_nocbs=1-3 dyndbg="file a.c +p rcu_nocbs=9" rcu-nocbs=4-7 nohz -- rcu_nocbs=8`
	for name, want := range map[string]string{"rcu_nocbs": "4-7", "dyndbg": "file a.c +p rcu_nocbs=9", "nohz": "", "quiet": ""} {
		if got, ok := parameter(line, name); !ok || got != want {
			t.Errorf("%s: %q (%v), want %q", name, got, ok, want)
		}
	}
	if got, ok := parameter(line, "isolcpus"); ok {
		t.Errorf("isolcpus: %q, want none", got)
	}
}

func TestParseCPUMax(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
		err  string
	}{
		{"max 100000\n", 0, ""},
		{"150000 100000\n", 1.5, ""},
		{"5000 20000", 0.25, ""},
		{"100000", 0, `"100000" is no quota and period`},
		{"1 0", 0, `"1 0" is no quota and period`},
		{"-1 100000", 0, `"-1 100000" is no quota and period`},
	} {
		if got, err := parseCPUMax([]byte(c.text)); got != c.want || message(err) != c.err {
			t.Errorf("%q: %v, %q; want %v, %q", c.text, got, message(err), c.want, c.err)
		}
	}
}

func TestParseMemTotal(t *testing.T) {
	for _, c := range []struct {
		text string
		want uint64
		err  string
	}{
		{"Node 1 MemTotal:  196608000 kB\nNode 1 MemFree: 1 kB\n", 192000, ""},
		{"MemTotal:  2048000 kB\n", 2000, ""},
		{"Node 1 MemTotal:  0 kB\n", 0, ""},
		{"Node 1 MemFree:  4 kB\n", 0, "no MemTotal line"},
		{"MemTotal: x kB\n", 0, `MemTotal "x" is no number`},
	} {
		if got, err := parseMemTotal([]byte(c.text)); got != c.want || message(err) != c.err {
			t.Errorf("%q: %d, %q; want %d, %q", c.text, got, message(err), c.want, c.err)
		}
	}
}

// The routes of a Debian 12 host with two providers, a prohibited default and IPv6.
func TestParseRoutes(t *testing.T) {
	const four = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eno1	00000000	0102000A	0003	0	0	100	00000000	0	0	0
eno2	00000000	0103000A	0003	0	0	200	00000000	0	0	0
*	00000000	00000000	0200	0	0	1000	00000000	0	0	0
eno1	0002000A	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	00000000	00000000	0001	0	0	0	00000080	0	0	0
`
	got, err := parseRoutes4([]byte(four))
	if diff := cmp.Diff([]string{"eno1", "eno2"}, got); diff != "" || err != nil {
		t.Errorf("IPv4: %v (-want +got):\n%s", err, diff)
	}
	const zero = "00000000000000000000000000000000 "
	const six = zero + "00 " + zero + "00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n" +
		"fe800000000000000000000000000000 40 " + zero + "00 " + zero + "00000100 00000002 00000000 00000001     eth0\n" +
		zero + "00 " + zero + "00 " + zero + "ffffffff 00000001 00000000 00200200       lo\n"
	got, err = parseRoutes6([]byte(six))
	if diff := cmp.Diff([]string{"eth0"}, got); diff != "" || err != nil {
		t.Errorf("IPv6: %v (-want +got):\n%s", err, diff)
	}
	for text, want := range map[string]string{
		"Iface Destination\neth0 0 0 1\n": "line 2 has 4 columns, not 11",
		"eth0 0 0 zz 0 0 0 0\n":           `line 1: flags "zz"`,
	} {
		if _, err := parseRoutes4([]byte(text)); message(err) != want {
			t.Errorf("%q: error %q, want %q", text, message(err), want)
		}
	}
	for text, want := range map[string]string{
		"0 0 0\n":               "line 1 has 3 columns, not 10",
		"0 0 0 0 0 0 0 0 zz lo": `line 1: flags "zz"`,
	} {
		if _, err := parseRoutes6([]byte(text)); message(err) != want {
			t.Errorf("%q: error %q, want %q", text, message(err), want)
		}
	}
}

func TestParseAddresses6(t *testing.T) {
	const text = "fe8000000000000000fc00fffe000001 02 40 20 80     eth0\n20010db8000000000000000000000001 02 80 00 80     eth0\n"
	got, err := parseAddresses6([]byte(text))
	want := map[string][]netip.Prefix{"eth0": {netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("fe80::fc:ff:fe00:1/64")}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for text, want := range map[string]string{
		"fe80 02 40 20 80 eth0":                       "line 1 is no address",
		strings.Repeat("z", 32) + " 02 40 20 80 eth0": `line 1: address "` + strings.Repeat("z", 32) + `"`,
		strings.Repeat("0", 32) + " 02 81 20 80 eth0": `line 1: prefix length "81"`,
	} {
		if _, err := parseAddresses6([]byte(text)); message(err) != want {
			t.Errorf("%q: error %q, want %q", text, message(err), want)
		}
	}
}

// TestLocate finds our group's directory as version 1, 2 and both together lay it.
func TestLocate(t *testing.T) {
	for _, c := range []struct{ name, groups, mounts, cpuset, cpu string }{
		{
			"version 2", "0::/system.slice/sluiced.service\n",
			"29 22 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n",
			"/sys/fs/cgroup/system.slice/sluiced.service", "/sys/fs/cgroup/system.slice/sluiced.service",
		},
		{
			"hybrid: version 1 holds cpuset only", "3:cpuset:/a\n0::/b\n",
			"34 31 0:31 / /cs rw - cgroup cgroup rw,cpuset\n41 31 0:38 / /u rw - cgroup2 cgroup2 rw\n", "/cs/a", "/u/b",
		},
		{
			"container: our own group is the mount", "4:cpu,cpuacct:/docker/x/app\n5:cpuset:/docker/x\n",
			"1 2 0:1 /docker/x /c rw master:1 master:2 - cgroup cgroup rw,cpu,cpuacct\n1 2 0:1 /docker/x /s rw - cgroup cgroup rw,cpuset\n", "/s", "/c/app",
		},
		{"a group outside of what is mounted", "0::/other\n", "1 2 0:1 /docker/x /c\\040d rw - cgroup2 cgroup2 rw\n", "/c d", "/c d"},
		{"a name that only begins alike", "0::/docker/xy\n", "1 2 0:1 /docker/x /c rw - cgroup2 cgroup2 rw\n", "/c", "/c"},
		{"a group outside of our namespace", "0::/../other\n", "1 2 0:1 / /c rw - cgroup2 cgroup2 rw\n", "/c", "/c"},
		{"nothing mounted", "0::/\n", "1 2 0:1 / / rw - ext4 /dev/sda rw\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			groups, err := parseCgroups([]byte(c.groups))
			if err != nil {
				t.Fatal(err)
			}
			mounts, err := parseMounts([]byte(c.mounts))
			if err != nil {
				t.Fatal(err)
			}
			for controller, want := range map[string]string{"cpuset": c.cpuset, "cpu": c.cpu} {
				p, ok := locate(groups, mounts, controller)
				got := ""
				if ok {
					got = p.dir()
				}
				if got != want {
					t.Errorf("%s: %q, want %q", controller, got, want)
				}
			}
		})
	}
	up := place{point: "/sys/fs/cgroup", below: "/a/b"}.upward()
	if want := []string{"/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"}; !slices.Equal(up, want) {
		t.Errorf("upward %v, want %v", up, want)
	}
}

// TestPhysicalCores has an offline sibling, an unknown one and an unknown node.
func TestPhysicalCores(t *testing.T) {
	topo := Topology{CPUs: []CPU{
		{ID: 0, Online: true, Siblings: cpuset.Of(0, 4)},
		{ID: 1, Online: true, Siblings: cpuset.Of(1, 5)}, // 5 is offline
		{ID: 2, Online: true},                            // siblings unknown
		{ID: 3, Online: true, Node: 1, Siblings: cpuset.Of(3, 7)},
		{ID: 4, Online: true, Siblings: cpuset.Of(0, 4)},
		{ID: 5, Siblings: cpuset.Of(1, 5)},
		{ID: 6, Online: true, Node: -1},
		{ID: 7, Online: true, Node: 1, Siblings: cpuset.Of(3, 7)},
	}}
	for node, want := range map[int]string{0: "0,4 1 2", 1: "3,7", -1: "6", 9: ""} {
		var words []string
		for _, c := range topo.PhysicalCores(node) {
			words = append(words, c.String())
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("node %d: %q, want %q", node, got, want)
		}
	}
	for cpu, want := range map[int]int{0: 0, 7: 1, 6: -1, 99: -1} {
		if got := topo.NodeOf(cpu); got != want {
			t.Errorf("CPU %d is on node %d, want %d", cpu, got, want)
		}
	}
}

// TestMerge joins what sysfs and netlink tell of a device that both show.
func TestMerge(t *testing.T) {
	r := &reader{}
	got := r.merge(
		[]NIC{{PCI: "0000:af:00.0", Node: 1}, {Name: "eth0", PCI: "0000:3b:00.0", Driver: "ice", RxQueues: 4}, {Name: "eth1", RxQueues: 2}},
		map[string]NIC{
			"eth0": {Name: "eth0", RxQueues: 16, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}},
			"eth1": {Name: "eth1"},
		})
	want := []NIC{
		{PCI: "0000:af:00.0", Node: 1},
		{Name: "eth0", PCI: "0000:3b:00.0", Driver: "ice", RxQueues: 16, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}},
		{Name: "eth1", RxQueues: 2},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" || r.missing != nil {
		t.Errorf("missing %q (-want +got):\n%s", r.missing, diff)
	}
}
