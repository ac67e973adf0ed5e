package monitor

import "slices"

// DropScope says of what a drop is counted.
type DropScope string

// The scopes.
const (
	DropPort    DropScope = "port"    // of one interface
	DropProcess DropScope = "process" // of the whole of ovs-vswitchd
)

// Direction is OVS's view of a port: rx comes into the switch.
type Direction string

// The directions; a process drop has none.
const (
	Rx Direction = "rx"
	Tx Direction = "tx"
)

// DropCause is one leaf of ovs_drops_total: a reason for which a packet ends,
// that no other cause contains.
type DropCause struct {
	Scope     DropScope
	Cause     string    // the label, unique with scope and direction
	Direction Direction // "" for the process
	// Counter is OVS's own name: a coverage counter, or a key of
	// Interface.statistics.
	Counter string
	// Where is the upstream file that counts it.
	Where string
	// Means, Look and Do are for the operator: what happened to the packet, what
	// tells more, what helps. Sentences.
	Means, Look, Do string
	// Unproved says why no test drops packets by this cause; empty = one does.
	Unproved string
}

// DropCauses returns every cause that ovs_drops_total can show, ports first, in
// the order of the documented page. The caller owns the slice.
func DropCauses() []DropCause {
	return slices.Concat(portCauses(), processCauses(), actionCauses(), tunnelActionCauses())
}

// Drop is one leaf with its packets.
type Drop struct {
	Scope             DropScope
	Cause             string
	Bridge, Interface string // of a port
	Direction         Direction
	Packets           uint64
}
