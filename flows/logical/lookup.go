package logical

import (
	"iter"
	"net/netip"
	"strconv"
)

// HostByName returns the host of a name or a system-id.
func (s *Snapshot) HostByName(name string) *Host {
	before := func(a, b *Host) bool { return a.ID.Compare(b.ID) < 0 }
	if h := s.hostByName.first(text(name), before); h != nil {
		return h
	}
	return s.hostByName.first(text(" "+name), before)
}

// HostByAddress returns the host of a tunnel address. Of several it is the one
// that registered last, which has the greatest index: the others are conflicts.
func (s *Snapshot) HostByAddress(a netip.Addr) *Host {
	return s.hostByAddress.first(addressKey(a), func(a, b *Host) bool { return a.Index > b.Index })
}

// SwitchByName returns the switch of a name.
func (s *Snapshot) SwitchByName(name string) *Switch {
	return s.switchByName.first(text(name), func(a, b *Switch) bool { return a.ID.Compare(b.ID) < 0 })
}

// RouterByName returns the router of a name.
func (s *Snapshot) RouterByName(name string) *Router {
	return s.routerByName.first(text(name), func(a, b *Router) bool { return a.ID.Compare(b.ID) < 0 })
}

// PortByName returns the switch port of a name: of an iface-id.
func (s *Snapshot) PortByName(name string) *SwitchPort { return s.portByName.first(text(name), older) }

// RouterPortByName returns the router port of a name.
func (s *Snapshot) RouterPortByName(name string) *RouterPort {
	return s.rportByName.first(text(name), func(a, b *RouterPort) bool { return a.ID.Compare(b.ID) < 0 })
}

// SecurityGroupByName returns the security group of a name.
func (s *Snapshot) SecurityGroupByName(name string) *SecurityGroup {
	return s.groupByName.first(text(name), func(a, b *SecurityGroup) bool { return a.ID.Compare(b.ID) < 0 })
}

// PortsOf walks the ports of a switch.
func (s *Snapshot) PortsOf(sw ID[Switch]) iter.Seq[*SwitchPort] {
	return s.portsBySwitch.of(UUID(sw))
}

// LinksOf walks the ports of a switch that lead to routers.
func (s *Snapshot) LinksOf(sw ID[Switch]) iter.Seq[*SwitchPort] {
	return s.linksBySwitch.of(UUID(sw))
}

// PortsIn walks the ports of a security group.
func (s *Snapshot) PortsIn(g ID[SecurityGroup]) iter.Seq[*SwitchPort] {
	return s.portsByGroup.of(UUID(g))
}

// PortsOver walks the ports that a trunk port carries tagged.
func (s *Snapshot) PortsOver(trunk ID[SwitchPort]) iter.Seq[*SwitchPort] {
	return s.portsByTrunk.of(UUID(trunk))
}

// RulesOf walks the rules of a security group.
func (s *Snapshot) RulesOf(g ID[SecurityGroup]) iter.Seq[*SecurityRule] {
	return s.rulesByGroup.of(UUID(g))
}

// RouterPortsOf walks the ports of a router.
func (s *Snapshot) RouterPortsOf(r ID[Router]) iter.Seq[*RouterPort] {
	return s.rportsByRouter.of(UUID(r))
}

// RouterPortsOn walks the router ports that are connected to a switch.
func (s *Snapshot) RouterPortsOn(sw ID[Switch]) iter.Seq[*RouterPort] {
	return func(yield func(*RouterPort) bool) {
		for p := range s.LinksOf(sw) {
			if rp := s.RouterPortOf(p); rp != nil && !yield(rp) {
				return
			}
		}
	}
}

// RoutesOf walks the routes of a router.
func (s *Snapshot) RoutesOf(r ID[Router]) iter.Seq[*Route] { return s.routesByRouter.of(UUID(r)) }

// NATsOf walks the translations of a router.
func (s *Snapshot) NATsOf(r ID[Router]) iter.Seq[*NAT] { return s.natsByRouter.of(UUID(r)) }

// LoadBalancersOfRouter walks the load balancers of a router.
func (s *Snapshot) LoadBalancersOfRouter(r ID[Router]) iter.Seq[*LoadBalancer] {
	return s.balancersBy.of(UUID(r))
}

// LoadBalancersOfSwitch walks the load balancers of a switch.
func (s *Snapshot) LoadBalancersOfSwitch(sw ID[Switch]) iter.Seq[*LoadBalancer] {
	return s.balancersBy.of(UUID(sw))
}

// PoolsOf walks the pools of a switch.
func (s *Snapshot) PoolsOf(sw ID[Switch]) iter.Seq[*Pool] { return s.poolsBySwitch.of(UUID(sw)) }

// SwitchKey returns the datapath key of a switch, 0 while it has none.
func (s *Snapshot) SwitchKey(sw *Switch) DatapathKey {
	if d := s.Datapath(sw.Datapath); d != nil {
		return d.Key
	}
	return 0
}

// RouterKey returns the datapath key of a router, 0 while it has none.
func (s *Snapshot) RouterKey(r *Router) DatapathKey {
	if d := s.Datapath(r.Datapath); d != nil {
		return d.Key
	}
	return 0
}

// DatapathByKey returns the datapath of a key; of several the first by UUID.
func (s *Snapshot) DatapathByKey(k DatapathKey) *Datapath {
	return s.pathByKey.first(pathKey(k), func(a, b *Datapath) bool { return a.ID.Compare(b.ID) < 0 })
}

// pathKey is the index key of a datapath's key: the keys are few bits at one end, which
// a trie would make a long path of.
func pathKey(k DatapathKey) UUID { return text(strconv.Itoa(int(k))) }

// SwitchOf returns the switch of a datapath, RouterOf its router; at most one of
// them is not nil.
func (s *Snapshot) SwitchOf(d ID[Datapath]) *Switch {
	return s.switchByPath.first(UUID(d), func(a, b *Switch) bool { return a.ID.Compare(b.ID) < 0 })
}

// RouterOf returns the router of a datapath.
func (s *Snapshot) RouterOf(d ID[Datapath]) *Router {
	return s.routerByPath.first(UUID(d), func(a, b *Router) bool { return a.ID.Compare(b.ID) < 0 })
}

// RouterPortOf returns the router port behind a switch port of kind router. The
// two must name each other; a half link connects nothing.
func (s *Snapshot) RouterPortOf(p *SwitchPort) *RouterPort {
	if p.Kind != PortRouter || p.Peer == "" {
		return nil
	}
	rp := s.RouterPortByName(p.Peer)
	if rp == nil || rp.Peer != p.Name {
		return nil
	}
	return rp
}

// SwitchPortOf returns the switch port behind a router port, on the same terms.
func (s *Snapshot) SwitchPortOf(rp *RouterPort) *SwitchPort {
	if rp.Peer == "" {
		return nil
	}
	p := s.PortByName(rp.Peer)
	if p == nil || p.Kind != PortRouter || p.Peer != rp.Name {
		return nil
	}
	return p
}
