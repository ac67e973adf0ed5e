package plan_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// TestDescribeWhatAProfileMade makes hosts of made-up profiles and describes
// them without any mark: the description is the profile. So whatever a profile
// can say is found again, and whatever a planner writes stands in a key table
// (a plan panics otherwise).
func TestDescribeWhatAProfileMade(t *testing.T) {
	topo := hosttest.Topology(t, "vm2")
	refused := 0
	for seed := range uint64(120) {
		m := maker{Rand: rand.New(rand.NewPCG(seed, 7))}
		release := m.one("2.17.12", "3.1.0", "3.3.9", "3.6.3", "4.0.0")
		want := m.profile(t)
		o := vswitch.Observed{OVSVersion: release, Rows: vswitchtest.Rows(t, "Open_vSwitch .")}
		made := plan.Make(plan.Input{Profile: want, Topology: topo, Observed: o})
		if made.Refused() {
			refused++
			continue
		}
		after, err := vswitchtest.Apply(o, made.Changes)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if again := plan.Make(plan.Input{Profile: want, Topology: topo, Observed: after}); len(again.Changes) > 0 {
			t.Fatalf("seed %d: left to do: %v", seed, again.Changes)
		}
		found := vswitchtest.Unmarked(after)
		text, _ := adopted(t, found, topo, plan.Describe(found, topo))
		got, err := configs.Parse([]byte(text), configs.Options{File: "adopted.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, plain()); diff != "" {
			t.Fatalf("seed %d, OVS %s (-profile +description):\n%s\n%s", seed, release, diff, vswitchtest.Lines(found))
		}
	}
	if refused > 40 {
		t.Errorf("%d of 120 profiles were refused: the test says too little", refused)
	}
}

// TestPassesConverge puts made-up profiles on made-up hosts: passes of the daemon
// come to rest, and so do those of an operator with every word. A pass may leave
// something to the next, where it took away what made a change grave or what
// kept a bridge from going.
func TestPassesConverge(t *testing.T) {
	topo := hosttest.Topology(t, "two-socket")
	for seed := range uint64(120) {
		m := maker{Rand: rand.New(rand.NewPCG(seed, 8))}
		p := m.profile(t)
		hostTopo := topo
		o := m.host(&hostTopo)
		for i, r := range o.Rows {
			if m.IntN(2) == 0 && r.Table == vswitch.PortTable || r.Table == vswitch.BridgeTable {
				own(o.Rows[i:], r.ID, m.one("", vswitch.OwnerProfile, vswitch.OwnerAdopted))
			}
		}
		for _, scope := range []plan.Scope{{}, {Disruptive: true}, {Disruptive: true, TakeOver: true}} {
			comesToRest(t, fmt.Sprintf("seed %d, scope %+v", seed, scope), plan.Input{Profile: p, Topology: hostTopo, Observed: o}, scope)
		}
	}
}

// own marks a row with what hangs below it.
func own(rows []vswitch.ObservedRow, id vswitch.ID, owner string) {
	for i, r := range rows {
		if r.ID == id || r.Parent == id && r.Table != vswitch.PortTable {
			rows[i].Mark = vswitch.Mark{Owner: owner}
			if owner != "" {
				rows[i].Mark.Keys = r.Settings.Names()
			}
		}
	}
}

func comesToRest(t *testing.T, what string, in plan.Input, scope plan.Scope) {
	t.Helper()
	var last []vswitch.Change
	for range 3 {
		p := plan.Make(in)
		last = allowed(p.Changes, scope)
		if p.Refused() || len(last) == 0 {
			return
		}
		after, err := vswitchtest.Apply(in.Observed, last)
		if err != nil {
			t.Fatalf("%s: %v\n%s%v", what, err, vswitchtest.Lines(in.Observed), last)
		}
		in.Observed = after
	}
	t.Fatalf("%s: still doing %v\n%s", what, last, vswitchtest.Lines(in.Observed))
}

// profile makes up a profile in the words in which a description comes: names
// ascending, nothing that only the profile knows.
func (m *maker) profile(t testing.TB) *configs.Profile {
	t.Helper()
	p := &configs.Profile{Name: "vm2", Disruptive: configs.Ask}
	base := profile(t, "cpu: {}\ndpdk: {memory: {sockets: none, limits: none}, vhost: {}}\n")
	if m.IntN(3) > 0 {
		p.CPU = m.cpu(base.CPU)
	}
	if m.IntN(4) > 0 {
		p.DPDK, p.VHost = m.eal(base.DPDK), base.VHost
		on := m.IntN(2) == 0
		p.VHost.IOMMU = &on
	}
	for i := range m.IntN(3) {
		b := dpdk.BridgeSpec{Name: fmt.Sprint("br", i), FailMode: dpdk.FailMode(m.one("standalone", "secure")), MTU: m.IntN(2) * 1400}
		if p.DPDK != nil {
			m.ports(&b, i, p.CPU != nil)
		}
		p.Bridges = append(p.Bridges, b)
	}
	for i := range m.IntN(3) {
		if len(p.Bridges) == 0 {
			break
		}
		if p.VHost == nil {
			p.VHost = &vhost.Spec{SocketDir: "/var/lib/vhost_sockets"}
		}
		name := fmt.Sprint("vm", i)
		p.VHost.Ports = append(p.VHost.Ports, vhost.PortSpec{
			Name: name, Bridge: p.Bridges[0].Name, Queues: 1, MTU: 1500 + 500*m.IntN(2), TxRetries: 8 * m.IntN(3), Socket: "/var/lib/vhost_sockets/" + name + "/" + name + ".sock",
			MAC: m.one("", "52:54:00:00:00:01"), LogicalPort: m.one("", "web"), VLAN: m.vlan(), RateLimit: m.limit(),
		})
	}
	text, err := configs.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := configs.Parse(text, configs.Options{File: "made-up.yaml"})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return parsed
}

func (m *maker) cpu(s *pmd.Spec) *pmd.Spec {
	s.PMD = pmd.CoreSpec{Set: cpuset.Of(1)}
	s.Assign = pmd.Assign(m.one("group", "cycles", "roundrobin"))
	s.Isolate = s.Assign != pmd.Group
	s.Lookup.SMC = m.IntN(2) == 0
	s.Lookup.EMCInverseProbability = uint32(m.IntN(3) * 50)
	s.TxFlushInterval = time.Duration(m.IntN(2)*50) * time.Microsecond
	return s
}

func (m *maker) eal(s *dpdk.Spec) *dpdk.Spec {
	s.Init = dpdk.Init(m.one("try", "true"))
	s.TSO, s.PerfMetrics = m.IntN(2) == 0, m.IntN(2) == 0
	s.Memory.Model = dpdk.Model(m.one("shared", "per-port"))
	if m.IntN(2) == 0 {
		s.Memory.Sockets = []int{64 + 64*m.IntN(2)}
	}
	if m.IntN(2) == 0 {
		s.Memory.Limits = []int{512}
	}
	if m.IntN(2) == 0 {
		s.Extra, s.LCores = []string{"--no-pci"}, cpuset.Of(0)
	}
	return s
}

func (m *maker) ports(b *dpdk.BridgeSpec, bridge int, pins bool) {
	for i := range m.IntN(5) {
		p := dpdk.PortSpec{
			Name: fmt.Sprintf("d%d%d", bridge, i), Device: dpdk.Device{Vdev: fmt.Sprintf("net_null%d%d", bridge, i)},
			RxQueues: 1 + m.IntN(2), RxDesc: 1024 << m.IntN(2), TxDesc: 2048, MTU: 1500, LSCInterrupt: m.IntN(2) == 0,
			FlowControl: dpdk.FlowControl{Rx: m.IntN(4) == 0, Autoneg: m.IntN(4) == 0}, VLAN: m.vlan(), RateLimit: m.limit(),
		}
		if pins && m.IntN(3) == 0 {
			p.RxAffinity = []dpdk.QueuePin{{Queue: 0, CPU: 1}}
			p.RxQueues = 1
		}
		b.Ports = append(b.Ports, p)
	}
	if len(b.Ports) > 2 && m.IntN(2) == 0 {
		bond := dpdk.BondSpec{Name: fmt.Sprint("bond", bridge), Mode: dpdk.BondMode(m.one("active-backup", "balance-slb")), LACP: m.one("off", "active"), VLAN: m.vlan(), RateLimit: m.limit()}
		bond.LACPFast = bond.LACP != "off" && m.IntN(2) == 0
		for i := range 2 {
			b.Ports[i].VLAN, b.Ports[i].RateLimit = vswitch.VLAN{Mode: vswitch.VLANNone}, vswitch.RateLimit{}
			bond.Members = append(bond.Members, b.Ports[i].Name)
		}
		b.Bonds = append(b.Bonds, bond)
	}
}

func (m *maker) vlan() vswitch.VLAN {
	return []vswitch.VLAN{
		{Mode: vswitch.VLANNone},
		{Mode: vswitch.VLANAccess, Tag: 7},
		{Mode: vswitch.VLANTrunk},
		{Mode: vswitch.VLANTrunk, Trunks: []int{1, 2}},
		{Mode: vswitch.VLANNativeTagged, Tag: 0},
		{Mode: vswitch.VLANNativeUntagged, Tag: 4094, Trunks: []int{4095}},
	}[m.IntN(6)]
}

func (m *maker) limit() vswitch.RateLimit {
	rates := []vswitch.Rate{{}, {BitsPerSecond: 1_000_000}, {BitsPerSecond: 10_000_000_000}, {BitsPerSecond: 8_000_000, BurstBytes: 200_000}}
	return vswitch.RateLimit{Ingress: rates[m.IntN(4)], Egress: rates[m.IntN(4)]}
}
