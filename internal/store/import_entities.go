package store

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// drafter makes entities of a document beside the network that is there: what is
// there by that name keeps its id, key and seq; what is new has a fresh id.
type drafter struct {
	was    *logical.Snapshot
	fresh  map[logical.UUID]bool
	seen   map[logical.Ref]bool
	put    []logical.Entity
	faults []error
	// Of the document, by name.
	switches map[string]logical.ID[logical.Switch]
	routers  map[string]logical.ID[logical.Router]
	rports   map[string]logical.ID[logical.RouterPort]
	ports    map[string]logical.ID[logical.SwitchPort]
	groups   map[string]logical.ID[logical.SecurityGroup]
	sets     map[string]logical.ID[logical.AddressSet]
}

// draft is all of a document as entities; the error names every broken reference.
func draft(d *Document, was *logical.Snapshot) (*drafter, error) {
	f := &drafter{
		was: was, fresh: map[logical.UUID]bool{}, seen: map[logical.Ref]bool{},
		switches: map[string]logical.ID[logical.Switch]{}, routers: map[string]logical.ID[logical.Router]{},
		rports: map[string]logical.ID[logical.RouterPort]{}, ports: map[string]logical.ID[logical.SwitchPort]{},
		groups: map[string]logical.ID[logical.SecurityGroup]{}, sets: map[string]logical.ID[logical.AddressSet]{},
	}
	f.names(d)
	for _, x := range d.AddressSets {
		f.add(&logical.AddressSet{ID: f.sets[x.Name], Name: x.Name, Prefixes: sorted(x.Prefixes, netip.Prefix.Compare)})
	}
	for _, x := range d.SecurityGroups {
		f.group(x)
	}
	for _, x := range d.Meters {
		f.add(&logical.Meter{ID: match(f, was.Meters(), func(m *logical.Meter) bool { return m.Name == x.Name }), Name: x.Name, Rate: x.Rate, Burst: x.Burst, Unit: x.Unit})
	}
	for _, x := range d.Switches {
		f.sw(x)
	}
	for _, x := range d.Routers {
		f.router(x)
	}
	for _, x := range d.LoadBalancers {
		f.balancer(x)
	}
	for _, x := range d.Mirrors {
		f.add(&logical.Mirror{
			ID:   match(f, was.Mirrors(), func(m *logical.Mirror) bool { return m.Name == x.Name }),
			Name: x.Name, Port: refer(f, f.ports, logical.KindSwitchPort, x.Port), Switch: refer(f, f.switches, logical.KindSwitch, x.Switch), Target: x.Target,
		})
	}
	if len(f.faults) > 0 {
		return nil, f.faults[0]
	}
	return f, nil
}

// names gives everything that others refer to its id, before anybody does.
func (f *drafter) names(d *Document) {
	for _, x := range d.AddressSets {
		name(f, f.sets, logical.KindAddressSet, x.Name, match(f, f.was.AddressSets(), func(e *logical.AddressSet) bool { return e.Name == x.Name }))
	}
	for _, x := range d.SecurityGroups {
		name(f, f.groups, logical.KindSecurityGroup, x.Name, idOr(f, f.was.SecurityGroupByName(x.Name)))
	}
	for _, x := range d.Switches {
		old := f.was.SwitchByName(x.Name)
		name(f, f.switches, logical.KindSwitch, x.Name, idOr(f, old))
		for _, p := range x.Ports {
			// A port of that name on another switch is another port.
			was := f.was.PortByName(p.Name)
			if was != nil && (old == nil || was.Switch != old.ID) {
				was = nil
			}
			name(f, f.ports, logical.KindSwitchPort, p.Name, idOr(f, was))
		}
	}
	for _, x := range d.Routers {
		old := f.was.RouterByName(x.Name)
		name(f, f.routers, logical.KindRouter, x.Name, idOr(f, old))
		for _, p := range x.Ports {
			was := f.was.RouterPortByName(p.Name)
			if was != nil && (old == nil || was.Router != old.ID) {
				was = nil
			}
			name(f, f.rports, logical.KindRouterPort, p.Name, idOr(f, was))
		}
	}
}

func (f *drafter) add(e logical.Entity) {
	if f.seen[e.Ref()] {
		f.fault("%s %s stands twice in the document", e.Ref().Kind, logical.Name(e))
	}
	f.seen[e.Ref()] = true
	f.put = append(f.put, e)
}

func (f *drafter) fault(format string, args ...any) {
	f.faults = append(f.faults, &InvalidError{fmt.Errorf(format, args...)})
}

// name notes an id; a name that stands twice is a fault.
func name[E any](f *drafter, ids map[string]logical.ID[E], k logical.Kind, n string, id logical.ID[E]) {
	if _, twice := ids[n]; twice {
		f.fault("%s %s stands twice in the document", k, n)
	}
	ids[n] = id
}

// refer is the id that a name in the document stands for.
func refer[E any](f *drafter, ids map[string]logical.ID[E], k logical.Kind, n string) logical.ID[E] {
	id, known := ids[n]
	if n != "" && !known {
		f.fault("the document names %s %s, and has none", k, n)
	}
	return id
}

// newID is one that no row has; the store replaces it.
func newID[E any](f *drafter) logical.ID[E] {
	u := logical.UUID{0: 0xff}
	binary.BigEndian.PutUint64(u[8:], uint64(len(f.fresh)+1))
	f.fresh[u] = true
	return logical.ID[E](u)
}

func idOr[E any, P interface {
	*E
	logical.Entity
}](f *drafter, old P) logical.ID[E] {
	if old == nil {
		return newID[E](f)
	}
	return logical.ID[E](old.Ref().UUID)
}

func match[E any, P interface {
	*E
	logical.Entity
}](f *drafter, all func(func(P) bool), same func(P) bool) logical.ID[E] {
	for e := range all {
		if same(e) {
			return logical.ID[E](e.Ref().UUID)
		}
	}
	return newID[E](f)
}

// sorted is a list as rows have it: in order, nil when empty.
func sorted[T any](all []T, compare func(a, b T) int) []T {
	if len(all) == 0 {
		return nil
	}
	all = slices.Clone(all)
	slices.SortFunc(all, compare)
	return all
}

func (f *drafter) group(x groupDoc) {
	g := &logical.SecurityGroup{ID: f.groups[x.Name], Name: x.Name}
	f.add(g)
	was := map[string][]logical.ID[logical.SecurityRule]{}
	for r := range f.was.RulesOf(g.ID) {
		key := exportRule(f.was, r).key()
		was[key] = append(was[key], r.ID)
	}
	for _, r := range x.Rules {
		id := newID[logical.SecurityRule](f)
		if same := was[r.key()]; len(same) > 0 {
			id, was[r.key()] = same[0], same[1:]
		}
		rule := &logical.SecurityRule{
			ID: id, Group: g.ID, Direction: r.Direction, Priority: r.Priority, Family: r.Family, Protocol: r.Protocol, RemotePrefix: r.RemotePrefix,
			RemoteGroup: refer(f, f.groups, logical.KindSecurityGroup, r.RemoteGroup), RemoteSet: refer(f, f.sets, logical.KindAddressSet, r.RemoteSet),
			Action: r.Action, Log: r.Log,
		}
		for _, text := range r.Ports {
			p, err := parsePorts(text)
			if err != nil {
				f.fault("security group %s: %v", x.Name, err)
			}
			rule.Ports = append(rule.Ports, p)
		}
		rule.Ports = sorted(rule.Ports, comparePorts)
		f.add(rule)
	}
}

func (f *drafter) balancer(x balancerDoc) {
	b := &logical.LoadBalancer{
		ID:   match(f, f.was.LoadBalancers(), func(e *logical.LoadBalancer) bool { return e.Name == x.Name }),
		Name: x.Name, Router: refer(f, f.routers, logical.KindRouter, x.Router), Switch: refer(f, f.switches, logical.KindSwitch, x.Switch),
		Address: x.Address, Port: x.Port, Protocol: x.Protocol, Hash: x.Hash,
	}
	for _, e := range x.Backends {
		b.Backends = append(b.Backends, logical.Backend(e))
	}
	b.Backends = sorted(b.Backends, func(a, c logical.Backend) int {
		return cmp.Or(a.Address.Compare(c.Address), cmp.Compare(a.Port, c.Port))
	})
	if h := x.Health; h != nil {
		every, err := time.ParseDuration(h.Interval)
		if err != nil {
			f.fault("load balancer %s: interval %q: write 5s or 500ms", x.Name, h.Interval)
		}
		b.Health = logical.HealthCheck{Kind: h.Kind, Path: h.Path, Interval: every, Failures: h.Failures}
	}
	f.add(b)
}
