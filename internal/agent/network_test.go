package agent

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// overlayProfile is a host with one guest on the integration bridge, and a NIC that
// carries the tunnels. The address is set by the test: the agent under test does not
// run in the host's network namespace.
func overlayProfile(name, nic, guest, address string) string {
	return `
apiVersion: sluice/v1
kind: HostProfile
name: ` + name + `
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk:
  memory: {model: per-port, sockets: [256], headroom: 0}
  vhost: {socketDir: "${socket_dir}"}
  extra: ["--no-pci"]
bridges:
  - name: br-phy
    ports:
      - {name: nic0, device: {vdev: "` + nic + `"}}
overlay: {bridge: "", address: ` + address + `}
vhost:
  ports:
    - {name: ` + guest + `, bridge: br-int, access: {group: root}, logicalPort: ` + guest + `}
`
}

// networkRig is a host of an overlay.
func networkRig(t *testing.T) *rig {
	r := prepare(t, lab.Options{DPDK: true, Unconfigured: true})
	r.opt.Network = &overlay.Options{Local: overlay.LocalStore{
		RunDir: r.host.RunDir(), File: r.host.Path("sluice.db"), Like: r.host.Path("conf.db"),
		Server: &unixctl.Client{Program: "ovsdb-server", Socket: r.host.DBCtl()},
	}}
	return r
}

// address gives the bridge that carries the tunnels its address, which is good at once:
// OVS asks only with a new flow for a neighbour that did not answer.
func (r *rig) address(bridge, cidr string) {
	r.t.Helper()
	for _, args := range [][]string{{"addr", "replace", cidr, "dev", bridge, "nodad"}, {"link", "set", bridge, "up"}} {
		if out, err := r.host.Command(r.limit(), "ip", args...).CombinedOutput(); err != nil {
			r.t.Fatalf("ip %s: %v %s", strings.Join(args, " "), err, out)
		}
	}
}

// laid waits until the network is laid with at least so many flows.
func (r *rig) laid(flows int) overlay.Status {
	r.t.Helper()
	var s overlay.Status
	r.until("the network is laid", func() error {
		s = r.agent.network.Status()
		if s.Store != "" || s.Switch != "" || s.Announce != "" || s.Flows < flows {
			return fmt.Errorf("it tells %+v", s)
		}
		return nil
	})
	return s
}

// Two hosts, a switch on each, a router over both: packets of a guest on one arrive at
// the guest on the other, through the tunnel; and a daemon that starts anew changes
// nothing.
func TestRoutedAcrossHosts(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	a, b := networkRig(t), networkRig(t)
	for _, r := range []*rig{a, b} {
		r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\|`))
	}
	b.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + a.host.DBSocket()}}
	nicA, nicB, err := lab.Link(a.host, "wire", b.host, "wire")
	if err != nil {
		t.Fatal(err)
	}
	a.write(overlayProfile("h1", nicA.Devargs(0), "vm1", "172.16.0.1"))
	b.write(overlayProfile("h2", nicB.Devargs(0), "vm2", "172.16.0.2"))
	a.start()
	b.start()
	a.await(monitor.ResultConverged)
	b.await(monitor.ResultConverged)
	a.address("br-phy", "172.16.0.1/24")
	b.address("br-phy", "172.16.0.2/24")

	a.laid(1)
	b.laid(1)
	client, err := store.New(store.Options{Endpoints: []string{"unix:" + a.host.DBSocket()}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(client.AddSwitch(a.limit(), logical.Switch{Name: "blue"}))
	must(client.AddSwitch(a.limit(), logical.Switch{Name: "red"}))
	mac := func(n byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, n} }
	port := func(sw, name string, n byte, addr string) {
		t.Helper()
		must(client.AddPort(a.limit(), sw, logical.SwitchPort{
			Name: name, MAC: logical.MAC(mac(n)), Addresses: []netip.Addr{netip.MustParseAddr(addr)}, Security: true,
		}))
	}
	port("blue", "vm1", 1, "10.0.1.11")
	port("red", "vm2", 2, "10.0.2.22")
	must(client.AddRouter(a.limit(), logical.Router{Name: "r1"}))
	must(client.AddLink(a.limit(), store.Link{Router: "r1", Switch: "blue", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.1.1/24")}}))
	must(client.AddLink(a.limit(), store.Link{Router: "r1", Switch: "red", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.2.1/24")}}))

	receiver := b.guestOf("vm2", lab.GuestOptions{MAC: mac(2)})
	gateway := logical.DefaultMAC(netip.MustParseAddr("10.0.1.1"))
	a.guestOf("vm1", lab.GuestOptions{
		MAC: mac(1), PeerMAC: gateway[:], Mode: lab.TxOnly,
		TxSource: netip.MustParseAddr("10.0.1.11"), TxDestination: netip.MustParseAddr("10.0.2.22"),
	})
	arrive := func() {
		t.Helper()
		before, err := receiver.Stats(b.limit())
		must(err)
		b.until("packets cross the tunnel", func() error {
			now, err := receiver.Stats(b.limit())
			if err == nil && now.RxPackets < before.RxPackets+10_000 {
				err = fmt.Errorf("%d, then %d", before.RxPackets, now.RxPackets)
			}
			return err
		})
	}
	arrive()
	flows := b.laid(1).Flows
	b.stop()
	b.start()
	if s := b.laid(flows); s.Bundles != 0 {
		t.Errorf("a daemon that started anew changed the switch %d times", s.Bundles)
	}
	arrive()
	// What PMD threads carry goes on without a database, and with it without a store.
	a.step(a.host.StopDB)
	arrive()
	a.step(a.host.StartDB)
	a.laid(1)
	arrive()
}

// guestOf starts a guest at a port's socket and waits until it is connected.
func (r *rig) guestOf(port string, o lab.GuestOptions) *lab.Guest {
	r.t.Helper()
	o.Socket = r.socketOf(port)
	g, err := r.host.StartVirtioUser(r.limit(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := g.Connected(r.limit()); err != nil {
		r.t.Fatal(err)
	}
	return g
}
