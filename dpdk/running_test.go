package dpdk_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

// runs is a switch in which DPDK runs.
func runs(more ...func(*dpdk.Seen)) dpdk.Seen {
	s := dpdk.Seen{Running: true, Ports: map[string]dpdk.SeenPort{}}
	for _, m := range more {
		m(&s)
	}
	return s
}

func limits(mib ...int) func(*dpdk.Seen) { return func(s *dpdk.Seen) { s.SocketLimit = mib } }

// holds gives OVS so many pages of 2 MiB on node 0.
func holds(pages uint64) func(*dpdk.Seen) { return held(dpdk.HeldPages{SizeKiB: 2048, Pages: pages}) }

func held(pages ...dpdk.HeldPages) func(*dpdk.Seen) {
	return func(s *dpdk.Seen) { s.Hugepages = pages }
}

// sees is a port with a mempool on node 0 and one rx queue.
func sees(name string, mtu int, change ...func(*dpdk.SeenPort)) func(*dpdk.Seen) {
	p := dpdk.SeenPort{MTU: mtu, Request: mtu, RxQueues: 1}
	for _, c := range change {
		c(&p)
	}
	return func(s *dpdk.Seen) { s.Ports[name] = p }
}

func withoutMempool(p *dpdk.SeenPort) { p.MTU, p.Node = 0, -1 }

func stopped(s dpdk.Seen) dpdk.Seen { s.Running, s.Hugepages = false, nil; return s }

const (
	halfFree = "node 0: cpus 0-1, 16384 MiB, 2M 1617/2000\nno iommu"
	tap0     = "net_af_packet0,iface=eth0"
	tap1     = "net_af_packet1,iface=eth1"
)

func noHeadroom() *dpdk.Spec { return with(func(s *dpdk.Spec) { s.Memory.Headroom = 0 }) }

var runningTests = []planTest{
	{"running-mtu-beyond-the-limit", halfFree, dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-mtu-beyond-explicit-limits", halfFree, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Sockets, s.Memory.Limits = []int{766}, []int{4000} }), Bridges: phy(port("dpdk0", tap0, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-mtu-within-headroom", halfFree, dpdk.Input{
		Spec: byDefault(), Bridges: phy(port("dpdk0", tap0, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(1790), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-mtu-of-the-same-class", halfFree, dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0, mtu(1800))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-mtu-without-limit-or-pages", "node 0: cpus 0-1, 16384 MiB, 2M 60/443\nno iommu", dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(holds(383), sees("dpdk0", 1500)),
	}},
	{"running-mtu-allocates-pages", "node 0: cpus 0-1, 4096 MiB, 2M 0/383\nno iommu", dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Allocate = true }), Bridges: phy(port("dpdk0", tap0, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(holds(383), sees("dpdk0", 1500)),
	}},
	{"running-mtu-allocates-pages-for-both", "node 0: cpus 0-1, 4096 MiB, 2M 0/1279\nno iommu", dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Allocate = true }), Bridges: phy(port("dpdk0", tap0)), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(holds(1279), sees("dpdk0", 9000)),
	}},
	{"running-new-port-of-another-class", halfFree, dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0), port("dpdk1", tap1, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-new-port-of-the-same-class", halfFree, dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0), port("dpdk1", tap1)), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-two-classes-in-one-go", halfFree, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Headroom = 260 }), PMDs: cpuset.Of(1), Release: "3.1.0",
		Bridges: phy(port("dpdk0", tap0), port("dpdk1", tap1, mtu(9000)), port("dpdk2", "net_af_packet2,iface=eth2", mtu(3000))),
		Seen:    runs(limits(1026), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-port-fails-already", halfFree, dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0), port("dpdk1", tap1, mtu(9000))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500), sees("dpdk1", 9000, withoutMempool)),
	}},
	{"running-guests-of-another-class", halfFree, dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0)), VHost: guests(9000, 1, "vm0"), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(766), holds(383), sees("dpdk0", 1500)),
	}},
	{"running-queues-per-port", "node 0: cpus 0-1, 16384 MiB, 2M 0/45\nno iommu", dpdk.Input{
		Spec:    with(func(s *dpdk.Spec) { s.Memory.Model, s.Memory.Headroom = dpdk.PerPort, 0 }),
		Bridges: phy(port("dpdk0", tap0, func(p *dpdk.PortSpec) { p.RxQueues, p.RxDesc, p.TxDesc = 2, 64, 64 })), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(90), holds(45), sees("dpdk0", 1500)),
	}},
	{"running-queues-beyond-the-pool", halfFree, dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.Limits = []int{4000} }), Bridges: phy(port("dpdk0", tap0, queues(8))), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(60), holds(30), sees("dpdk0", 1500)),
	}},
	{"stopped-without-pages", "node 0: cpus 0-1, 8192 MiB, 2M 17/400\nno iommu", dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0)), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: stopped(runs(sees("dpdk0", 1500))),
	}},
	{"running-gigantic-pages", "node 0: cpus 0-3, 65536 MiB, 2M 0/0, 1G 0/1\nno iommu", dpdk.Input{
		Spec: with(func(s *dpdk.Spec) { s.Memory.HugepageKiB, s.Memory.Headroom = 1048576, 0 }), Bridges: phy(port("dpdk0", tap0)), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(1024), held(dpdk.HeldPages{SizeKiB: 1048576, Pages: 1}), sees("dpdk0", 1500)),
	}},
	{"running-pages-of-another-size", "node 0: cpus 0-3, 65536 MiB, 2M 0/0, 1G 0/1\nno iommu", dpdk.Input{
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0)), PMDs: cpuset.Of(1), Release: "3.1.0",
		Seen: runs(limits(1024), held(dpdk.HeldPages{SizeKiB: 1048576, Pages: 1}), sees("dpdk0", 1500)),
	}},
}

// TestMissingIsEnough: with as many MiB more as the finding names, there is none.
func TestMissingIsEnough(t *testing.T) {
	in := dpdk.Input{
		Topology: describedHost(t, halfFree), Spec: noHeadroom(), PMDs: cpuset.Of(1), Release: "3.1.0",
		Bridges: phy(port("dpdk0", tap0, mtu(9000)), port("dpdk1", tap1, mtu(3000))),
	}
	plan := func(limit int) []finding.Finding {
		in.Seen = runs(limits(limit), holds(383), sees("dpdk0", 1500))
		_, found := dpdk.Decide(in)
		return finding.Errors(found)
	}
	missing, found := 0, plan(766)
	if len(found) != 2 {
		t.Fatalf("two pools that do not fit make %+v", found)
	}
	if _, err := fmt.Sscanf(found[0].What, "needs %d MiB more on node 0", &missing); err != nil {
		t.Fatalf("%q: %v", found[0].What, err)
	}
	if found := plan(766 + missing); len(found) > 0 {
		t.Errorf("with the %d MiB that were missing: %+v", missing, found)
	}
	if found := plan(766 + missing - 1); len(found) == 0 {
		t.Errorf("%d MiB are said to be missing, and one less will do", missing)
	}
}

// TestPlannedAgain: where a plan is told nothing grave and runs, holding what it
// took at its start, the same profile gives the same plan, and no error.
func TestPlannedAgain(t *testing.T) {
	tried := 0
	for _, tt := range planTests {
		in := tt.in
		in.Topology, in.Seen = describedHost(t, tt.host), dpdk.Seen{}
		first, found := dpdk.Decide(in)
		if len(finding.Errors(found)) > 0 || in.Spec == nil || in.Spec.Init == dpdk.InitFalse {
			continue
		}
		for _, has := range []string{"no ports yet", "ports", "ports and guests"} {
			in.Topology = describedHost(t, tt.host)
			in.Seen = started(&in, first, has == "ports and guests")
			if has == "no ports yet" {
				in.Seen.Ports = nil
			}
			again, found := dpdk.Decide(in)
			for _, f := range finding.Errors(found) {
				t.Errorf("%s, where it runs with %s: %s: %s", tt.name, has, f.Code, f.What)
			}
			if diff := cmp.Diff(first.Settings, again.Settings); diff != "" {
				t.Errorf("%s, where it runs with %s, settings differ (-first +again):\n%s", tt.name, has, diff)
			}
			tried++
		}
	}
	if tried < 20 {
		t.Errorf("only %d plans could be tried", tried)
	}
}

// started is what a switch shows once it has been started with a plan; its
// memory is taken from the host.
func started(in *dpdk.Input, p dpdk.Plan, guests bool) dpdk.Seen {
	s := runs()
	for _, a := range p.Actions {
		if add, ok := a.(host.SetHugepages); ok {
			pages := in.Topology.Nodes[add.Node].Hugepages
			if len(pages) == 0 {
				pages = []host.Hugepages{{SizeKiB: add.SizeKiB}}
			}
			pages[0].Free, pages[0].Total = pages[0].Free+add.Pages-pages[0].Total, add.Pages
			in.Topology.Nodes[add.Node].Hugepages = pages
		}
	}
	for _, limit := range strings.Split(p.Settings["other_config:dpdk-socket-limit"], ",") {
		mib, _ := strconv.Atoi(limit)
		s.SocketLimit = append(s.SocketLimit, mib)
	}
	for _, n := range p.Memory {
		for i := range in.Topology.Nodes[n.Node].Hugepages {
			pages := &in.Topology.Nodes[n.Node].Hugepages[i]
			if take := (n.SocketMem*1024 + pages.SizeKiB - 1) / pages.SizeKiB; take > 0 && take <= pages.Free {
				pages.Free -= take
				s.Hugepages = append(s.Hugepages, dpdk.HeldPages{Node: n.Node, SizeKiB: pages.SizeKiB, Pages: take})
			}
		}
	}
	for _, b := range in.Bridges {
		for _, port := range b.Ports {
			s.Ports[port.Name] = dpdk.SeenPort{
				MTU: port.MTU, Request: port.MTU, RxQueues: port.RxQueues, RxDesc: port.RxDesc, TxDesc: port.TxDesc,
				Node: port.Device.Node(in.Topology, in.Spec.LCores), TxQueues: in.PMDs.Len() + 1,
			}
		}
	}
	for _, v := range in.VHost {
		port := dpdk.SeenPort{Request: v.MTU, Node: -1}
		if guests {
			port.MTU, port.Node = v.MTU, 0
		}
		s.Ports[v.Port] = port
	}
	return s
}

// TestHeldUnknown: where nobody can tell what OVS holds, what runs is not refused.
func TestHeldUnknown(t *testing.T) {
	in := dpdk.Input{
		Topology: describedHost(t, "node 0: cpus 0-1, 8192 MiB, 2M 0/383\nno iommu"), Release: "3.1.0",
		Spec: noHeadroom(), Bridges: phy(port("dpdk0", tap0)), PMDs: cpuset.Of(1), Seen: runs(limits(766), sees("dpdk0", 1500)),
	}
	if p, found := dpdk.Decide(in); len(found) > 0 || p.Settings["other_config:dpdk-socket-mem"] != "766" {
		t.Errorf("socket-mem %s, findings %+v", p.Settings["other_config:dpdk-socket-mem"], found)
	}
	in.Bridges = phy(port("dpdk0", tap0, mtu(9000)))
	if _, found := dpdk.Decide(in); len(finding.Errors(found)) == 0 {
		t.Error("a new class of MTU within a limit that the old one fills is not refused")
	}
}
