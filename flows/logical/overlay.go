// Package logical holds the logical network's model: plain immutable values
// that know neither OVSDB nor OpenFlow.
package logical

import (
	"net/netip"
	"time"
)

// Overlay is a host's own part in the logical network: the profile's overlay section.
type Overlay struct {
	Bridge      string     // carries the tunnel address; "" = the underlay is somebody else's
	Integration string     // default br-int
	Address     netip.Addr // tunnel endpoint
	Role        string     // "node" or "edge"
	Mode        string     // "full" or "on-demand"
	Redirect    bool
	Provider    []ProviderNetwork
	UDPPort     uint16
	OptionClass uint16 // Geneve option class, RFC 8926
	Csum        bool
	BFD         BFD
}

// ProviderNetwork says which bridge reaches a physical network.
type ProviderNetwork struct{ Network, Bridge string }

// BFD holds the timers of tunnel supervision.
type BFD struct {
	MinRx, MinTx time.Duration
	Multiplier   int
}
