package store

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func (f *drafter) router(x routerDoc) {
	r := &logical.Router{
		ID: f.routers[x.Name], Name: x.Name, Hosts: inOrder(x.Hosts), TTL: or(x.TTL, logical.TTLFull), ECMP: or(x.ECMP, logical.ECMPSource),
		Egress: or(x.Egress, logical.EgressEdge),
	}
	if old := f.was.Router(r.ID); old != nil {
		r.Datapath = old.Datapath
	}
	f.add(r)
	for _, p := range x.Ports {
		port := &logical.RouterPort{
			ID: f.rports[p.Name], Router: r.ID, Name: p.Name, Peer: p.Peer, MAC: p.MAC, Networks: sorted(p.Networks, netip.Prefix.Compare), MTU: p.MTU,
		}
		if port.MAC.IsZero() && len(port.Networks) > 0 {
			port.MAC = logical.DefaultMAC(port.Networks[0].Addr())
		}
		if old := f.was.RouterPort(port.ID); old != nil {
			port.Key = old.Key
		}
		f.add(port)
	}
	for _, e := range x.Routes {
		f.add(&logical.Route{
			ID:     match(f, f.was.RoutesOf(r.ID), func(o *logical.Route) bool { return o.Name == e.Name }),
			Router: r.ID, Name: e.Name, Prefix: e.Prefix, NextHop: e.NextHop, OutPort: refer(f, f.rports, logical.KindRouterPort, e.OutPort),
			Blackhole: e.Blackhole, ECMP: e.ECMP,
		})
	}
	for _, e := range x.NAT {
		f.nat(r, e)
	}
}

func (f *drafter) nat(r *logical.Router, e natDoc) {
	ports, err := parsePorts(e.ExternalPorts)
	if err != nil {
		f.fault("NAT %s: %v", e.Name, err)
	}
	f.add(&logical.NAT{
		ID:     match(f, f.was.NATsOf(r.ID), func(o *logical.NAT) bool { return o.Name == e.Name }),
		Router: r.ID, Name: e.Name, Kind: e.Kind, External: e.External, ExternalPort: ports, Logical: e.Logical, LogicalPort: e.LogicalPort,
		Protocol: e.Protocol, Port: refer(f, f.rports, logical.KindRouterPort, e.Port),
	})
}

// inOrder keeps a list's own order, which means something, and makes nil of empty.
func inOrder(all []string) []string {
	if len(all) == 0 {
		return nil
	}
	return all
}
