package logical

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Conflict is a claim of several entities on what one of them can have. The
// network goes on with the winner; the operator has to settle it.
type Conflict struct {
	What   string // "address 10.0.0.2 on switch web", "binding of port vm1"
	Winner Ref
	Losers []Ref // ascending
	Text   string
}

// Conflicts lists what several entities claim, ascending by its words. Its cost
// grows with the network: it is for reports, not for each change.
func (s *Snapshot) Conflicts() []Conflict {
	var all []Conflict
	seen := map[string]bool{}
	for ports := range s.claims.shared() {
		for _, what := range sharedBy(ports) {
			c := s.claimConflict(what, ports)
			if !seen[c.What] {
				seen[c.What] = true
				all = append(all, c)
			}
		}
	}
	for bindings := range s.bindingByPort.shared() {
		all = append(all, s.bindingConflict(bindings))
	}
	for hosts := range s.hostByAddress.shared() {
		all = append(all, s.hostConflicts(hosts)...)
	}
	slices.SortFunc(all, func(a, b Conflict) int { return cmp.Compare(a.What, b.What) })
	return slices.CompactFunc(all, func(a, b Conflict) bool { return a.What == b.What })
}

// sharedBy returns the addresses and MACs that all of some ports claim.
func sharedBy(ports []*SwitchPort) []string {
	count := map[string]int{}
	for _, p := range ports {
		for _, what := range claimed(p) {
			count[what]++
		}
	}
	var shared []string
	for what, n := range count {
		if n == len(ports) {
			shared = append(shared, what)
		}
	}
	slices.Sort(shared)
	return shared
}

// claimed returns what a port claims, each once, as an operator writes it.
func claimed(p *SwitchPort) []string {
	var all []string
	if !p.MAC.IsZero() {
		all = append(all, "MAC "+p.MAC.String())
	}
	for _, m := range p.MoreMACs {
		all = append(all, "MAC "+m.String())
	}
	for _, a := range p.Addresses {
		all = append(all, "address "+a.String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *Snapshot) claimConflict(what string, ports []*SwitchPort) Conflict {
	ports = slices.SortedFunc(slices.Values(ports), func(a, b *SwitchPort) int {
		if older(a, b) {
			return -1
		}
		return 1
	})
	where := ports[0].Switch.String()
	if sw := s.Switch(ports[0].Switch); sw != nil {
		where = sw.Name
	}
	c := Conflict{What: what + " on switch " + where, Winner: ports[0].Ref()}
	var names []string
	for _, p := range ports[1:] {
		c.Losers = append(c.Losers, p.Ref())
		names = append(names, p.Name)
	}
	slices.SortFunc(c.Losers, Ref.Compare)
	c.Text = fmt.Sprintf("%s: %s holds it, claimed by %s too: give one of them another address", c.What, ports[0].Name, strings.Join(names, ", "))
	return c
}

func (s *Snapshot) bindingConflict(bindings []*Binding) Conflict {
	winner := s.Bound(bindings[0].Port)
	name := bindings[0].Port.String()
	if p := s.Port(bindings[0].Port); p != nil {
		name = p.Name
	}
	c := Conflict{What: "binding of port " + name, Winner: winner.Ref()}
	var hosts []string
	for _, b := range bindings {
		if b != winner {
			c.Losers = append(c.Losers, b.Ref())
			hosts = append(hosts, b.Host)
		}
	}
	slices.Sort(hosts)
	c.Text = fmt.Sprintf("%s: it is on host %s, which bound it last, and on %s too: remove the iface-id %s there",
		c.What, winner.Host, strings.Join(hosts, ", "), name)
	return c
}

func (s *Snapshot) hostConflicts(hosts []*Host) []Conflict {
	var all []Conflict
	for _, a := range hosts[0].Addresses {
		var losers []Ref
		var names []string
		winner := s.HostByAddress(a)
		for _, h := range hosts {
			if h != winner && slices.Contains(h.Addresses, a) {
				losers = append(losers, h.Ref())
				names = append(names, h.Name)
			}
		}
		if len(losers) == 0 {
			continue
		}
		what := "tunnel address " + a.String()
		all = append(all, Conflict{What: what, Winner: winner.Ref(), Losers: losers, Text: fmt.Sprintf(
			"%s: host %s registered it last, it stands at %s too: remove the host that is gone (`ch del`) or change its address",
			what, winner.Name, strings.Join(names, ", "))})
	}
	return all
}

// HalfLinks walks the router ports and router-kind switch ports whose peer does
// not name them back: they connect nothing.
func (s *Snapshot) HalfLinks() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for p := range s.Ports() {
			if p.Kind == PortRouter && s.RouterPortOf(p) == nil && !yield(p) {
				return
			}
		}
		for rp := range s.RouterPorts() {
			if rp.Peer != "" && s.SwitchPortOf(rp) == nil && !yield(rp) {
				return
			}
		}
	}
}
