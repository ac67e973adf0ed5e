package store

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func exportSwitch(n *logical.Snapshot, s *logical.Switch) switchDoc {
	d := switchDoc{
		Name: s.Name, Kind: unless(s.Kind, logical.SwitchOverlay), Network: s.Network, VLAN: s.VLAN, Subnets: s.Subnets,
		Flood: unless(s.Flood, logical.FloodNone), DHCP: exportDHCP(s.DHCP),
	}
	for _, r := range s.DNS {
		if d.DNS == nil {
			d.DNS = map[string][]netip.Addr{}
		}
		d.DNS[r.Name] = r.Addresses
	}
	for p := range n.PoolsOf(s.ID) {
		pool := poolDoc{Name: p.Name, Prefix: p.Prefix, Gateway: p.Gateway}
		for _, x := range p.Exclude {
			pool.Exclude = append(pool.Exclude, x.First.String()+"-"+x.Last.String())
		}
		d.Pools = append(d.Pools, pool)
	}
	for p := range n.PortsOf(s.ID) {
		d.Ports = append(d.Ports, exportPort(n, p))
	}
	slices.SortFunc(d.Pools, func(a, b poolDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Ports, func(a, b portDoc) int { return strings.Compare(a.Name, b.Name) })
	return d
}

func exportDHCP(d logical.DHCP) *dhcpDoc {
	out := &dhcpDoc{Enabled: d.Enabled, Router: d.Router, DNS: d.DNS, Domain: d.Domain, MTU: d.MTU, Lease: d.Lease}
	for _, o := range d.Other {
		if out.Options == nil {
			out.Options = map[uint8]string{}
		}
		out.Options[o.Code] = o.Value
	}
	if !d.Enabled && !d.Router.IsValid() && len(d.DNS) == 0 && d.Domain == "" && d.MTU == 0 && d.Lease == 0 && len(d.Other) == 0 {
		return nil
	}
	return out
}

func exportPort(n *logical.Snapshot, p *logical.SwitchPort) portDoc {
	d := portDoc{
		Name: p.Name, Kind: unless(p.Kind, logical.PortGuest), MAC: p.MAC, MoreMACs: p.MoreMACs, Addresses: p.Addresses, Peer: p.Peer,
		Host: p.Host, Bridge: p.Bridge, Network: p.Network, Trunk: nameOf(n.Port(p.Trunk)), Tag: p.Tag,
		RateFrom: p.Rate.FromPort, RateTo: p.Rate.ToPort, Burst: p.Rate.Burst, Sampling: p.Sampling,
	}
	if p.Security != (p.Kind == logical.PortGuest) {
		d.Security = &p.Security
	}
	for _, g := range p.Groups {
		d.Groups = append(d.Groups, nameOf(n.SecurityGroup(g)))
	}
	slices.Sort(d.Groups)
	return d
}

func exportRouter(n *logical.Snapshot, r *logical.Router) routerDoc {
	d := routerDoc{
		Name: r.Name, Hosts: r.Hosts, TTL: unless(r.TTL, logical.TTLFull), ECMP: unless(r.ECMP, logical.ECMPSource), Egress: unless(r.Egress, logical.EgressEdge),
	}
	for p := range n.RouterPortsOf(r.ID) {
		d.Ports = append(d.Ports, routerPortDoc{p.Name, p.Networks, p.MAC, p.Peer, p.MTU})
	}
	for x := range n.RoutesOf(r.ID) {
		d.Routes = append(d.Routes, routeDoc{x.Name, x.Prefix, x.NextHop, nameOf(n.RouterPort(x.OutPort)), x.Blackhole, x.ECMP})
	}
	for x := range n.NATsOf(r.ID) {
		d.NAT = append(d.NAT, natDoc{x.Name, x.Kind, x.External, formatPorts(x.ExternalPort), x.Logical, x.LogicalPort, x.Protocol, nameOf(n.RouterPort(x.Port))})
	}
	slices.SortFunc(d.Ports, func(a, b routerPortDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Routes, func(a, b routeDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.NAT, func(a, b natDoc) int { return strings.Compare(a.Name, b.Name) })
	return d
}
