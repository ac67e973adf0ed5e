package agent

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// ports are the ports of a bridge.
func (r *rig) ports(bridge string) []string {
	r.t.Helper()
	return strings.Fields(r.vsctl("list-ports", bridge))
}

// hasPorts waits until a bridge has just these ports.
func (r *rig) hasPorts(bridge string, want ...string) {
	r.t.Helper()
	r.until(fmt.Sprintf("%s has %v", bridge, want), func() error {
		if is := r.ports(bridge); !slices.Equal(is, want) {
			return fmt.Errorf("it has %v", is)
		}
		return nil
	})
}

// leaves waits until what a guest sends to an unknown receiver is heard on another
// interface.
func (g *tap) leaves(by *tap, what string) {
	g.r.t.Helper()
	g.r.until(guestOf(g.n)+" is heard: "+what, func() error {
		g.send(g.frame(99, what))
		if !by.heard(what) {
			return errors.New("it is not")
		}
		return nil
	})
}

// The daemon makes the ports that the network asks for, on bridges of its own and on
// somebody else's, binds what they and trunks carry, and takes them away again.
func TestPortsTheNetworkAsksFor(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.write(plainOverlay("h1", "172.16.0.1", ", provider: [{network: physnet1, bridge: br-phy}]") + "bridges: [{name: br-phy}]\n")
	r.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev", "--", "add-port", "br-ex", "theirs", "--", "set", "Interface", "theirs", "type=internal")
	r.begin()
	c := storeOf(r)
	r.hasPorts("br-phy")
	r.must(c.AddSwitch(r.limit(), logical.Switch{Name: "lab", Kind: logical.SwitchVLAN, Network: "physnet1", VLAN: 120}))
	r.must(c.AddPort(r.limit(), "lab", guestPort(1)))
	r.hasPorts("br-phy", "sluice-phy-physnet1")
	one := r.plug(1)
	one.leaves(r.open("br-phy", 8), "vlan")

	r.must(c.AddSwitch(r.limit(), logical.Switch{Name: "outside"}))
	r.must(c.AddPort(r.limit(), "outside", guestPort(2)))
	r.must(c.AddPort(r.limit(), "outside", logical.SwitchPort{Name: "out1", Kind: logical.PortOutside, Host: "h1", Bridge: "br-ex"}))
	r.must(c.AddPort(r.limit(), "outside", logical.SwitchPort{Name: "out2", Kind: logical.PortOutside, Host: "h1", Bridge: "br-none"}))
	r.hasPorts("br-ex", "sluice-in-br-ex", "theirs")
	r.plug(2).leaves(r.open("theirs", 9), "outside")
	r.until("the missing bridge is told of", func() error {
		for _, f := range r.agent.state.get().findings {
			if f.Code == "bridge-not-reached" && strings.Contains(f.What, "outside port out2 is to be reached by bridge br-none, which is not there") {
				return nil
			}
		}
		return errors.New("no finding")
	})

	// A trunk's child is bound where its parent is.
	child := guestPort(3)
	vm1 := r.snapshot().PortByName("vm1")
	child.Trunk, child.Tag = vm1.ID, 30
	r.must(c.AddPort(r.limit(), "outside", child))
	r.until("the child is bound", func() error {
		s := r.snapshot()
		if p := s.PortByName("vm3"); p == nil || s.Bound(p.ID) == nil || s.Bound(p.ID).Host != "h1" {
			return errors.New("it is not")
		}
		return nil
	})

	// Others take them away: they are made again, and their flows.
	r.vsctl("del-port", "br-int", "sluice-net-physnet1")
	r.vsctl("del-port", "br-ex", "sluice-in-br-ex")
	r.vsctl("del-port", "br-int", "sluice-geneve")
	r.hasPorts("br-ex", "sluice-in-br-ex", "theirs")
	one.leaves(r.open("br-phy", 8), "vlan, again")
	r.await(monitor.ResultConverged)
	r.hasPorts("br-int", "sluice-geneve", "sluice-net-physnet1", "sluice-out-br-ex", "vm1", "vm2")

	// While the store is away nothing of it goes.
	r.stop()
	r.opt.Network.Store.Endpoints = []string{"unix:" + r.host.Path("nowhere.sock")}
	r.start()
	r.await(monitor.ResultConverged)
	r.hasPorts("br-ex", "sluice-in-br-ex", "theirs")
	r.stop()
	r.opt.Network.Store.Endpoints = nil
	r.start()

	r.must(c.DeletePort(r.limit(), "outside", "out1"))
	r.must(c.DeletePort(r.limit(), "outside", "vm3"))
	r.must(c.DeletePort(r.limit(), "lab", "vm1"))
	r.must(c.DeleteSwitch(r.limit(), "lab", false))
	r.hasPorts("br-int", "sluice-geneve", "vm1", "vm2")
	r.hasPorts("br-ex", "theirs")
	r.hasPorts("br-phy")
}

// snapshot is the network as the agent has read it.
func (r *rig) snapshot() *logical.Snapshot { return r.agent.network.Snapshot() }

// An edge has a tunnel with BFD to each host, the others to each edge; one that is
// gone from the network takes its ports along.
func TestPortsToPeers(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	c := storeOf(r)
	edge := logical.Host{Name: "edge-1", Addresses: []netip.Addr{netip.MustParseAddr("172.16.0.9")}, Role: logical.RoleEdge, Mode: logical.ModeFull}
	node := logical.Host{Name: "h2", Addresses: []netip.Addr{netip.MustParseAddr("172.16.0.2")}, Role: logical.RoleNode, Mode: logical.ModeFull}
	for _, h := range []logical.Host{edge, node} {
		_, err := c.RegisterHost(r.limit(), h, r.agent.now())
		r.must(err)
	}
	r.hasPorts("br-int", "sluice-bfd-edge-1", "sluice-geneve")
	row, _ := r.observed().Row(vswitch.ID{Table: vswitch.IfaceTable, Name: "sluice-bfd-edge-1"})
	if row.Settings["options:remote_ip"] != "172.16.0.9" || row.Settings["bfd:enable"] != "true" || row.Mark.Owner != vswitch.OwnerProfile {
		t.Errorf("the tunnel to e1 is %v, owner %q", row.Settings, row.Mark.Owner)
	}
	r.until("edge-1 is reached by its own tunnel, h2 by that for all", func() error {
		flows := r.held()
		if !strings.Contains(flows, "set_field:172.16.0.9->tun_dst,output:"+r.numbers("sluice-bfd-edge-1")[0]+"\n") ||
			!strings.Contains(flows, "set_field:172.16.0.2->tun_dst,output:"+r.numbers("sluice-geneve")[0]+"\n") {
			return errors.New(flows)
		}
		return nil
	})
	r.write(plainOverlay("h1", "172.16.0.1", ", role: edge"))
	r.hasPorts("br-int", "sluice-bfd-edge-1", "sluice-bfd-h2", "sluice-geneve")
	r.await(monitor.ResultConverged)
	r.stop()
	r.begin() // the port's long name is no doubt
	r.must(c.DeleteHost(r.limit(), "edge-1"))
	r.must(c.DeleteHost(r.limit(), "h2"))
	r.hasPorts("br-int", "sluice-geneve")
}
