package agent

import (
	"errors"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
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
	for _, tt := range []struct {
		name, rows string
		want       flows.Wire
	}{
		{"none", head, flows.Wire{}},
		{"one", head + nic, flows.Wire{Ports: []openflow.Port{2}}},
		{"two", head + nic + "Port nic1 in Bridge br-phy\nInterface nic1 in Port nic1 type=dpdk ~ofport=3\n", flows.Wire{}},
		{"a bond", head + "Port bond in Bridge br-phy\nInterface m1 in Port bond type=dpdk ~ofport=4\nInterface m0 in Port bond type=dpdk ~ofport=3\n", flows.Wire{Ports: []openflow.Port{3, 4}, Bond: true}},
		{"a bond, one member not open", head + "Port bond in Bridge br-phy\nInterface m1 in Port bond type=dpdk ~ofport=4\nInterface m0 in Port bond type=dpdk ~ofport=-1\n", flows.Wire{Ports: []openflow.Port{4}, Bond: true}},
		{"a tagged port", head + strings.Replace(nic, "Bridge br-phy\n", "Bridge br-phy tag=5\n", 1), flows.Wire{}},
		{"a tagged bridge", strings.Replace(head, "Port br-phy in Bridge br-phy", "Port br-phy in Bridge br-phy tag=5", 1) + nic, flows.Wire{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := vswitch.Observed{Rows: vswitchtest.Rows(t, tt.rows)}
			vswitch.SortObserved(o.Rows)
			if diff := cmp.Diff(tt.want, wireOf(o, "br-phy")); diff != "" {
				t.Error(diff)
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
			carried("packets go by both flows")
			out, err := a.host.Command(a.limit(), "ovs-ofctl", "-O", "OpenFlow15", "add-flow", a.host.Path("br-phy.mgmt"), "priority=7,tcp,actions=drop").CombinedOutput()
			if err != nil {
				t.Fatalf("%v %s", err, out)
			}
			out, err = a.host.Command(a.limit(), "ovs-ofctl", "-O", "OpenFlow15", "del-flows", a.host.Path("br-phy.mgmt"), "udp").CombinedOutput()
			if err != nil {
				t.Fatalf("%v %s", err, out)
			}
			carried("they are there again")
			if !strings.Contains(flowsOf(), "priority=7,tcp actions=drop") {
				t.Error("somebody else's flow went")
			}
		})
	}
}
