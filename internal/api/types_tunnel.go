package api

import "time"

// Tunnel is this host's way to another host of the logical network.
type Tunnel struct {
	Host    string `json:"host"`
	Address string `json:"address"` // its tunnel address
	Port    string `json:"port"`    // of the integration bridge that it is reached by; "" = none
	// BFD is the state of the session that watches it; "" = nothing watches it.
	BFD string `json:"bfd,omitempty"`
	// Device, Gateway and Source are the route of tunnel packets to it; empty without
	// a route, and Gateway where it is on link.
	Device  string `json:"device,omitempty"`
	Gateway string `json:"gateway,omitempty"`
	Source  string `json:"source,omitempty"`
	// Neighbour is the MAC that tunnel packets are sent to; "" = not known.
	Neighbour string `json:"neighbour,omitempty"`
	MTU       int    `json:"mtu,omitempty"` // of Device; 0 = not known
	// Packets and Bytes are what the tunnel's flows to it counted; nil = not known.
	Packets *uint64 `json:"packets,omitempty"`
	Bytes   *uint64 `json:"bytes,omitempty"`
	// LastSeen and Generation are what it told the store last.
	LastSeen   time.Time `json:"lastSeen,omitzero"`
	Generation uint64    `json:"generation"`
	// Reasons are why it is not reached, the gravest first; none where nothing is
	// known to be wrong.
	Reasons []Reason `json:"reasons"`
	// Unknown is what could not be looked at, and why.
	Unknown []string `json:"unknown,omitempty"`
}
