package flows_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// network is a topology under construction, with names instead of UUIDs. Numbers are
// given in the order of the calls.
type network struct {
	t    testing.TB
	rows map[logical.Ref]logical.Entity
	seq  byte
	key  map[string]logical.PortKey // last port key by datapath
	sink func(logical.Entity)       // takes the rows instead
}

func newNetwork(t testing.TB) *network {
	return &network{t: t, rows: map[logical.Ref]logical.Entity{}, key: map[string]logical.PortKey{}}
}

// id makes a UUID of a kind and a name.
func id(kind logical.Kind, name string) logical.UUID {
	u := logical.UUID{byte(kind)}
	var sum uint64 = 14695981039346656037
	for i := range len(name) {
		sum = (sum ^ uint64(name[i])) * 1099511628211
	}
	for i := range 8 {
		u[8+i] = byte(sum >> (8 * i))
	}
	return u
}

func swID(name string) logical.ID[logical.Switch] {
	return logical.ID[logical.Switch](id(logical.KindSwitch, name))
}

func routerID(name string) logical.ID[logical.Router] {
	return logical.ID[logical.Router](id(logical.KindRouter, name))
}

func portID(name string) logical.ID[logical.SwitchPort] {
	return logical.ID[logical.SwitchPort](id(logical.KindSwitchPort, name))
}

func rportID(name string) logical.ID[logical.RouterPort] {
	return logical.ID[logical.RouterPort](id(logical.KindRouterPort, name))
}

func (n *network) put(e logical.Entity) {
	if n.sink != nil {
		n.sink(e)
		return
	}
	n.t.Helper()
	if err := logical.Validate(e); err != nil {
		n.t.Fatal(err)
	}
	n.rows[e.Ref()] = e
}

func (n *network) snapshot() *logical.Snapshot {
	var c logical.Changes
	for _, e := range n.rows {
		c.Put = append(c.Put, e)
	}
	s, _ := new(logical.Snapshot).With(c)
	return s
}

func (n *network) host(name string, index int, address string) {
	n.put(&logical.Host{
		ID: logical.ID[logical.Host](id(logical.KindHost, name)), Name: name, SystemID: "sys-" + name, Index: logical.HostIndex(index), //nolint:gosec // small
		Addresses: []netip.Addr{netip.MustParseAddr(address)}, Role: logical.RoleNode, Mode: logical.ModeFull,
	})
}

func (n *network) datapath(name string, key int, kind logical.DatapathKind) logical.ID[logical.Datapath] {
	d := &logical.Datapath{ID: logical.ID[logical.Datapath](id(logical.KindDatapath, name)), Key: logical.DatapathKey(key), Kind: kind} //nolint:gosec // small
	n.put(d)
	return d.ID
}

func (n *network) sw(name string, key int, change ...func(*logical.Switch)) {
	s := &logical.Switch{ID: swID(name), Name: name, Datapath: n.datapath(name, key, logical.DatapathSwitch), Kind: logical.SwitchOverlay, Flood: logical.FloodNone}
	for _, f := range change {
		f(s)
	}
	n.put(s)
}

func (n *network) router(name string, key int, change ...func(*logical.Router)) {
	r := &logical.Router{
		ID: routerID(name), Name: name, Datapath: n.datapath(name, key, logical.DatapathRouter),
		TTL: logical.TTLFull, ECMP: logical.ECMPSource, Egress: logical.EgressEdge,
	}
	for _, f := range change {
		f(r)
	}
	n.put(r)
}

func (n *network) nextKey(datapath string) logical.PortKey {
	n.key[datapath]++
	return n.key[datapath]
}

// port adds a guest's port; host "" leaves it unbound.
func (n *network) port(sw, name, host string, addresses ...string) *logical.SwitchPort {
	n.seq++
	p := &logical.SwitchPort{
		ID: portID(name), Switch: swID(sw), Name: name, Key: n.nextKey(sw), Kind: logical.PortGuest, Security: true, Seq: uint64(n.seq),
	}
	for _, a := range addresses {
		p.Addresses = append(p.Addresses, netip.MustParseAddr(a))
	}
	p.MAC = logical.DefaultMAC(p.Addresses[0])
	n.put(p)
	if host != "" {
		n.bind(name, host, 1)
	}
	return p
}

func (n *network) bind(port, host string, seq uint64) {
	n.put(&logical.Binding{ID: logical.ID[logical.Binding](id(logical.KindBinding, port+"@"+host)), Port: portID(port), Host: host, Seq: seq})
}

// link connects a router to a switch, as lr link does.
func (n *network) link(router, sw string, networks ...string) {
	n.linkHalf(router, sw, true, networks...)
	n.linkHalf(router, sw, false, networks...)
}

// linkHalf is one of the two ports.
func (n *network) linkHalf(router, sw string, atRouter bool, networks ...string) {
	rname, sname := logical.LinkNames(router, sw)
	rp := &logical.RouterPort{ID: rportID(rname), Router: routerID(router), Name: rname, Key: n.nextKey(router), Peer: sname}
	p := &logical.SwitchPort{ID: portID(sname), Switch: swID(sw), Name: sname, Kind: logical.PortRouter, Peer: rname}
	for _, text := range networks {
		prefix := netip.MustParsePrefix(text)
		rp.Networks = append(rp.Networks, prefix)
		p.Addresses = append(p.Addresses, prefix.Addr())
	}
	rp.MAC = logical.DefaultMAC(p.Addresses[0])
	if p.MAC = rp.MAC; atRouter {
		n.put(rp)
		return
	}
	if p.Key = n.nextKey(sw); n.sink != nil {
		p.Key = 50 + logical.PortKey(n.seq)
	}
	n.put(p)
}

func (n *network) route(router, name, prefix, hop, out string) {
	n.put(&logical.Route{
		ID: logical.ID[logical.Route](id(logical.KindRoute, name)), Router: routerID(router), Name: name,
		Prefix: netip.MustParsePrefix(prefix), NextHop: netip.MustParseAddr(hop), OutPort: rportID(out),
	})
}

// on is a host with a tunnel port 100 and the interfaces named, from port 1 up.
func on(host string, ports ...string) flows.Local {
	l := flows.Local{Host: host, Tunnel: 100, Ports: map[string]of.Port{}}
	for i, p := range ports {
		l.Ports[p] = of.Port(i + 1) //nolint:gosec // few
	}
	return l
}

// twoHosts is a router with two switches, over two hosts.
func twoHosts(t testing.TB) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.host("h2", 2, "192.0.2.2")
	n.sw("blue", 1)
	n.sw("green", 2)
	n.router("lr", 9)
	n.link("lr", "blue", "10.0.1.1/24", "2001:db8:1::1/64")
	n.link("lr", "green", "10.0.2.1/24", "2001:db8:2::1/64")
	for i, host := range []string{"h1", "h2"} {
		n.port("blue", fmt.Sprintf("blue%d", i+1), host, fmt.Sprintf("10.0.1.1%d", i+1), fmt.Sprintf("2001:db8:1::1%d", i+1))
		n.port("green", fmt.Sprintf("green%d", i+1), host, fmt.Sprintf("10.0.2.1%d", i+1), fmt.Sprintf("2001:db8:2::1%d", i+1))
	}
	return n
}

// campus is two distributed routers and one on the edge host h3 that meet on a transit
// switch, with a trunk on blue and equal routes to the edge.
func campus(t testing.TB) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.host("h2", 2, "192.0.2.2")
	n.host("h3", 3, "192.0.2.3")
	n.sw("blue", 1)
	n.sw("red", 2)
	n.sw("transit", 3)
	n.sw("ext", 4)
	n.sw("tagged", 5)
	n.router("lr", 11)
	n.router("lr2", 12, func(r *logical.Router) { r.TTL = logical.TTLNone })
	n.router("lre", 13, func(r *logical.Router) { r.Hosts = []string{"h3"} })
	n.router("lro", 14, func(r *logical.Router) { r.TTL = logical.TTLOnce })
	n.link("lr", "blue", "10.0.1.1/24", "2001:db8:1::1/64")
	n.link("lr", "transit", "100.64.0.1/24", "2001:db8:ff::1/64")
	n.link("lr2", "red", "10.0.2.1/24", "2001:db8:2::1/64")
	n.link("lr2", "transit", "100.64.0.2/24", "2001:db8:ff::2/64")
	n.link("lre", "transit", "100.64.0.3/24", "2001:db8:ff::3/64")
	n.link("lre", "ext", "10.0.4.1/24", "2001:db8:4::1/64")
	n.link("lro", "tagged", "10.0.5.1/24")
	n.link("lro", "transit", "100.64.0.4/24")
	n.route("lro", "lro-default", "0.0.0.0/0", "100.64.0.3", "lro_to_transit")
	n.route("lre", "lre-tagged", "10.0.5.0/24", "100.64.0.4", "lre_to_transit")
	n.route("lr", "lr-tagged", "10.0.5.0/24", "100.64.0.4", "lr_to_transit")
	n.route("lr", "lr-red", "10.0.2.0/24", "100.64.0.2", "lr_to_transit")
	n.route("lr", "lr-red6", "2001:db8:2::/64", "2001:db8:ff::2", "lr_to_transit")
	n.route("lr", "lr-default", "0.0.0.0/0", "100.64.0.3", "lr_to_transit")
	n.route("lr", "lr-default6", "::/0", "2001:db8:ff::3", "lr_to_transit")
	n.route("lr2", "lr2-default", "0.0.0.0/0", "100.64.0.1", "lr2_to_transit")
	n.route("lr2", "lr2-default6", "::/0", "2001:db8:ff::1", "lr2_to_transit")
	n.route("lre", "lre-back", "10.0.1.0/24", "100.64.0.1", "lre_to_transit")
	n.route("lre", "lre-back6", "2001:db8:1::/64", "2001:db8:ff::1", "lre_to_transit")
	n.port("blue", "blue1", "h1", "10.0.1.11", "2001:db8:1::11")
	n.port("blue", "blue2", "h2", "10.0.1.12", "2001:db8:1::12")
	n.port("red", "red1", "h1", "10.0.2.11", "2001:db8:2::11")
	n.port("red", "red2", "h2", "10.0.2.12", "2001:db8:2::12")
	n.port("ext", "srv", "h3", "10.0.4.11", "2001:db8:4::11")
	child := n.port("tagged", "child", "", "10.0.5.11")
	child.Trunk, child.Tag = portID("blue1"), 30
	n.put(child)
	n.port("tagged", "plain", "h2", "10.0.5.12")
	return n
}

// twoEdges is a router with equal routes over two edge hosts.
func twoEdges(t testing.TB) *network {
	n := newNetwork(t)
	for i, host := range []string{"h1", "e1", "e2"} {
		n.host(host, i+1, fmt.Sprintf("192.0.2.%d", i+1))
	}
	n.sw("blue", 1)
	n.router("lr", 11)
	n.link("lr", "blue", "10.0.1.1/24", "2001:db8:1::1/64")
	n.port("blue", "blue1", "h1", "10.0.1.11", "2001:db8:1::11")
	for i, edge := range []string{"e1", "e2"} {
		transit, ext, router := "transit-"+edge, "ext-"+edge, "lr-"+edge
		n.sw(transit, 2+2*i)
		n.sw(ext, 3+2*i)
		n.router(router, 12+i, func(r *logical.Router) { r.Hosts = []string{edge} })
		n.link("lr", transit, fmt.Sprintf("100.64.%d.1/24", i), fmt.Sprintf("2001:db8:ff%d::1/64", i))
		n.link(router, transit, fmt.Sprintf("100.64.%d.2/24", i), fmt.Sprintf("2001:db8:ff%d::2/64", i))
		n.link(router, ext, "10.9.0.1/24", "2001:db8:9::1/64")
		n.port(ext, "srv-"+edge, edge, "10.9.0.11", "2001:db8:9::11")
		n.route("lr", "default-"+edge, "0.0.0.0/0", fmt.Sprintf("100.64.%d.2", i), "lr_to_"+transit)
		n.route("lr", "default6-"+edge, "::/0", fmt.Sprintf("2001:db8:ff%d::2", i), "lr_to_"+transit)
	}
	return n
}

// provider is a VLAN of a physical network with guests and a router of host h1 on it,
// and a switch that joins a bridge of h2.
func provider(t testing.TB) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.host("h2", 2, "192.0.2.2")
	n.sw("phys20", 1, func(s *logical.Switch) { s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, "phys", 20 })
	n.sw("inside", 2)
	n.router("gw", 9, func(r *logical.Router) { r.Hosts = []string{"h1"} })
	n.link("gw", "phys20", "198.51.100.1/24")
	n.link("gw", "inside", "10.0.0.1/24")
	n.port("phys20", "vm1", "h1", "198.51.100.11")
	n.port("phys20", "vm2", "h2", "198.51.100.12")
	n.port("inside", "in2", "h2", "10.0.0.12")
	n.put(&logical.SwitchPort{ID: portID("patch"), Switch: swID("inside"), Name: "patch", Key: n.nextKey("inside"), Kind: logical.PortOutside, Host: "h2", Bridge: "br-ex"})
	return n
}

// patched is a host with its patch ports.
func patched(l flows.Local) flows.Local {
	l.Networks, l.Bridges = map[string]of.Port{"phys": 60}, map[string]of.Port{"br-ex": 61}
	return l
}

// watched is a host with a tunnel to each edge, which BFD watches.
func watched(l flows.Local) flows.Local {
	l.Peers = map[string]of.Port{"e1": 101, "e2": 102}
	return l
}
