package logical

import "iter"

// put puts an entity into its table, in place of a former one.
func put[E any](b *builder, t *trie[*E], v *E) { *t = t.put(b.edit, idOf(v), v) }

// by puts an entity into, or takes it out of, one index.
func by[E any](b *builder, x *index[E], add bool, key UUID, v *E) {
	if add {
		*x = x.add(b.edit, key, v)
	} else {
		*x = x.remove(b.edit, key, v)
	}
}

// link puts an entity into its table and indexes; unlink takes it out of the
// indexes alone.
func (b *builder) link(v Entity) {
	switch v := v.(type) {
	case *Host:
		put(b, &b.hosts, v)
	case *Datapath:
		put(b, &b.datapaths, v)
	case *Switch:
		put(b, &b.switches, v)
	case *SwitchPort:
		put(b, &b.ports, v)
	case *Binding:
		put(b, &b.bindings, v)
	case *Router:
		put(b, &b.routers, v)
	case *RouterPort:
		put(b, &b.rports, v)
	case *Route:
		put(b, &b.routes, v)
	case *NAT:
		put(b, &b.nats, v)
	case *SecurityGroup:
		put(b, &b.groups, v)
	case *SecurityRule:
		put(b, &b.rules, v)
	case *AddressSet:
		put(b, &b.sets, v)
	case *LoadBalancer:
		put(b, &b.balancers, v)
	case *Pool:
		put(b, &b.pools, v)
	case *Mirror:
		put(b, &b.mirrors, v)
	case *Meter:
		put(b, &b.meters, v)
	case *Trace:
		put(b, &b.traces, v)
	}
	b.index(v, true)
}

func (b *builder) unlink(v Entity) { b.index(v, false) }

func (b *builder) index(v Entity, add bool) {
	switch v := v.(type) {
	case *Host:
		by(b, &b.hostByName, add, text(v.Name), v)
		if v.SystemID != "" {
			by(b, &b.hostByName, add, text(" "+v.SystemID), v)
		}
		for _, a := range v.Addresses {
			by(b, &b.hostByAddress, add, addressKey(a), v)
		}
	case *Datapath:
		by(b, &b.pathByKey, add, pathKey(v.Key), v)
	case *Switch:
		by(b, &b.switchByName, add, text(v.Name), v)
		by(b, &b.switchByPath, add, UUID(v.Datapath), v)
	case *SwitchPort:
		b.indexPort(v, add)
	case *Binding:
		by(b, &b.bindingByPort, add, UUID(v.Port), v)
		by(b, &b.bindingByHost, add, text(v.Host), v)
		b.changed(Ref{KindSwitchPort, UUID(v.Port)})
	case *Router:
		by(b, &b.routerByName, add, text(v.Name), v)
		by(b, &b.routerByPath, add, UUID(v.Datapath), v)
	case *RouterPort:
		by(b, &b.rportByName, add, text(v.Name), v)
		by(b, &b.rportsByRouter, add, UUID(v.Router), v)
	case *Route:
		by(b, &b.routesByRouter, add, UUID(v.Router), v)
	case *NAT:
		by(b, &b.natsByRouter, add, UUID(v.Router), v)
	case *SecurityGroup:
		by(b, &b.groupByName, add, text(v.Name), v)
	case *SecurityRule:
		by(b, &b.rulesByGroup, add, UUID(v.Group), v)
	case *LoadBalancer:
		if !v.Router.IsZero() {
			by(b, &b.balancersBy, add, UUID(v.Router), v)
		}
		if !v.Switch.IsZero() {
			by(b, &b.balancersBy, add, UUID(v.Switch), v)
		}
	case *Pool:
		by(b, &b.poolsBySwitch, add, UUID(v.Switch), v)
	}
}

func (b *builder) indexPort(p *SwitchPort, add bool) {
	by(b, &b.portByName, add, text(p.Name), p)
	by(b, &b.portsBySwitch, add, UUID(p.Switch), p)
	if p.Kind == PortRouter {
		by(b, &b.linksBySwitch, add, UUID(p.Switch), p)
	}
	for _, g := range p.Groups {
		by(b, &b.portsByGroup, add, UUID(g), p)
	}
	if !p.Trunk.IsZero() {
		by(b, &b.portsByTrunk, add, UUID(p.Trunk), p)
	}
	for key := range claimsOf(p) {
		by(b, &b.claims, add, key, p)
		b.disputed(p, key)
	}
}

// drop takes an entity out of its table.
func (b *builder) drop(r Ref) {
	e, id := b.edit, r.UUID
	switch r.Kind {
	case KindHost:
		b.hosts = b.hosts.del(e, id)
	case KindDatapath:
		b.datapaths = b.datapaths.del(e, id)
	case KindSwitch:
		b.switches = b.switches.del(e, id)
	case KindSwitchPort:
		b.ports = b.ports.del(e, id)
	case KindBinding:
		b.bindings = b.bindings.del(e, id)
	case KindRouter:
		b.routers = b.routers.del(e, id)
	case KindRouterPort:
		b.rports = b.rports.del(e, id)
	case KindRoute:
		b.routes = b.routes.del(e, id)
	case KindNAT:
		b.nats = b.nats.del(e, id)
	case KindSecurityGroup:
		b.groups = b.groups.del(e, id)
	case KindSecurityRule:
		b.rules = b.rules.del(e, id)
	case KindAddressSet:
		b.sets = b.sets.del(e, id)
	case KindLoadBalancer:
		b.balancers = b.balancers.del(e, id)
	case KindPool:
		b.pools = b.pools.del(e, id)
	case KindMirror:
		b.mirrors = b.mirrors.del(e, id)
	case KindMeter:
		b.meters = b.meters.del(e, id)
	case KindTrace:
		b.traces = b.traces.del(e, id)
	case KindGlobal:
	}
}

// All walks every entity, kind after kind.
func (s *Snapshot) All() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		_ = walk(s.hosts, yield) && walk(s.datapaths, yield) && walk(s.switches, yield) && walk(s.ports, yield) &&
			walk(s.bindings, yield) && walk(s.routers, yield) && walk(s.rports, yield) && walk(s.routes, yield) &&
			walk(s.nats, yield) && walk(s.groups, yield) && walk(s.rules, yield) && walk(s.sets, yield) &&
			walk(s.balancers, yield) && walk(s.pools, yield) && walk(s.mirrors, yield) && walk(s.meters, yield) &&
			walk(s.traces, yield)
	}
}

func walk[E any](t trie[*E], yield func(Entity) bool) bool {
	return t.root.walk(func(_ UUID, v *E) bool { return yield(any(v).(Entity)) })
}
