package logicaltest

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func (l *line) number(key string, otherwise int) int {
	return value(l, strconv.Atoi, l.option(key, strconv.Itoa(otherwise)))
}

func (l *line) host() []logical.Entity {
	h := &logical.Host{Name: l.next(), Role: logical.RoleNode, Mode: logical.ModeFull, Drained: l.flag("drained")}
	h.ID, h.SystemID = logical.ID[logical.Host](UUID(logical.KindHost, h.Name)), "system-"+h.Name
	if l.flag("edge") {
		h.Role = logical.RoleEdge
	}
	if l.flag("on-demand") {
		h.Mode = logical.ModeOnDemand
	}
	h.Index, h.Provider = logical.HostIndex(l.number("index", l.n)), slices.Sorted(slices.Values(l.options("provider")))
	h.Addresses = rest(l, netip.ParseAddr)
	return []logical.Entity{h}
}

// datapath makes the datapath of a switch or router.
func (l *line) datapath(kind logical.DatapathKind, name string) *logical.Datapath {
	id := logical.ID[logical.Datapath](UUID(logical.KindDatapath, string(kind)+" "+name))
	return &logical.Datapath{ID: id, Kind: kind, Key: logical.DatapathKey(l.number("key", l.n))}
}

func switchID(name string) logical.ID[logical.Switch] {
	return logical.ID[logical.Switch](UUID(logical.KindSwitch, name))
}

func portID(name string) logical.ID[logical.SwitchPort] {
	return logical.ID[logical.SwitchPort](UUID(logical.KindSwitchPort, name))
}

func routerID(name string) logical.ID[logical.Router] {
	return logical.ID[logical.Router](UUID(logical.KindRouter, name))
}

func routerPortID(name string) logical.ID[logical.RouterPort] {
	return logical.ID[logical.RouterPort](UUID(logical.KindRouterPort, name))
}

func (l *line) aSwitch() []logical.Entity {
	name := l.next()
	d := l.datapath(logical.DatapathSwitch, name)
	s := &logical.Switch{ID: switchID(name), Name: name, Datapath: d.ID, Kind: logical.SwitchOverlay, Flood: logical.FloodNone}
	if l.flag("flood") {
		s.Flood = logical.FloodAll
	}
	s.DHCP.Enabled = l.flag("dhcp")
	for _, r := range l.options("dns") {
		name, address, _ := strings.Cut(r, "=")
		s.DNS = append(s.DNS, logical.DNSRecord{Name: name, Addresses: []netip.Addr{value(l, netip.ParseAddr, address)}})
	}
	if v := l.option("vlan", ""); v != "" {
		network, tag, _ := strings.Cut(v, ":")
		s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, network, uint16(value(l, strconv.Atoi, tag))
	}
	s.Subnets = rest(l, netip.ParsePrefix)
	return []logical.Entity{d, s}
}

func (l *line) port() []logical.Entity {
	p := &logical.SwitchPort{Name: l.next(), Kind: logical.PortGuest, Switch: switchID(l.next()), Security: !l.flag("nosec")}
	p.ID = portID(p.Name)
	p.Key, p.Seq = logical.PortKey(l.number("key", l.n)), uint64(l.number("seq", l.n))
	if m := l.option("mac", ""); m != "" {
		p.MAC = value(l, logical.ParseMAC, m)
	}
	for _, m := range l.options("moremac") {
		p.MoreMACs = append(p.MoreMACs, value(l, logical.ParseMAC, m))
	}
	if t := l.option("tag", ""); t != "" {
		trunk, tag, _ := strings.Cut(t, ":")
		p.Trunk, p.Tag = portID(trunk), uint16(value(l, strconv.Atoi, tag))
	}
	l.kind(p)
	var all []logical.Entity
	for i, host := range l.options("on") {
		id := logical.ID[logical.Binding](UUID(logical.KindBinding, p.Name+" "+host))
		all = append(all, &logical.Binding{ID: id, Port: p.ID, Host: host, Seq: p.Seq + uint64(i)})
	}
	p.Addresses = rest(l, netip.ParseAddr)
	slices.SortFunc(p.Addresses, netip.Addr.Compare)
	if p.MAC.IsZero() && p.Kind == logical.PortGuest && len(p.Addresses) > 0 {
		p.MAC = logical.DefaultMAC(p.Addresses[0])
	}
	return append(all, p)
}

func (l *line) kind(p *logical.SwitchPort) {
	if l.flag("unknown") {
		p.Kind, p.Security = logical.PortUnknown, false
	}
	if o := l.option("outside", ""); o != "" {
		p.Kind, p.Security = logical.PortOutside, false
		p.Host, p.Bridge, _ = strings.Cut(o, ":")
	}
	if n := l.option("localnet", ""); n != "" {
		p.Kind, p.Security, p.Network = logical.PortLocalnet, false, n
	}
}

func (l *line) router() []logical.Entity {
	name := l.next()
	d := l.datapath(logical.DatapathRouter, name)
	r := &logical.Router{ID: routerID(name), Name: name, Datapath: d.ID, ECMP: logical.ECMPSource, Egress: logical.EgressEdge}
	r.TTL = logical.TTLMode(l.option("ttl", string(logical.TTLFull)))
	r.Hosts = l.options("on")
	return []logical.Entity{d, r}
}

func (l *line) link() []logical.Entity {
	router, sw := l.next(), l.next()
	rname, sname := logical.LinkNames(router, sw)
	rp := &logical.RouterPort{ID: routerPortID(rname), Router: routerID(router), Name: rname, Peer: sname, MTU: uint16(l.number("mtu", 0))}
	p := &logical.SwitchPort{ID: portID(sname), Switch: switchID(sw), Name: sname, Kind: logical.PortRouter, Peer: rname}
	rp.Key = logical.PortKey(l.number("key", l.n))
	p.Key, p.Seq = rp.Key, uint64(rp.Key)
	m := l.option("mac", "")
	rp.Networks = rest(l, netip.ParsePrefix)
	for _, n := range rp.Networks {
		p.Addresses = append(p.Addresses, n.Addr())
	}
	switch {
	case m != "":
		rp.MAC = value(l, logical.ParseMAC, m)
	case len(rp.Networks) > 0:
		rp.MAC = logical.DefaultMAC(rp.Networks[0].Addr())
	}
	p.MAC = rp.MAC
	slices.SortFunc(p.Addresses, netip.Addr.Compare)
	return []logical.Entity{rp, p}
}

func (l *line) route() []logical.Entity {
	router, name := l.next(), l.next()
	t := &logical.Route{Name: name, Router: routerID(router), Prefix: value(l, netip.ParsePrefix, l.next())}
	t.ID = logical.ID[logical.Route](UUID(logical.KindRoute, router+" "+name))
	t.ECMP, t.Blackhole = logical.ECMPMode(l.option("ecmp", "")), l.flag("blackhole")
	if !t.Blackhole {
		out, _ := logical.LinkNames(router, l.option("dev", ""))
		t.NextHop, t.OutPort = value(l, netip.ParseAddr, l.option("via", "")), routerPortID(out)
	}
	return []logical.Entity{t}
}
