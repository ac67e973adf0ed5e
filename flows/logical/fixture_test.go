package logical

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
)

// uid makes a UUID that a reader of a failed test recognises: its kind and number.
func uid[E any](kind Kind, n int) ID[E] {
	u := UUID{byte(kind)}
	u[14], u[15] = byte(n>>8), byte(n)
	return ID[E](u)
}

func swID(n int) ID[Switch]        { return uid[Switch](KindSwitch, n) }
func portID(n int) ID[SwitchPort]  { return uid[SwitchPort](KindSwitchPort, n) }
func hostID(n int) ID[Host]        { return uid[Host](KindHost, n) }
func routerID(n int) ID[Router]    { return uid[Router](KindRouter, n) }
func rportID(n int) ID[RouterPort] { return uid[RouterPort](KindRouterPort, n) }

func aSwitch(n int) *Switch {
	return &Switch{ID: swID(n), Name: fmt.Sprintf("ls%d", n), Datapath: uid[Datapath](KindDatapath, n), Kind: SwitchOverlay, Flood: FloodNone}
}

func aPort(n, sw int, address string) *SwitchPort {
	a := netip.MustParseAddr(address)
	return &SwitchPort{
		ID: portID(n), Switch: swID(sw), Name: fmt.Sprintf("p%d", n), Key: PortKey(n + 1), Kind: PortGuest,
		MAC: DefaultMAC(a), Addresses: []netip.Addr{a}, Security: true, Seq: uint64(n + 1),
	}
}

func aHost(n int, address string) *Host {
	return &Host{
		ID: hostID(n), Name: fmt.Sprintf("h%d", n), SystemID: fmt.Sprintf("sys%d", n), Index: HostIndex(n + 1),
		Addresses: []netip.Addr{netip.MustParseAddr(address)}, Role: RoleNode, Mode: ModeFull,
	}
}

func aRouter(n int) *Router {
	return &Router{ID: routerID(n), Name: fmt.Sprintf("lr%d", n), TTL: TTLFull, ECMP: ECMPSource, Egress: EgressEdge}
}

func aRouterPort(n, r int, network, peer string) *RouterPort {
	p := netip.MustParsePrefix(network)
	return &RouterPort{ID: rportID(n), Router: routerID(r), Name: fmt.Sprintf("rp%d", n), Peer: peer, MAC: DefaultMAC(p.Addr()), Networks: []netip.Prefix{p}}
}

func aRoute(n, r, out int, prefix, hop string) *Route {
	return &Route{
		ID: uid[Route](KindRoute, n), Router: routerID(r), Name: fmt.Sprintf("r%d", n), Prefix: netip.MustParsePrefix(prefix),
		NextHop: netip.MustParseAddr(hop), OutPort: rportID(out),
	}
}

func aBinding(n, port int, host string, seq uint64) *Binding {
	return &Binding{ID: uid[Binding](KindBinding, n), Port: portID(port), Host: host, Seq: seq}
}

func snapshotOf(all ...Entity) *Snapshot {
	s, _ := new(Snapshot).With(Changes{Put: all})
	return s
}

// random makes an entity out of few possible ones, so that they meet each other.
func random(r *rand.Rand) Entity {
	n := r.IntN(12)
	switch r.IntN(8) {
	case 0:
		return aHost(n, fmt.Sprintf("192.0.2.%d", r.IntN(6)))
	case 1:
		return aSwitch(n)
	case 2, 3, 4:
		p := aPort(n, r.IntN(3), fmt.Sprintf("10.0.0.%d", r.IntN(6)))
		p.Seq = uint64(r.IntN(4))
		if r.IntN(3) == 0 {
			p.Groups = []ID[SecurityGroup]{uid[SecurityGroup](KindSecurityGroup, r.IntN(2))}
			p.MoreMACs = []MAC{{2, 0, 0, 0, 0, byte(r.IntN(3))}}
		}
		if r.IntN(4) == 0 {
			p.Kind, p.Peer = PortRouter, fmt.Sprintf("rp%d", r.IntN(12))
		}
		return p
	case 5:
		return aBinding(n, r.IntN(12), fmt.Sprintf("h%d", r.IntN(3)), uint64(r.IntN(3)))
	case 6:
		return aRouterPort(n, r.IntN(3), fmt.Sprintf("10.0.%d.1/24", r.IntN(6)), fmt.Sprintf("p%d", r.IntN(12)))
	}
	return aRoute(n, r.IntN(3), r.IntN(12), "10.9.0.0/16", "10.0.0.1")
}
