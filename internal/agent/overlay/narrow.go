package overlay

import (
	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// narrowing asks the store for just those ports of a large network that this host has
// to know. Once it did, it goes on so: how large the network is is not known then.
type narrowing struct {
	above int // ports that a network may have of which all are read; 0 = any number
	on    bool
	asked flows.Need
}

// follow asks anew when the host needs others than before. It comes after the ports of
// this host were told to the store: one that left is not seen any more afterwards.
func (n *narrowing) follow(s *logical.Snapshot, need flows.Need, ask func(*store.Reach)) {
	if n.above == 0 || !n.on && s.Len(logical.KindSwitchPort) <= n.above || n.on && n.asked.Equal(need) {
		return
	}
	ask(&store.Reach{Switches: need.Switches, Ports: need.Ports, Parents: need.Parents})
	n.on, n.asked = true, need
}
