package logical

import (
	"net/netip"
	"time"
)

// HostRole says what a host does for others.
type HostRole string

// The roles of a host.
const (
	RoleNode HostRole = "node"
	RoleEdge HostRole = "edge" // connects to the outside; all watch its tunnel by BFD
)

// HostMode says which flows a host computes.
type HostMode string

// The modes of a host.
const (
	ModeFull     HostMode = "full"      // for all that its ports can reach
	ModeOnDemand HostMode = "on-demand" // for what its ports did reach
)

// Host is a machine whose switch takes part: a chassis.
type Host struct {
	ID        ID[Host]
	Name      string // the profile's; the certificate's CN in a fleet with roles
	SystemID  string // external_ids:system-id of its OVS, as found
	Index     HostIndex
	Addresses []netip.Addr // tunnel endpoints, ascending
	Role      HostRole
	Mode      HostMode
	Provider  []string // physical networks it reaches, ascending
	Drained   bool     // others no longer choose it as an edge; it goes on forwarding what reaches it
}

// HostStatus is what a host says of itself every now and then. It is no part of a
// Snapshot: hosts do not watch each other's heartbeats.
type HostStatus struct {
	Host       string // name
	LastSeen   time.Time
	Generation uint64 // the Snapshot's whose flows are in its switch
}

// Binding says where a switch port is: its iface-id appeared on that host.
// Of two bindings of one port the one with the greater Seq holds.
type Binding struct {
	ID   ID[Binding]
	Port ID[SwitchPort]
	Host string // name; a string because roles authorise by it
	Seq  uint64
}
