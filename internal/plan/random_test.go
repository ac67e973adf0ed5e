package plan_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestDescribeAnyHost makes up hosts, sensible and not: of none may adoption
// change anything. What must be named, TestDescribeWhatAProfileMade shows.
func TestDescribeAnyHost(t *testing.T) {
	topos := []host.Topology{hosttest.Topology(t, "vm2"), hosttest.Topology(t, "two-socket"), hosttest.Topology(t, "no-hugepages"), {}}
	for seed := range uint64(200) {
		describeAny(t, seed, topos)
	}
}

func FuzzDescribe(f *testing.F) {
	topos := []host.Topology{hosttest.Topology(f, "vm2"), hosttest.Topology(f, "two-socket"), {}}
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { describeAny(t, seed, topos) })
}

func describeAny(t *testing.T, seed uint64, topos []host.Topology) {
	t.Helper()
	m := maker{Rand: rand.New(rand.NewPCG(seed, 1))}
	topo := topos[m.IntN(len(topos))]
	o := m.host(&topo)
	d := plan.Describe(o, topo)
	if _, made := adopted(t, o, topo, d); t.Failed() {
		t.Fatalf("seed %d: %d changes", seed, len(made.Changes))
	}
}

// maker makes up hosts.
type maker struct {
	*rand.Rand
	o vswitch.Observed
	n int
}

// one returns one of the texts.
func (m *maker) one(texts ...string) string { return texts[m.IntN(len(texts))] }

// maybe sets a setting to one of the texts, or leaves it alone.
func (m *maker) maybe(s vswitch.Settings, name string, texts ...string) {
	if m.IntN(3) == 0 {
		s[name] = m.one(texts...)
	}
}

func (m *maker) add(table vswitch.Table, name string, parent vswitch.ID) vswitch.Settings {
	r := vswitch.ObservedRow{UUID: fmt.Sprint("uuid of ", table, name)}
	r.ID, r.Parent, r.Settings = vswitch.ID{Table: table, Name: name}, parent, vswitch.Settings{}
	if table == vswitch.IfaceTable {
		r.Status = &vswitch.InterfaceStatus{Status: map[string]string{}, LinkState: m.one("up", "down", ""), MACInUse: m.one("", "02:00:00:00:00:01")}
		if m.IntN(2) == 0 {
			mtu := int64(1500 * m.IntN(3))
			r.Status.MTU = &mtu
		}
	}
	m.o.Rows = append(m.o.Rows, r)
	return r.Settings
}

func (m *maker) host(topo *host.Topology) vswitch.Observed {
	m.o.OVSVersion = m.one("2.17.12", "3.1.0", "3.3.9", "3.6.3", "4.0.0", "")
	m.o.DPDKInitialized = m.IntN(3) > 0
	m.root(m.add(vswitch.OpenvSwitch, ".", vswitch.ID{}))
	for i := range m.IntN(4) {
		m.bridge(fmt.Sprint("br", i), topo)
	}
	vswitch.SortObserved(m.o.Rows)
	return m.o
}

func (m *maker) root(s vswitch.Settings) {
	const c = "other_config:"
	m.maybe(s, c+"dpdk-init", "true", "try", "TRUE", "false", "yes")
	m.maybe(s, c+"dpdk-socket-mem", "64", "64,0", "0,64", "128,128", "1,2,3", "x", "0")
	m.maybe(s, c+"dpdk-socket-limit", "1024", "0", "1024,2048", "x")
	m.maybe(s, c+"dpdk-lcore-mask", "0x1", "1", "0x0", "x", "0xff00")
	m.maybe(s, c+"dpdk-extra", "--no-pci", " -a  0000:01:00.0", "--no-huge --legacy-mem", "-a x -b y", "--log-level='a b'", "é", "${x}")
	m.maybe(s, c+"per-port-memory", "true", "false", "1")
	m.maybe(s, c+"userspace-tso-enable", "true", "False")
	m.maybe(s, c+"pmd-perf-metrics", "true", "false")
	m.maybe(s, c+"vhost-iommu-support", "true", "false")
	m.maybe(s, c+"dpdk-probe-at-init", "true", "false")
	m.maybe(s, c+"pmd-cpu-mask", "0x2", "2", "0x0", "0x3", "ff", "x", "0x30000006")
	m.maybe(s, c+"pmd-rxq-assign", "cycles", "group", "roundrobin", "Group")
	m.maybe(s, c+"pmd-rxq-isolate", "true", "false", "no")
	m.maybe(s, c+"pmd-sleep-max", "0", "100", "50,1:10", "20000")
	m.maybe(s, c+"pmd-maxsleep", "0", "200")
	m.maybe(s, c+"smc-enable", "true", "false", "yes")
	m.maybe(s, c+"emc-insert-inv-prob", "0", "1", "100", "5000000000", "-1")
	m.maybe(s, c+"tx-flush-interval", "0", "50", "9999999")
	m.maybe(s, c+"pmd-auto-lb", "true", "false")
	m.maybe(s, c+"hw-offload", "true")
	m.maybe(s, "external_ids:system-id", "x y")
}

func (m *maker) bridge(name string, topo *host.Topology) {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: name}
	s := m.add(id.Table, name, vswitch.Root)
	if m.IntN(5) > 0 {
		s["datapath_type"] = "netdev"
	}
	m.maybe(s, "fail_mode", "secure", "standalone")
	m.maybe(s, "other_config:hwaddr", "02:00:00:00:00:01", "02:00:00:00:00:0A")
	m.maybe(s, "other_config:mac-table-size", "4096")
	if m.IntN(8) > 0 {
		port := vswitch.ID{Table: vswitch.PortTable, Name: name}
		m.maybe(m.add(port.Table, name, id), "tag", "5")
		if m.IntN(8) > 0 {
			local := m.add(vswitch.IfaceTable, name, port)
			m.maybe(local, "type", "internal", "internal", "internal", "tap")
			m.maybe(local, "mtu_request", "1400", "9000", "40")
		}
	}
	if m.IntN(2) == 0 {
		n := host.NIC{Name: name, Node: -1, MAC: "02:00:00:00:00:01"}
		for range m.IntN(3) {
			n.Addresses = append(n.Addresses, netip.MustParsePrefix(m.one("172.16.0.1/24", "10.0.0.1/32", "10.0.0.0/8", "2001:db8::1/64", "fe80::1/64", "127.0.0.2/8", "172.17.0.9/16")))
		}
		topo.NICs = append(append([]host.NIC{}, topo.NICs...), n)
	}
	for range m.IntN(5) {
		m.port(id)
	}
}

func (m *maker) port(bridge vswitch.ID) {
	m.n++
	name := m.one("p", "p", "p", "p", "p p", "é", "-p", ".") + fmt.Sprint(m.n)
	id := vswitch.ID{Table: vswitch.PortTable, Name: name}
	s := m.add(id.Table, name, bridge)
	m.maybe(s, "tag", "0", "5", "4094", "4095")
	m.maybe(s, "vlan_mode", "access", "trunk", "native-tagged", "native-untagged", "dot1q-tunnel")
	m.maybe(s, "trunks", "1,2", "0", "4095")
	m.maybe(s, "bond_mode", "active-backup", "balance-slb", "balance-tcp")
	m.maybe(s, "lacp", "active", "passive", "off")
	m.maybe(s, "other_config:lacp-time", "fast", "FAST", "slow")
	m.maybe(s, "other_config:priority-tags", "true")
	if m.IntN(3) == 0 {
		q := m.add(vswitch.QoSTable, name, id)
		q["type"] = m.one("egress-policer", "egress-policer", "egress-policer", "trtcm-policer", "linux-htb")
		m.maybe(q, "other_config:cir", "125", "1250000", "0", "x", "1250001", "600000000000000")
		m.maybe(q, "other_config:cbs", "64000", "1", "0", "200000", "x")
	}
	switch m.IntN(4) {
	case 0:
		m.guest(m.add(vswitch.IfaceTable, name, id), name)
	case 1:
		for i := range 2 + m.IntN(2) {
			m.nic(m.add(vswitch.IfaceTable, fmt.Sprint(name, "-", i), id))
		}
	case 2:
		m.nic(m.add(vswitch.IfaceTable, name, id))
	default:
		m.maybe(m.add(vswitch.IfaceTable, name, id), "type", "tap", "geneve", "patch", "dpdkvhostuser", "dpdk")
	}
}

func (m *maker) nic(s vswitch.Settings) {
	m.n++
	s["type"] = m.one("dpdk", "dpdk", "dpdk", "dpdk", "afxdp")
	s["options:dpdk-devargs"] = m.one(
		fmt.Sprintf("net_null%d", m.n), fmt.Sprintf("net_null%d", m.n), fmt.Sprintf("net_null%d", m.n), fmt.Sprintf("net_af_packet%d,iface=Eth%d", m.n, m.n),
		"net_tap0,iface=dtap0", "0000:AF:00.0", "0000:af:00.0", "0000:d8:00.0,representor=[0]", "0000:01:00.0", "01:00.0",
		"class=eth,mac=90:E2:BA:00:D8:00", "class=eth,mac=01:00:00:00:00:00", "x", "", "é")
	s["options:n_rxq"] = m.one("1", "2", "02", "0", "x", "4")
	m.maybe(s, "options:n_rxq_desc", "2048", "1024", "1000", "8192")
	m.maybe(s, "options:n_txq_desc", "2048", "4096")
	m.maybe(s, "mtu_request", "1500", "9000", "68", "9702")
	m.maybe(s, "options:dpdk-lsc-interrupt", "true", "false", "TRUE", "x")
	m.maybe(s, "options:rx-flow-ctrl", "true", "false")
	m.maybe(s, "options:rx-steering", "rss+lacp")
	m.maybe(s, "other_config:pmd-rxq-affinity", "0:1", "0:1,1:2", "1:1,0:1", "0:1 1:28", "9:1", "x", "0:99")
	m.policing(s)
}

func (m *maker) guest(s vswitch.Settings, name string) {
	s["type"] = "dpdkvhostuserclient"
	m.maybe(s, "options:vhost-server-path",
		"/var/lib/vhost_sockets/"+name+"/"+name+".sock", "/srv/"+name+"/s", "/run/x/"+name+".sock", "/var/lib/vhost_sockets/shared/"+name, "/var/lib/vhost_sockets/x/y", "rel", "/")
	m.maybe(s, "options:tx-retries-max", "0", "8", "32", "33", "x")
	m.maybe(s, "mtu_request", "1500", "9000")
	m.maybe(s, "external_ids:iface-id", "web", "a b", "é")
	m.maybe(s, "external_ids:attached-mac", "52:54:00:00:00:0A", "x", "ff:ff:ff:ff:ff:ff")
	m.policing(s)
}

func (m *maker) policing(s vswitch.Settings) {
	m.maybe(s, "ingress_policing_rate", "1", "1000", "1000000", "4000000001")
	m.maybe(s, "ingress_policing_burst", "1", "800", "8000", "99999999999")
}
