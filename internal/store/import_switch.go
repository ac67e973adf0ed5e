package store

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func (f *drafter) sw(x switchDoc) {
	s := &logical.Switch{
		ID: f.switches[x.Name], Name: x.Name, Kind: or(x.Kind, logical.SwitchOverlay), Network: x.Network, VLAN: x.VLAN,
		Subnets: sorted(x.Subnets, netip.Prefix.Compare), Flood: or(x.Flood, logical.FloodNone),
	}
	if old := f.was.Switch(s.ID); old != nil {
		s.Datapath = old.Datapath
	}
	if d := x.DHCP; d != nil {
		s.DHCP = logical.DHCP{Enabled: d.Enabled, Router: d.Router, DNS: d.DNS, Domain: d.Domain, MTU: d.MTU, Lease: d.Lease}
		for code, v := range d.Options {
			s.DHCP.Other = append(s.DHCP.Other, logical.DHCPOption{Code: code, Value: v})
		}
		slices.SortFunc(s.DHCP.Other, func(a, b logical.DHCPOption) int { return cmp.Compare(a.Code, b.Code) })
	}
	for n, addresses := range x.DNS {
		s.DNS = append(s.DNS, logical.DNSRecord{Name: n, Addresses: addresses})
	}
	slices.SortFunc(s.DNS, func(a, b logical.DNSRecord) int { return strings.Compare(a.Name, b.Name) })
	f.add(s)
	for _, p := range x.Pools {
		f.pool(s, p)
	}
	for _, p := range x.Ports {
		f.port(s, p)
	}
}

func (f *drafter) pool(s *logical.Switch, x poolDoc) {
	p := &logical.Pool{
		ID:     match(f, f.was.PoolsOf(s.ID), func(e *logical.Pool) bool { return e.Name == x.Name }),
		Switch: s.ID, Name: x.Name, Prefix: x.Prefix, Gateway: x.Gateway,
	}
	for _, text := range x.Exclude {
		r, err := parseRange(text)
		if err != nil {
			f.fault("pool %s: %q: write FIRST-LAST: %v", x.Name, text, err)
		}
		p.Exclude = append(p.Exclude, r)
	}
	p.Exclude = sorted(p.Exclude, func(a, b logical.AddressRange) int { return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last)) })
	f.add(p)
}

func (f *drafter) port(s *logical.Switch, x portDoc) {
	p := &logical.SwitchPort{
		ID: f.ports[x.Name], Switch: s.ID, Name: x.Name, Kind: x.Kind, MAC: x.MAC,
		MoreMACs:  sorted(x.MoreMACs, func(a, b logical.MAC) int { return slices.Compare(a[:], b[:]) }),
		Addresses: sorted(x.Addresses, netip.Addr.Compare), Peer: x.Peer, Host: x.Host, Bridge: x.Bridge, Network: x.Network,
		Trunk: refer(f, f.ports, logical.KindSwitchPort, x.Trunk), Tag: x.Tag,
		Rate: logical.Rate{FromPort: x.RateFrom, ToPort: x.RateTo, Burst: x.Burst}, Sampling: x.Sampling,
	}
	complete(p)
	p.Security = p.Kind == logical.PortGuest
	if x.Security != nil {
		p.Security = *x.Security
	}
	for _, g := range x.Groups {
		p.Groups = append(p.Groups, refer(f, f.groups, logical.KindSecurityGroup, g))
	}
	p.Groups = sorted(p.Groups, logical.ID[logical.SecurityGroup].Compare)
	if old := f.was.Port(p.ID); old != nil {
		p.Key, p.Seq = old.Key, old.Seq
	}
	f.add(p)
}
