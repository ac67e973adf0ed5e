package flows

import (
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Need is which ports of a large network a host has to know to compute the rules that
// it would compute of all: those of the switches that it reaches, its own, and all that
// are no guests', for these lead from switch to router and outside.
type Need struct {
	Switches []logical.ID[logical.Switch]     // by UUID
	Ports    []string                         // names of the host's own, sorted
	Parents  []logical.ID[logical.SwitchPort] // of ports that are carried tagged, by UUID
}

// Need follows the last Update. From a network of which only that is known it comes out
// the same, once the host's own ports are known. The slices are only read: Switches is
// the same one as long as the same switches are reached.
func (c *Compiler) Need() Need {
	n := Need{
		Switches: c.view.reach.list(),
		Ports:    slices.Sorted(maps.Keys(c.view.local.Ports)),
	}
	for _, name := range n.Ports {
		if p := c.view.snap.PortByName(name); p != nil {
			n.Parents = append(n.Parents, p.ID)
		}
	}
	slices.SortFunc(n.Parents, logical.ID[logical.SwitchPort].Compare)
	return n
}

// Covers says whether a port has to be known.
func (n Need) Covers(p *logical.SwitchPort) bool {
	switch {
	case p.Kind != logical.PortGuest, slices.Contains(n.Ports, p.Name), slices.Contains(n.Parents, p.Trunk):
		return true
	}
	_, reached := slices.BinarySearchFunc(n.Switches, p.Switch, logical.ID[logical.Switch].Compare)
	return reached
}

// Equal says whether two needs are the same.
func (n Need) Equal(o Need) bool {
	return slices.Equal(n.Switches, o.Switches) && slices.Equal(n.Ports, o.Ports) && slices.Equal(n.Parents, o.Parents)
}
