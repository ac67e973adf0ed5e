package agent

import (
	"errors"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/store"
)

func TestWireOf(t *testing.T) {
	const head = `
Open_vSwitch .
Bridge br-phy datapath_type=netdev
Port br-phy in Bridge br-phy
Interface br-phy in Port br-phy type=internal ~ofport=65534
Port sluice-phy-net in Bridge br-phy
Interface sluice-phy-net in Port sluice-phy-net type=patch ~ofport=7
Port mgmt in Bridge br-phy
Interface mgmt in Port mgmt type=internal ~ofport=8
Bridge br-int datapath_type=netdev
Port vm1 in Bridge br-int
Interface vm1 in Port vm1 type=dpdkvhostuserclient ~ofport=1
`
	const nic = "Port nic0 in Bridge br-phy\nInterface nic0 in Port nic0 type=dpdk ~ofport=2\n"
	at := func(port, rest string) string {
		return "Port " + port + " in Bridge br-phy\nInterface " + port + " in Port " + port + " " + rest + "\n"
	}
	for _, tt := range []struct {
		name, rows string
		want       openflow.Port
		why        string
	}{
		{"none", head, 0, "no port leads to the other hosts"},
		{"one", head + nic, 2, ""},
		{"one of the kernel's", head + at("eth1", "~ofport=2"), 2, ""},
		{"not open", head + at("nic0", "type=dpdk ~ofport=-1"), 0, "port nic0 is not open"},
		{"two", head + nic + at("nic1", "type=dpdk ~ofport=3"), 0, "ports nic0 and nic1: which leads to the other hosts is not known"},
		{"beside a guest's", head + nic + at("vm2", "type=dpdkvhostuserclient ~ofport=3"), 0, "ports nic0 and vm2: which leads to the other hosts is not known"},
		{"a bond", head + "Port bond in Bridge br-phy\nInterface m1 in Port bond type=dpdk ~ofport=4\nInterface m0 in Port bond type=dpdk ~ofport=3\n", 0, "port bond is a bond"},
		{"a bond, one member not open", head + "Port bond in Bridge br-phy\nInterface m1 in Port bond type=dpdk ~ofport=4\nInterface m0 in Port bond type=dpdk ~ofport=-1\n", 0, "port bond is a bond"},
		{"a tagged port", head + strings.Replace(nic, "Bridge br-phy\n", "Bridge br-phy tag=5\n", 1), 0, "port nic0 tells VLANs apart"},
		{"a tagged bridge", strings.Replace(head, "Port br-phy in Bridge br-phy", "Port br-phy in Bridge br-phy tag=5", 1) + nic, 0, "port br-phy tells VLANs apart"},
		{"behind a patch port", head + at("uplink", "type=patch ~ofport=9"), 0, "patch port uplink leads to another bridge"},
		{"behind a patch port, a guest here", head + at("uplink", "type=patch ~ofport=9") + at("vm2", "type=dpdkvhostuserclient ~ofport=3"), 0, "patch port uplink leads to another bridge"},
		{"a patch port besides", head + nic + at("uplink", "type=patch ~ofport=9"), 0, "patch port uplink leads to another bridge"},
		{"a guest alone", head + at("vm2", "type=dpdkvhostuserclient ~ofport=3"), 0, "port vm2 may be a guest's"},
		{"a guest's of the older kind", head + at("vm2", "type=dpdkvhostuser ~ofport=3"), 0, "port vm2 may be a guest's"},
		{"a tap of OVS", head + at("tap0", "type=tap ~ofport=3"), 0, "port tap0 may be a guest's"},
		{"a tap of the kernel's", head + at("tap0", "~ofport=3 ~driver_name=tun"), 0, "port tap0 may be a guest's"},
		{"one of a switch port", head + at("eth1", "external_ids:iface-id=vm2 ~ofport=3"), 0, "port eth1 may be a guest's"},
		{"another tunnel", head + at("vx", "type=vxlan ~ofport=3"), 0, "port vx may be a guest's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := vswitch.Observed{Rows: vswitchtest.Rows(t, tt.rows)}
			vswitch.SortObserved(o.Rows)
			if wire, why := wireOf(o, "br-phy"); wire != tt.want || why != tt.why {
				t.Errorf("%d %q, want %d %q", wire, why, tt.want, tt.why)
			}
		})
	}
}

// The bridge of the tunnels gets its flows beside the one that makes it a switch, packets
// cross by them, also where the underlay is IPv6, and what others do to them is undone.
func TestUnderlayBridge(t *testing.T) {
	for name, addresses := range map[string][2]string{"ipv4": {"172.16.0.1/24", "172.16.0.2/24"}, "ipv6": {"fd00:16::1/64", "fd00:16::2/64"}} {
		t.Run(name, func(t *testing.T) {
			var hosts []*rig
			for i, cidr := range addresses {
				address := netip.MustParsePrefix(cidr).Addr().String()
				r := plainRig(t, []string{"h1", "h2"}[i], address)
				r.write(strings.Replace(plainOverlay([]string{"h1", "h2"}[i], address, ""), `bridge: ""`, "bridge: br-phy", 1) + "bridges: [{name: br-phy, addresses: [\"" + cidr + "\"]}]\n")
				r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\||(receiving|network device) .*wire.*: (Network is down|No such device)`))
				hosts = append(hosts, r)
			}
			a, b := hosts[0], hosts[1]
			if _, _, err := lab.Link(a.host, "wire", b.host, "wire"); err != nil {
				t.Fatal(err)
			}
			b.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + a.host.DBSocket()}}
			for i, r := range hosts {
				r.start()
				r.laid(1)
				r.vsctl("add-port", "br-phy", "wire")
				r.address("br-phy", addresses[i])
			}
			c := storeOf(a)
			tenants(a, c)
			one, two := a.plug(1), b.plug(2)
			one.reaches(two, "there")
			two.reaches(one, "and back")
			used := regexp.MustCompile(`cookie=0xf000000000000001, .*n_packets=[1-9]`)
			flowsOf := func() string {
				out, err := a.host.Command(a.limit(), "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", a.host.Path("br-phy.mgmt")).CombinedOutput()
				a.must(err)
				return string(out)
			}
			carried := func(what string) {
				t.Helper()
				a.until(what, func() error {
					one.send(one.frame(2, "<more>"))
					two.send(two.frame(1, "<more>"))
					if text := flowsOf(); len(used.FindAllString(text, -1)) != 2 || !strings.Contains(text, "actions=NORMAL") {
						return errors.New(text)
					}
					return nil
				})
			}
			ofctl := func(args ...string) {
				t.Helper()
				out, err := a.host.Command(a.limit(), "ovs-ofctl", append([]string{"-O", "OpenFlow15", args[0], a.host.Path("br-phy.mgmt")}, args[1:]...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("%v %s", err, out)
				}
			}
			left := func() string { return a.agent.network.status().Left }
			carried("packets go by both flows")
			if said := left(); said != "" {
				t.Error(said)
			}
			ofctl("add-flow", "priority=7,tcp,actions=drop")
			a.until("beside somebody else's flow there are none", func() error {
				text := flowsOf()
				if strings.Contains(text, "cookie=0xf000000000000001") || !strings.Contains(text, "priority=7,tcp actions=drop") || !strings.Contains(text, "actions=NORMAL") {
					return errors.New(text)
				}
				if said := left(); said != "bridge br-phy: tunnelled packets go by its own flows: somebody else's flows are there" {
					return errors.New(said)
				}
				return nil
			})
			two.reaches(one, "by NORMAL")
			ofctl("del-flows", "tcp")
			carried("it went, and they are there again")
			ofctl("del-flows", "udp")
			carried("they were taken away, and are there again")
		})
	}
}

// The flows of the bridge of the tunnels go when it carries them no more, whoever
// laid them, and no others.
func TestUnderlayIsCleared(t *testing.T) {
	const ours, theirs = "cookie=0xf000000000000001", "cookie=0x7"
	const bridges = "bridges: [{name: br-phy, addresses: [\"172.16.0.1/24\"]}, {name: br-old}]\n"
	with := strings.Replace(plainOverlay("h1", "172.16.0.1", ""), `bridge: ""`, "bridge: br-phy", 1) + bridges
	without := "apiVersion: sluice/v1\nkind: HostProfile\nname: h1\n" + bridges
	r := plainRig(t, "h1", "172.16.0.1")
	r.write(with)
	r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\|`))
	if _, _, err := lab.Link(r.host, "wire", r.host, "far"); err != nil {
		t.Fatal(err)
	}
	ofctl := func(what, bridge string, args ...string) string {
		out, err := r.host.Command(r.limit(), "ovs-ofctl", append([]string{"-O", "OpenFlow15", what, r.host.Path(bridge + ".mgmt")}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v %s", err, out)
		}
		return string(out)
	}
	holds := func(bridge string, want int) {
		t.Helper()
		r.until(bridge, func() error {
			if text := ofctl("dump-flows", bridge); strings.Count(text, ours) != want {
				return errors.New(text)
			}
			return nil
		})
	}
	r.start()
	r.laid(1)
	r.vsctl("add-port", "br-phy", "wire")
	holds("br-phy", 2)
	r.write(without)
	holds("br-phy", 0)
	r.write(with)
	holds("br-phy", 2)
	r.stop()
	ofctl("add-flow", "br-old", ours+",priority=9,udp,actions=drop")
	ofctl("add-flow", "br-old", theirs+",priority=8,udp,actions=drop")
	r.start()
	holds("br-old", 0)
	holds("br-phy", 2)
	if text := ofctl("dump-flows", "br-old"); !strings.Contains(text, theirs) {
		t.Error(text)
	}
	if _, err := r.api.Release(r.limit(), api.ReleaseRequest{}); err != nil {
		t.Fatal(err)
	}
	if text := ofctl("dump-flows", "br-phy"); strings.Contains(text, ours) {
		t.Error(text)
	}
}
