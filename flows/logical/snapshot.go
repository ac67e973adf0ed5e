package logical

import (
	"iter"
	"net/netip"
)

// Snapshot is the logical network at one moment. It never changes: With makes the
// next one, which shares all but the changed parts, so that a change costs the
// same in a large network as in a small one. The zero value is empty. What a
// method returns belongs to the snapshot and is only read; a nil entity means
// that there is none. All walks go by ascending UUID.
type Snapshot struct {
	generation uint64
	store      ID[Global]

	hosts     trie[*Host]
	datapaths trie[*Datapath]
	switches  trie[*Switch]
	ports     trie[*SwitchPort]
	bindings  trie[*Binding]
	routers   trie[*Router]
	rports    trie[*RouterPort]
	routes    trie[*Route]
	nats      trie[*NAT]
	groups    trie[*SecurityGroup]
	rules     trie[*SecurityRule]
	sets      trie[*AddressSet]
	balancers trie[*LoadBalancer]
	pools     trie[*Pool]
	mirrors   trie[*Mirror]
	meters    trie[*Meter]
	traces    trie[*Trace]

	hostByName     index[Host] // by name, and by system-id behind a space
	hostByAddress  index[Host]
	pathByKey      index[Datapath]
	switchByName   index[Switch]
	switchByPath   index[Switch] // by datapath
	routerByName   index[Router]
	routerByPath   index[Router]
	portByName     index[SwitchPort]
	portsBySwitch  index[SwitchPort]
	linksBySwitch  index[SwitchPort] // those of kind router
	portsByGroup   index[SwitchPort]
	portsByTrunk   index[SwitchPort]
	claims         index[SwitchPort] // by switch and address or MAC
	bindingByPort  index[Binding]
	bindingByHost  index[Binding]
	rportByName    index[RouterPort]
	rportsByRouter index[RouterPort]
	routesByRouter index[Route]
	natsByRouter   index[NAT]
	groupByName    index[SecurityGroup]
	rulesByGroup   index[SecurityRule]
	balancersBy    index[LoadBalancer] // by router or switch
	poolsBySwitch  index[Pool]
}

// Refs names every row: what differs from the empty network, in no order.
func (s *Snapshot) Refs() Delta {
	var all Delta
	for e := range s.All() {
		all = append(all, e.Ref())
	}
	return all
}

// Generation is the Seq of the Global row: it grows with every write of the
// logical network.
func (s *Snapshot) Generation() uint64 { return s.generation }

// Store is the id of the Global row, which goes with every copy of a database and no
// other has: zero where there is none, as in a store that nobody ever wrote to.
func (s *Snapshot) Store() ID[Global] { return s.store }

func (s *Snapshot) globalRef() Ref { return Ref{KindGlobal, s.store.UUID()} }

// get returns what a table has under an id.
func get[E any](t trie[*E], id ID[E]) *E {
	v, _ := t.get(UUID(id))
	return v
}

// Host returns the host of an id.
func (s *Snapshot) Host(id ID[Host]) *Host { return get(s.hosts, id) }

// Datapath returns the datapath of an id.
func (s *Snapshot) Datapath(id ID[Datapath]) *Datapath { return get(s.datapaths, id) }

// Switch returns the switch of an id.
func (s *Snapshot) Switch(id ID[Switch]) *Switch { return get(s.switches, id) }

// Port returns the switch port of an id.
func (s *Snapshot) Port(id ID[SwitchPort]) *SwitchPort { return get(s.ports, id) }

// Binding returns the binding of an id.
func (s *Snapshot) Binding(id ID[Binding]) *Binding { return get(s.bindings, id) }

// Router returns the router of an id.
func (s *Snapshot) Router(id ID[Router]) *Router { return get(s.routers, id) }

// RouterPort returns the router port of an id.
func (s *Snapshot) RouterPort(id ID[RouterPort]) *RouterPort { return get(s.rports, id) }

// Route returns the route of an id.
func (s *Snapshot) Route(id ID[Route]) *Route { return get(s.routes, id) }

// NAT returns the translation of an id.
func (s *Snapshot) NAT(id ID[NAT]) *NAT { return get(s.nats, id) }

// SecurityGroup returns the group of an id.
func (s *Snapshot) SecurityGroup(id ID[SecurityGroup]) *SecurityGroup { return get(s.groups, id) }

// SecurityRule returns the rule of an id.
func (s *Snapshot) SecurityRule(id ID[SecurityRule]) *SecurityRule { return get(s.rules, id) }

// AddressSet returns the address set of an id.
func (s *Snapshot) AddressSet(id ID[AddressSet]) *AddressSet { return get(s.sets, id) }

// LoadBalancer returns the load balancer of an id.
func (s *Snapshot) LoadBalancer(id ID[LoadBalancer]) *LoadBalancer { return get(s.balancers, id) }

// Pool returns the pool of an id.
func (s *Snapshot) Pool(id ID[Pool]) *Pool { return get(s.pools, id) }

// Hosts walks all hosts.
func (s *Snapshot) Hosts() iter.Seq[*Host] { return values(s.hosts) }

// Datapaths walks all datapaths.
func (s *Snapshot) Datapaths() iter.Seq[*Datapath] { return values(s.datapaths) }

// Switches walks all switches.
func (s *Snapshot) Switches() iter.Seq[*Switch] { return values(s.switches) }

// Ports walks all switch ports.
func (s *Snapshot) Ports() iter.Seq[*SwitchPort] { return values(s.ports) }

// Bindings walks all bindings, those that lost too.
func (s *Snapshot) Bindings() iter.Seq[*Binding] { return values(s.bindings) }

// Routers walks all routers.
func (s *Snapshot) Routers() iter.Seq[*Router] { return values(s.routers) }

// RouterPorts walks all router ports.
func (s *Snapshot) RouterPorts() iter.Seq[*RouterPort] { return values(s.rports) }

// Routes walks all routes.
func (s *Snapshot) Routes() iter.Seq[*Route] { return values(s.routes) }

// NATs walks all translations.
func (s *Snapshot) NATs() iter.Seq[*NAT] { return values(s.nats) }

// SecurityGroups walks all security groups.
func (s *Snapshot) SecurityGroups() iter.Seq[*SecurityGroup] { return values(s.groups) }

// AddressSets walks all address sets.
func (s *Snapshot) AddressSets() iter.Seq[*AddressSet] { return values(s.sets) }

// LoadBalancers walks all load balancers.
func (s *Snapshot) LoadBalancers() iter.Seq[*LoadBalancer] { return values(s.balancers) }

// Pools walks all pools.
func (s *Snapshot) Pools() iter.Seq[*Pool] { return values(s.pools) }

// Mirrors walks all mirrors.
func (s *Snapshot) Mirrors() iter.Seq[*Mirror] { return values(s.mirrors) }

// Meters walks all meters.
func (s *Snapshot) Meters() iter.Seq[*Meter] { return values(s.meters) }

// Traces walks all traces.
func (s *Snapshot) Traces() iter.Seq[*Trace] { return values(s.traces) }

// Entity returns what a Ref names, nil (untyped) where it is gone.
func (s *Snapshot) Entity(r Ref) Entity {
	switch r.Kind {
	case KindHost:
		return entity(s.hosts, r.UUID)
	case KindDatapath:
		return entity(s.datapaths, r.UUID)
	case KindSwitch:
		return entity(s.switches, r.UUID)
	case KindSwitchPort:
		return entity(s.ports, r.UUID)
	case KindBinding:
		return entity(s.bindings, r.UUID)
	case KindRouter:
		return entity(s.routers, r.UUID)
	case KindRouterPort:
		return entity(s.rports, r.UUID)
	case KindRoute:
		return entity(s.routes, r.UUID)
	case KindNAT:
		return entity(s.nats, r.UUID)
	case KindSecurityGroup:
		return entity(s.groups, r.UUID)
	case KindSecurityRule:
		return entity(s.rules, r.UUID)
	case KindAddressSet:
		return entity(s.sets, r.UUID)
	case KindLoadBalancer:
		return entity(s.balancers, r.UUID)
	case KindPool:
		return entity(s.pools, r.UUID)
	case KindMirror:
		return entity(s.mirrors, r.UUID)
	case KindMeter:
		return entity(s.meters, r.UUID)
	case KindTrace:
		return entity(s.traces, r.UUID)
	case KindGlobal:
	}
	return nil
}

func entity[E any](t trie[*E], id UUID) Entity {
	if v, ok := t.get(id); ok {
		return any(v).(Entity)
	}
	return nil
}

// Len is the number of entities of a kind.
func (s *Snapshot) Len(k Kind) int {
	lens := [...]int{
		KindHost: s.hosts.n, KindDatapath: s.datapaths.n, KindSwitch: s.switches.n, KindSwitchPort: s.ports.n,
		KindBinding: s.bindings.n, KindRouter: s.routers.n, KindRouterPort: s.rports.n, KindRoute: s.routes.n,
		KindNAT: s.nats.n, KindSecurityGroup: s.groups.n, KindSecurityRule: s.rules.n, KindAddressSet: s.sets.n,
		KindLoadBalancer: s.balancers.n, KindPool: s.pools.n, KindMirror: s.mirrors.n, KindMeter: s.meters.n,
		KindTrace: s.traces.n,
	}
	if int(k) >= len(lens) {
		return 0
	}
	return lens[k]
}

// addressKey is the index key of an address that belongs to no switch.
func addressKey(a netip.Addr) UUID { return text(a.String()) }
