package flows

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// The ports that the network asks for are known by their names: what they lead to
// stands behind a prefix. A pair of patch ports has one name on the integration bridge
// and one on the other.
const (
	prefixNetwork     = "sluice-net-" // to a physical network
	prefixNetworkPeer = "sluice-phy-"
	prefixBridge      = "sluice-out-" // to a bridge that outside ports name
	prefixBridgePeer  = "sluice-in-"
	prefixPeer        = "sluice-bfd-" // to one host, watched by BFD
)

// Planned reports whether a port of this name is one that the logical network asks for:
// a port of Ports.
func Planned(name string) bool {
	return slices.ContainsFunc([]string{prefixNetwork, prefixNetworkPeer, prefixBridge, prefixBridgePeer, prefixPeer},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// PeerPort is the port to one host, which BFD watches.
func PeerPort(host string) string { return prefixPeer + host }

// Add takes in a port of the integration bridge that Ports planned; another is left out.
func (l *Local) Add(name string, port of.Port) {
	for _, kind := range []struct {
		prefix string
		in     *map[string]of.Port
	}{{prefixNetwork, &l.Networks}, {prefixBridge, &l.Bridges}, {prefixPeer, &l.Peers}} {
		if to, ok := strings.CutPrefix(name, kind.prefix); ok {
			if *kind.in == nil {
				*kind.in = map[string]of.Port{}
			}
			(*kind.in)[to] = port
			return
		}
	}
}

// Port is a port that the network asks of a host besides the tunnel's, with all its
// rows.
type Port struct {
	Name string // on the integration bridge
	// Bridge is the other end of a pair of patch ports, "" where there is none.
	Bridge string
	// For says what needs it: "physical network physnet1", "outside port out1".
	For  string
	Rows []vswitch.Row
}

// Ports plans the ports that the network asks of a host, by name: a pair of patch ports
// to each physical network and each bridge that something of it needs here, and a
// Geneve port that BFD watches to each host, where that or this one is an edge. They
// follow the switches, the hosts and the ports to physical networks; see PortsTouched.
func Ports(s *logical.Snapshot, o logical.Overlay, host string) []Port {
	ports := map[string]Port{}
	toNetwork := func(network string) {
		i := slices.IndexFunc(o.Provider, func(p logical.ProviderNetwork) bool { return p.Network == network })
		if name := prefixNetwork + network; i >= 0 && ports[name].Name == "" {
			ports[name] = patch(o.Integration, o.Provider[i].Bridge, name, prefixNetworkPeer+network, "physical network "+network)
		}
	}
	for sw := range s.Switches() {
		if sw.Kind == logical.SwitchVLAN {
			toNetwork(sw.Network)
		}
	}
	self := s.HostByName(host)
	for p := range s.Ports() {
		switch p.Kind {
		case logical.PortLocalnet:
			toNetwork(p.Network)
		case logical.PortOutside:
			name := prefixBridge + p.Bridge
			if is := ports[name]; (p.Host == host || self != nil && s.HostByName(p.Host) == self) && (is.Name == "" || is.For > "outside port "+p.Name) {
				ports[name] = patch(o.Integration, p.Bridge, name, prefixBridgePeer+p.Bridge, "outside port "+p.Name)
			}
		case logical.PortGuest, logical.PortRouter, logical.PortUnknown:
		}
	}
	for h := range s.Hosts() {
		if h.Name == host || h.Role != logical.RoleEdge && logical.HostRole(o.Role) != logical.RoleEdge {
			continue
		}
		if a, ok := endpoint(h, &logical.Host{Addresses: []netip.Addr{o.Address}}); ok {
			name := PeerPort(h.Name)
			ports[name] = Port{Name: name, For: "host " + h.Name, Rows: watched(o, name, a)}
		}
	}
	return slices.SortedFunc(maps.Values(ports), func(a, b Port) int { return cmp.Compare(a.Name, b.Name) })
}

// PortsTouched reports whether a change of the network may change what Ports plans.
func PortsTouched(before, after *logical.Snapshot, delta logical.Delta) bool {
	asks := func(s *logical.Snapshot, r logical.Ref) bool {
		switch r.Kind {
		case logical.KindHost, logical.KindSwitch:
			return true
		case logical.KindSwitchPort:
			p := s.Port(logical.ID[logical.SwitchPort](r.UUID))
			return p != nil && (p.Kind == logical.PortLocalnet || p.Kind == logical.PortOutside)
		default:
			return false
		}
	}
	return before == nil || slices.ContainsFunc(delta, func(r logical.Ref) bool { return asks(before, r) || asks(after, r) })
}

// patch is a pair of patch ports.
func patch(integration, bridge, name, peer, what string) Port {
	half := func(on, name, other string) []vswitch.Row {
		port := vswitch.ID{Table: vswitch.PortTable, Name: name}
		return []vswitch.Row{
			// The bridge may be somebody else's, who has this one named.
			{ID: port, Parent: vswitch.ID{Table: vswitch.BridgeTable, Name: on}, Settings: vswitch.Settings{}, Asked: true},
			{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: name}, Parent: port, Settings: vswitch.Settings{"type": "patch", "options:peer": other}, Asked: true},
		}
	}
	return Port{Name: name, Bridge: bridge, For: what, Rows: append(half(integration, name, peer), half(bridge, peer, name)...)}
}

// watched is a tunnel to one host, with BFD (vswitch.xml, column bfd; mult is read by
// lib/bfd.c, bfd_configure). OVS prefers it to the tunnel for all (ofproto/tunnel.c,
// tnl_find), on both sides, so both have one.
func watched(o logical.Overlay, name string, to netip.Addr) []vswitch.Row {
	rows := TunnelPort(o)
	port := vswitch.ID{Table: vswitch.PortTable, Name: name}
	rows[0].ID, rows[1].ID, rows[1].Parent = port, vswitch.ID{Table: vswitch.IfaceTable, Name: name}, port
	s := rows[1].Settings
	s["options:remote_ip"] = to.String()
	s["bfd:enable"] = "true"
	s["bfd:min_rx"] = strconv.FormatInt(o.BFD.MinRx.Milliseconds(), 10)
	s["bfd:min_tx"] = strconv.FormatInt(o.BFD.MinTx.Milliseconds(), 10)
	s["bfd:mult"] = strconv.Itoa(o.BFD.Multiplier)
	return rows
}
