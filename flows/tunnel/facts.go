// Package tunnel says in words why a host does not reach another one through the
// tunnel between them. It is pure: what the switch, the store and the bridge tell is
// given to it.
package tunnel

import (
	"net/netip"
	"time"
)

// Known says which facts could be looked at; the others are not judged.
type Known struct {
	Option, Routes, Neighbours, Listeners, Counters, Heartbeats bool
}

// Facts are what is known of this host's way to another one.
type Facts struct {
	Known Known

	// Laid is why this host's flows are not in its switch; "" = they are.
	Laid       string
	Self       string     // this host's name
	Registered bool       // this host is in the store
	Bridge     string     // the integration bridge
	Address    netip.Addr // of this host's end
	UDPPort    uint16     // tunnels' destination
	Port       Port       // of the integration bridge that leads to the peer
	Option     Option     // what the bridge has where the tunnel option should be
	Want       Option     // what it should have
	Listens    bool       // the switch takes packets for Address and UDPPort off the wire
	GuestMTU   int        // the largest of the guests here, in bytes; 0 = not known

	Peer Peer
	// Route is how packets to the peer would go; nil = there is no route.
	Route *Route
	// Neighbour is the MAC of the next hop; "" = not known.
	Neighbour string
	// BFD is the session on Port; nil = nothing watches it.
	BFD *BFD
	// Sent and Received are packets to and from the peer, Idle how long ago the last
	// was sent where any was.
	Sent, Received uint64
	Idle           time.Duration
	// Generation is the store's, Aged how long it has been so.
	Generation uint64
	Aged       time.Duration

	// Heard is how long ago the last packet came from the peer where any came.
	Heard time.Duration
	// Lately is what the two counted in the last while; the zero value = not known.
	Lately Lately
	// NICs are the ports of Route's device that lead out of the host.
	NICs []NIC
}

// Lately is what was counted between two looks, Over apart.
type Lately struct {
	Sent, Received uint64
	Over           time.Duration
}

// NIC is a port of the bridge that carries the tunnels.
type NIC struct {
	Name string
	Link bool
}

// Port is a tunnel port of the integration bridge.
type Port struct {
	Name  string
	There bool   // its row is there, and its interface has a number
	Error string // what Open vSwitch refused it with
}

// Option is an entry of a bridge's table of tunnel options; the zero value is none.
type Option struct {
	Class  uint16
	Type   uint8
	Length uint8
}

// Peer is the other host as the store knows it.
type Peer struct {
	Name string
	// Address is its end of the tunnel; the zero Addr where it has none of the family
	// of this host's.
	Address netip.Addr
	// Holder is the host that has the address in fact; "" = this one.
	Holder string
	// Told is whether it ever told that it lives, Silence how long ago it did last.
	Told       bool
	Silence    time.Duration
	Generation uint64 // whose flows it said are in
}

// Route is how the switch sends tunnel packets.
type Route struct {
	Device  string
	Bridge  bool       // Device is a bridge of the switch's userspace datapath
	Gateway netip.Addr // the zero Addr = on link
	MTU     int        // of what Device is made of, in bytes; 0 = not known
}

// BFD is a session.
type BFD struct {
	State, Diagnostic, RemoteState, RemoteDiagnostic string
}

// Reason is why the peer is not reached, and what to do about it.
type Reason struct{ What, Fix string }
