package dpdk_test

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

const (
	twoSockets = `node 0: cpus 0-27,56-83, 131072 MiB, 2M 4096/4096
node 1: cpus 28-55,84-111, 131072 MiB, 2M 4096/4096
nic 0000:3b:00.0 eth0 ice node 0, mac 3c:fd:fe:00:00:01, queues 8, group 12
nic 0000:3b:00.1 eth1 ice node 0, mac 3c:fd:fe:00:00:02, queues 8, group 13
nic 0000:af:00.0 eth2 ice node 1, mac 3c:fd:fe:00:00:03, queues 8, group 40
nic 0000:01:00.0 eno1 igb node 0, mac 3c:fd:fe:00:00:04, queues 4, group 3, default-route
nic 0000:d8:00.0 eth4 mlx5_core node 1, mac 3c:fd:fe:00:00:05, queues 8, group 50, bifurcated`
	smallVM = `node 0: cpus 0-1, 8192 MiB, 2M 1024/1024
no iommu`
)

// byDefault is the profile's dpdk section with every default.
func byDefault() *dpdk.Spec {
	return &dpdk.Spec{
		Init:        dpdk.InitTry,
		Memory:      dpdk.MemorySpec{Model: dpdk.Shared, Headroom: 1024, HugepageKiB: 2048},
		PerfMetrics: true,
	}
}

func with(change func(*dpdk.Spec)) *dpdk.Spec {
	s := byDefault()
	change(s)
	return s
}

// port is a dpdk port with every default; its device is a PCI address, "mac ..."
// or a vdev.
func port(name, device string, change ...func(*dpdk.PortSpec)) dpdk.PortSpec {
	p := dpdk.PortSpec{
		Path: "bridges[0].ports[" + name[len(name)-1:] + "]", Name: name,
		RxQueues: 1, RxDesc: 2048, TxDesc: 2048, MTU: 1500,
	}
	switch mac, isMAC := strings.CutPrefix(device, "mac "); {
	case isMAC:
		p.Device.MAC = mac
	case strings.HasPrefix(device, "0000:"):
		p.Device.PCI, p.Driver = device, "vfio-pci"
	default:
		p.Device.Vdev = device
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func queues(rx int) func(*dpdk.PortSpec) { return func(p *dpdk.PortSpec) { p.RxQueues = rx } }
func mtu(n int) func(*dpdk.PortSpec)     { return func(p *dpdk.PortSpec) { p.MTU = n } }

func phy(ports ...dpdk.PortSpec) []dpdk.BridgeSpec {
	return []dpdk.BridgeSpec{{Path: "bridges[0]", Name: "br-phy", FailMode: dpdk.Standalone, Ports: ports}}
}

func guests(mtu, queues int, names ...string) []dpdk.VhostUse {
	var use []dpdk.VhostUse
	for _, name := range names {
		use = append(use, dpdk.VhostUse{Path: "vhost.ports[" + name[len(name)-1:] + "]", Port: name, MTU: mtu, Queues: queues})
	}
	return use
}

type planTest struct {
	name, host string
	in         dpdk.Input // without Topology
}

var planTests = slices.Concat(memoryTests, runningTests, deviceTests)

var memoryTests = []planTest{
	{"two-core-vm", smallVM, dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), VHost: guests(1500, 1, "vm0", "vm1"),
		PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"guests-only-later", smallVM, dpdk.Input{Spec: byDefault(), PMDs: cpuset.Of(1), Release: "3.1.0"}},
	{"without-hugepages", "node 0: cpus 0-1, 8192 MiB\nno iommu", dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"without-hugepages-allocate", "node 0: cpus 0-1, 8192 MiB\nno iommu", dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Allocate = true }),
		Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"allocate-more-than-there-is", "node 0: cpus 0-1, 1024 MiB, 2M 10/10\nno iommu", dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Allocate, s.Memory.Sockets = true, []int{1024} }),
		Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"no-huge", "node 0: cpus 0-1, 8192 MiB\nno iommu", dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Extra = []string{"--no-huge", "--legacy-mem", "-m 2048"} }),
		Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"halved", "node 0: cpus 0-1, 8192 MiB, 2M 40/300\nno iommu", dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: dpdk.Seen{Hugepages: []dpdk.HeldPages{{Node: 0, SizeKiB: 2048, Pages: 160}}},
	}},
	{"does-not-fit", "node 0: cpus 0-1, 8192 MiB, 2M 20/300\nno iommu", dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"rings-do-not-fit", "node 0: cpus 0-7, 8192 MiB, 2M 120/120\nno iommu", dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(8)), port("dpdk1", "net_tap1,iface=dtap1", queues(8))),
		PMDs: cpuset.Of(1, 2, 3, 4, 5, 6, 7), Release: "3.1.0",
	}},
	{"made-last", "node 0: cpus 0-1, 8192 MiB, 2M 440/440\nno iommu", dpdk.Input{
		Spec:    byDefault(),
		Bridges: phy(port("dpdk0", "net_af_packet0,iface=eth0"), port("dpdk1", "net_af_packet1,iface=eth1", mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"socket-memory", "node 0: cpus 0-1, 8192 MiB, 2M 300/512", dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Sockets = []int{1024} }),
		Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"left-to-ovs", smallVM, dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Sockets, s.Memory.Limits = []int{}, []int{} }),
		Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"limited", twoSockets, dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Sockets, s.Memory.Limits = []int{}, []int{512} }),
		Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"pool-there-already", "node 0: cpus 0-1, 8192 MiB, 2M 20/300\nno iommu", dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(60), holds(30), sees("dpdk0", 1500)),
	}},
	{"too-many-sockets", smallVM, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Sockets = []int{512, 512} }), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"zero-sockets", smallVM, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Sockets = []int{0} }), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"per-port", smallVM, dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Model = dpdk.PerPort }),
		Bridges: phy(port("dpdk0", "net_af_packet0,iface=eth0", queues(2), mtu(9000))), VHost: guests(1500, 1, "vm0"),
		PMDs: cpuset.Of(0, 1), Release: "3.1.0",
	}},
	{"gigantic-pages", "node 0: cpus 0-3, 65536 MiB, 2M 0/0, 1G 8/8", dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.HugepageKiB = 1048576 }),
		Bridges: phy(port("dpdk0", "net_af_packet0,iface=eth0", mtu(9000)), port("dpdk1", "net_af_packet1,iface=eth1")),
		PMDs:    cpuset.Of(2, 3), Release: "3.6.3",
	}},
	{"guests-on-a-node-without-pages", `node 0: cpus 0-3, 16384 MiB, 2M 1024/1024
node 1: cpus 4-7, 16384 MiB, 2M 0/0`, dpdk.Input{
		Spec: byDefault(), VHost: guests(1500, 1, "vm0"), PMDs: cpuset.Of(2, 6), Release: "3.1.0",
	}},
	{"guests-only-of-2.17-do-not-fit", `node 0: cpus 0-3, 16384 MiB, 2M 20/20
node 1: cpus 4-7, 16384 MiB, 2M 1024/1024`, dpdk.Input{
		Spec: byDefault(), VHost: guests(1500, 1, "vm0"), PMDs: cpuset.Of(2, 6), Release: "2.17.9",
	}},
	{"guests-of-2.17-elsewhere", `node 0: cpus 0-3, 16384 MiB, 2M 1024/1024
node 1: cpus 4-7, 16384 MiB, 2M 0/0`, dpdk.Input{
		Spec: byDefault(), VHost: guests(1500, 1, "vm0"), PMDs: cpuset.Of(2, 6), Release: "2.17.9",
	}},
	{"guests-of-2.17-without-pmd-on-the-main-node", `node 0: cpus 0-3, 16384 MiB, 2M 0/0
node 1: cpus 4-7, 16384 MiB, 2M 1024/1024`, dpdk.Input{
		Spec: byDefault(), VHost: guests(1500, 1, "vm0"), PMDs: cpuset.Of(6), Release: "2.17.9",
	}},
	{"nic-on-a-node-without-pages", strings.Replace(twoSockets, "131072 MiB, 2M 4096/4096\nnic", "131072 MiB, 2M 0/0\nnic", 1), dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "0000:af:00.0")), PMDs: cpuset.Of(2, 30), Release: "3.1.0",
	}},
}

var deviceTests = []planTest{
	{"two-sockets", twoSockets, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.LCores = cpuset.Of(0, 28) }),
		Bridges: []dpdk.BridgeSpec{
			{
				Path: "bridges[0]", Name: "br-phy", FailMode: dpdk.Standalone, MTU: 1600,
				Addresses: []netip.Prefix{netip.MustParsePrefix("172.16.0.1/24")},
				Routes:    []host.Route{{To: netip.MustParsePrefix("172.16.0.0/16"), Via: netip.MustParseAddr("172.16.0.254")}},
				Ports: []dpdk.PortSpec{
					port("dpdk0", "0000:3b:00.0", queues(4), mtu(9000), func(p *dpdk.PortSpec) {
						p.FlowControl.Rx, p.LSCInterrupt = true, true
						p.VLAN = vswitch.VLAN{Mode: vswitch.VLANTrunk, Trunks: []int{20, 10}}
						p.RateLimit = vswitch.RateLimit{Ingress: vswitch.Rate{BitsPerSecond: 10e9}, Egress: vswitch.Rate{BitsPerSecond: 1e9}}
					}),
					port("dpdk1", "0000:af:00.0", queues(4)),
				},
			},
			{Path: "bridges[1]", Name: "br-int", FailMode: dpdk.Secure},
		},
		VHost: guests(1500, 2, "vm0", "vm1"), PMDs: cpuset.Of(1, 2, 29, 30, 57, 58, 85, 86), Tunnels: true, Release: "3.6.3",
	}},
	{"bond", twoSockets, dpdk.Input{
		Spec: byDefault(),
		Bridges: []dpdk.BridgeSpec{{
			Path: "bridges[0]", Name: "br-phy", FailMode: dpdk.Standalone,
			Ports: []dpdk.PortSpec{port("dpdk0", "0000:3b:00.0"), port("dpdk1", "0000:3b:00.1")},
			Bonds: []dpdk.BondSpec{{
				Path: "bridges[0].bonds[0]", Name: "bond0", Mode: dpdk.BalanceTCP, LACP: "active", LACPFast: true, Members: []string{"dpdk0", "dpdk1"},
				VLAN:      vswitch.VLAN{Mode: vswitch.VLANAccess, Tag: 5},
				RateLimit: vswitch.RateLimit{Ingress: vswitch.Rate{BitsPerSecond: 5e9}},
			}},
		}},
		PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"wrong-bonds", twoSockets, dpdk.Input{
		Spec: byDefault(),
		Bridges: []dpdk.BridgeSpec{{
			Path: "bridges[0]", Name: "br-phy",
			Ports: []dpdk.PortSpec{port("dpdk0", "0000:3b:00.0", func(p *dpdk.PortSpec) { p.VLAN = vswitch.VLAN{Mode: vswitch.VLANAccess, Tag: 5} })},
			Bonds: []dpdk.BondSpec{
				{Path: "bridges[0].bonds[0]", Name: "bond0", Mode: dpdk.BalanceTCP, LACP: "off", Members: []string{"dpdk0", "dpdk9"}},
				{Path: "bridges[0].bonds[1]", Name: "bond1", Mode: dpdk.ActiveBackup, LACP: "off", Members: []string{"dpdk0"}},
			},
		}},
		PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"devices-refused", twoSockets, dpdk.Input{
		Spec: byDefault(),
		Bridges: phy(port("dpdk0", "0000:01:00.0"), port("dpdk1", "0000:d8:00.0"), port("dpdk2", "0000:3b:00.7"),
			port("dpdk3", "mac 3c:fd:fe:00:00:99"), port("dpdk4", "0000:3b:00.0"), port("dpdk5", "0000:3b:00.0")),
		PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"default-route-allowed", twoSockets, dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "0000:01:00.0", func(p *dpdk.PortSpec) { p.AllowDefault = true })), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"no-iommu", strings.Replace(twoSockets, "nic", "no iommu\nnic", 1), dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "0000:3b:00.0")), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"bound-already", `node 0: cpus 0-3, 16384 MiB, 2M 100/1024
nic 0000:3b:00.0 - vfio-pci node 0, group 12`, dpdk.Input{
		Spec: byDefault(), PMDs: cpuset.Of(1), Release: "3.1.0",
		Bridges: []dpdk.BridgeSpec{{
			Path: "bridges[0]", Name: "br-phy", Addresses: []netip.Prefix{netip.MustParsePrefix("172.16.0.1/24")},
			Ports: []dpdk.PortSpec{port("dpdk0", "0000:3b:00.0", queues(16))},
		}},
		Seen: dpdk.Seen{
			Hugepages: []dpdk.HeldPages{{Node: 0, SizeKiB: 2048, Pages: 409}},
			MAC:       map[string]string{"dpdk0": "3c:fd:fe:00:00:01"}, MaxRxQueues: map[string]int{"dpdk0": 8},
		},
	}},
	{"mac-on-4.0", twoSockets, dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "mac 3C:FD:FE:00:00:01")), PMDs: cpuset.Of(1), Release: "4.0.0",
	}},
	{"mac-hidden", "node 0: cpus 0-3, 16384 MiB, 2M 1024/1024\nnic 0000:3b:00.0 - vfio-pci node 0, group 12", dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "mac 3c:fd:fe:00:00:01")), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"numbers-refused", twoSockets, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) {
			s.TSO, s.LCores, s.Extra = true, cpuset.Of(1, 2), []string{"-a 0000:3b:00.0", "-b 0000:3b:00.1", "--socket-mem=1024"}
		}),
		Bridges: phy(port("dpdk0", "0000:3b:00.0", queues(16), mtu(9800), func(p *dpdk.PortSpec) { p.RxDesc, p.TxDesc = 8192, 1000 })),
		PMDs:    cpuset.Of(1), Tunnels: true, Release: "3.1.0",
	}},
	{"without-dpdk", twoSockets, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Init = dpdk.InitFalse }), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0")), Release: "3.1.0",
	}},
	{"tap-refused", smallVM, dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", mtu(1600))), PMDs: cpuset.Of(1), Release: "3.1.0",
	}},
	{"no-dpdk-section", twoSockets, dpdk.Input{Bridges: phy(), Release: "3.1.0"}},
}
