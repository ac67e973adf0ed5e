package logical

import (
	"cmp"
	"iter"
	"net/netip"
)

// older is the winner's rule for addresses and names: the least Seq, then the
// least UUID. Every host comes to the same result.
func older(a, b *SwitchPort) bool {
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), a.ID.Compare(b.ID)) < 0
}

// newer is the winner's rule for bindings: the greatest Seq, then the greatest
// UUID.
func newer(a, b *Binding) bool {
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), a.ID.Compare(b.ID)) > 0
}

// PortByAddress returns the port that holds an address on a switch.
func (s *Snapshot) PortByAddress(sw ID[Switch], a netip.Addr) *SwitchPort {
	return s.claims.first(claim(sw, a.AsSlice()), older)
}

// PortByMAC returns the port that holds a MAC on a switch.
func (s *Snapshot) PortByMAC(sw ID[Switch], m MAC) *SwitchPort {
	return s.claims.first(claim(sw, m[:]), older)
}

// Holds says whether a port holds an address that it claims: no older port of its
// switch claims it too.
func (s *Snapshot) Holds(p *SwitchPort, a netip.Addr) bool {
	return s.PortByAddress(p.Switch, a) == p
}

// HoldsMAC says the same of a MAC.
func (s *Snapshot) HoldsMAC(p *SwitchPort, m MAC) bool { return s.PortByMAC(p.Switch, m) == p }

// Bound returns the binding of a port that holds, nil while it is nowhere.
func (s *Snapshot) Bound(p ID[SwitchPort]) *Binding { return s.bindingByPort.first(UUID(p), newer) }

// BindingsOf walks all bindings of a port.
func (s *Snapshot) BindingsOf(p ID[SwitchPort]) iter.Seq[*Binding] {
	return s.bindingByPort.of(UUID(p))
}

// BindingsOn walks all bindings of a host by its name, those that lost too.
func (s *Snapshot) BindingsOn(host string) iter.Seq[*Binding] { return s.bindingByHost.of(text(host)) }

// HostOf returns the host where a port is: of its binding, or the one that an
// outside port names. It is nil while the port is nowhere or that host unknown.
func (s *Snapshot) HostOf(p *SwitchPort) *Host {
	if p.Kind == PortOutside {
		return s.HostByName(p.Host)
	}
	if !p.Trunk.IsZero() {
		// It is where the port is that carries it. A trunk is not carried itself.
		if b := s.Bound(p.Trunk); b != nil {
			return s.HostByName(b.Host)
		}
		return nil
	}
	if b := s.Bound(p.ID); b != nil {
		return s.HostByName(b.Host)
	}
	return nil
}

// claimsOf walks the index keys of all that a port claims on its switch.
func claimsOf(p *SwitchPort) iter.Seq[UUID] {
	return func(yield func(UUID) bool) {
		if !p.MAC.IsZero() && !yield(claim(p.Switch, p.MAC[:])) {
			return
		}
		for _, m := range p.MoreMACs {
			if !yield(claim(p.Switch, m[:])) {
				return
			}
		}
		for _, a := range p.Addresses {
			if !yield(claim(p.Switch, a.AsSlice())) {
				return
			}
		}
	}
}
