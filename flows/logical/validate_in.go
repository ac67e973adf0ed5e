package logical

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// DuplicateError says that somebody else already has what an object asks for.
type DuplicateError struct {
	What  string // "address 10.0.0.2 on switch web", "the name"
	Owner string // who has it: its name, or "another switch"
}

// Error says what is taken, by whom, and what to do.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%s is taken by %s: choose another, or delete that first", e.What, e.Owner)
}

// MissingError says that an object names another that is not there.
type MissingError struct {
	Kind Kind
	Name string // as it was asked for
	In   string // the switch or router that was to have it; "" for any
}

// Error says what is missing.
func (e *MissingError) Error() string { return fmt.Sprintf("there is no %s %s", e.Kind, e.Name) }

// ValidateIn says what is wrong with an entity beside the others of a snapshot:
// names that are taken (*DuplicateError), addresses and MACs that are held
// (*DuplicateError), references into nothing (*MissingError). The former state of
// the entity itself is no rival. It is what Validate does not look at, and what
// rows of an earlier release may still have: those are left out for what Validate says.
func (s *Snapshot) ValidateIn(v Entity) error {
	switch v := v.(type) {
	case *Host:
		return about("host", v.Name, taken(v, theName, s.HostByName(v.Name)))
	case *Switch:
		return about("switch", v.Name, taken(v, theName, s.SwitchByName(v.Name)))
	case *SwitchPort:
		return s.validatePort(v)
	case *Binding:
		return about("binding", v.Host, missing(s.Port(v.Port), KindSwitchPort, v.Port.String()))
	case *Router:
		return about("router", v.Name, taken(v, theName, s.RouterByName(v.Name)))
	case *RouterPort:
		faults := []error{
			taken(v, theName, s.RouterPortByName(v.Name)), missing(s.Router(v.Router), KindRouter, v.Router.String()), s.rivalLink(v),
		}
		for _, n := range v.Networks {
			faults = append(faults, free(n, n.Addr()))
		}
		return about("router port", v.Name, faults...)
	case *Route:
		return s.validateRoute(v)
	case *NAT:
		return about("NAT", v.Name, missing(s.Router(v.Router), KindRouter, v.Router.String()), s.rivalNAT(v))
	case *SecurityGroup:
		return about("security group", v.Name, taken(v, theName, s.SecurityGroupByName(v.Name)))
	case *SecurityRule:
		return about("security rule", v.ID.String(), missing(s.SecurityGroup(v.Group), KindSecurityGroup, v.Group.String()),
			given(v.RemoteGroup, s.SecurityGroup, KindSecurityGroup), given(v.RemoteSet, s.AddressSet, KindAddressSet))
	case *LoadBalancer:
		return about("load balancer", v.Name, given(v.Router, s.Router, KindRouter), given(v.Switch, s.Switch, KindSwitch))
	case *Pool:
		return about("pool", v.Name, missing(s.Switch(v.Switch), KindSwitch, v.Switch.String()))
	case *Mirror:
		return about("mirror", v.Name, given(v.Port, s.Port, KindSwitchPort), given(v.Switch, s.Switch, KindSwitch))
	}
	return nil
}

// theName is what is taken when two have one name.
const theName = "the name"

// taken is a *DuplicateError when what v asks for is another's.
func taken[E any](v Entity, what string, owner *E) error {
	if owner == nil || any(owner).(Entity).Ref() == v.Ref() {
		return nil
	}
	o := any(owner).(Entity)
	if what == theName {
		return &DuplicateError{What: what, Owner: "another " + o.Ref().Kind.String()}
	}
	return &DuplicateError{What: what, Owner: Name(o)}
}

func missing[E any](found *E, k Kind, name string) error {
	if found != nil {
		return nil
	}
	return &MissingError{Kind: k, Name: name}
}

// given is missing for a reference that may be left out.
func given[E any](id ID[E], find func(ID[E]) *E, k Kind) error {
	if id.IsZero() {
		return nil
	}
	return missing(find(id), k, id.String())
}

func (s *Snapshot) validatePort(p *SwitchPort) error {
	sw := s.Switch(p.Switch)
	faults := []error{missing(sw, KindSwitch, p.Switch.String()), s.takenPort(p)}
	where := ""
	if sw != nil {
		where = " on switch " + sw.Name
	}
	if sw != nil {
		faults = append(faults, needs(p.Kind == PortLocalnet && sw.Kind == SwitchOverlay && p.Network == "",
			"a localnet port of an overlay switch needs its physical network: --network PHYSNET"))
		for _, a := range p.Addresses {
			for _, n := range sw.Subnets {
				faults = append(faults, free(n, a))
			}
		}
	}
	for _, a := range p.Addresses {
		faults = append(faults, taken(p, "address "+a.String()+where, s.rival(p, claim(p.Switch, a.AsSlice()))))
	}
	for _, m := range append([]MAC{p.MAC}, p.MoreMACs...) {
		if !m.IsZero() {
			faults = append(faults, taken(p, "MAC "+m.String()+where, s.rival(p, claim(p.Switch, m[:]))))
		}
	}
	for _, g := range p.Groups {
		faults = append(faults, missing(s.SecurityGroup(g), KindSecurityGroup, g.String()))
	}
	faults = append(faults, s.validateTrunk(p))
	return about("port", p.Name, join(faults...))
}

// takenPort is taken for a port's name, and says which switch has it.
func (s *Snapshot) takenPort(p *SwitchPort) error {
	other := s.PortByName(p.Name)
	err := taken(p, theName, other)
	if duplicate, ok := errors.AsType[*DuplicateError](err); ok {
		if sw := s.Switch(other.Switch); sw != nil {
			duplicate.Owner = "a port of switch " + sw.Name
		}
	}
	return err
}

// rival is any other port that has a claim.
func (s *Snapshot) rival(p *SwitchPort, key UUID) *SwitchPort {
	for other := range s.claims.of(key) {
		if other.ID != p.ID {
			return other
		}
	}
	return nil
}

func (s *Snapshot) validateTrunk(p *SwitchPort) error {
	if p.Trunk.IsZero() {
		return nil
	}
	parent := s.Port(p.Trunk)
	if parent == nil {
		return missing(parent, KindSwitchPort, p.Trunk.String())
	}
	if !parent.Trunk.IsZero() {
		return fmt.Errorf("trunk %s is itself carried by a trunk", parent.Name)
	}
	for other := range s.PortsOver(p.Trunk) {
		if other.ID != p.ID && other.Tag == p.Tag {
			return &DuplicateError{What: fmt.Sprintf("tag %d of trunk %s", p.Tag, parent.Name), Owner: other.Name}
		}
	}
	return nil
}

// rivalLink finds another router port that leads to the same switch port.
func (s *Snapshot) rivalLink(rp *RouterPort) error {
	if rp.Peer == "" {
		return nil
	}
	p := s.PortByName(rp.Peer)
	if p == nil || p.Peer == "" || p.Peer == rp.Name {
		return nil
	}
	return &DuplicateError{What: "port " + p.Name, Owner: p.Peer}
}

func (s *Snapshot) validateRoute(r *Route) error {
	faults := []error{missing(s.Router(r.Router), KindRouter, r.Router.String())}
	for other := range s.RoutesOf(r.Router) {
		if other.ID == r.ID {
			continue
		}
		if other.Name == r.Name {
			faults = append(faults, &DuplicateError{What: theName, Owner: "another route of the router"})
		}
		if other.Prefix == r.Prefix && other.NextHop == r.NextHop && other.OutPort == r.OutPort && other.Blackhole == r.Blackhole {
			faults = append(faults, &DuplicateError{What: "this very route", Owner: other.Name})
		}
	}
	if !r.OutPort.IsZero() {
		out := s.RouterPort(r.OutPort)
		faults = append(faults, missing(out, KindRouterPort, r.OutPort.String()))
		if out != nil {
			faults = append(faults, needs(out.Router != r.Router, "port %s is another router's", out.Name),
				needs(slices.ContainsFunc(out.Networks, func(n netip.Prefix) bool { return n.Addr() == r.NextHop }), "next hop %s is the router's own address", r.NextHop))
		}
	}
	return about("route", r.Name, faults...)
}

func (s *Snapshot) rivalNAT(n *NAT) error {
	for other := range s.NATsOf(n.Router) {
		if other.ID != n.ID && other.Name == n.Name {
			return &DuplicateError{What: theName, Owner: "another NAT of the router"}
		}
	}
	return nil
}
