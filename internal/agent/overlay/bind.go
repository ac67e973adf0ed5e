package overlay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// portIDs are switch ports.
type portIDs []logical.ID[logical.SwitchPort]

// bindings are the ports that a host should bind and unbind where its interfaces
// stand for some: those, and what they carry tagged. A port that another host has
// bound since is not taken back, or the two would do so for ever: only one that
// appeared here is. Its cost follows the ports here, not all.
func bindings(s *logical.Snapshot, host string, ports map[string]openflow.Port, appeared func(name string) bool) (bind, unbind portIDs) {
	here := map[logical.ID[logical.SwitchPort]]bool{}
	want := func(p *logical.SwitchPort, anew bool) {
		here[p.ID] = true
		if b := s.Bound(p.ID); b != nil && b.Host == host || !anew && bindingOn(s, p.ID, host) != nil {
			return
		}
		bind = append(bind, p.ID)
	}
	for name := range ports {
		p := s.PortByName(name)
		if p == nil || !p.Trunk.IsZero() {
			continue
		}
		anew := appeared(name)
		want(p, anew)
		for child := range s.PortsOver(p.ID) {
			want(child, anew)
		}
	}
	for b := range s.BindingsOn(host) {
		if !here[b.Port] && s.Port(b.Port) != nil {
			unbind = append(unbind, b.Port)
		}
	}
	slices.SortFunc(bind, logical.ID[logical.SwitchPort].Compare)
	slices.SortFunc(unbind, logical.ID[logical.SwitchPort].Compare)
	return bind, unbind
}

func bindingOn(s *logical.Snapshot, p logical.ID[logical.SwitchPort], host string) *logical.Binding {
	for b := range s.BindingsOf(p) {
		if b.Host == host {
			return b
		}
	}
	return nil
}

// twice tells of the ports that another host has, too.
func twice(s *logical.Snapshot, host string) []string {
	var texts []string
	for b := range s.BindingsOn(host) {
		p := s.Port(b.Port)
		if p == nil || !p.Trunk.IsZero() {
			continue
		}
		var others []string
		for o := range s.BindingsOf(b.Port) {
			if o.Host != host {
				others = append(others, o.Host)
			}
		}
		if len(others) == 0 {
			continue
		}
		slices.Sort(others)
		where := "works here"
		if w := s.Bound(b.Port); w.Host != host {
			where = "works on " + w.Host
		}
		texts = append(texts, fmt.Sprintf("switch port %s has an interface here and on %s, and %s: take external_ids:iface-id from the others", p.Name, strings.Join(others, ", "), where))
	}
	slices.Sort(texts)
	return texts
}
