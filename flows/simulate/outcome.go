package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where packets enter and leave the network: an interface of a host.
type Place struct {
	Host string // its name
	// Port is the iface-id of an interface (of a guest, of a trunk), the name of an
	// outside port, or Fabric of a physical network.
	Port string
}

// Fabric is the Port of a Place where a host meets a physical network.
func Fabric(network string) string { return "fabric:" + network }

// String writes port@host.
func (p Place) String() string { return p.Port + "@" + p.Host }

// Delivery is a packet that comes out.
type Delivery struct {
	Place
	Packet Packet
}

// String writes where and what in one line.
func (d Delivery) String() string { return d.Place.String() + " " + d.Packet.String() }

// Verdict is what becomes of a packet.
type Verdict string

// The verdicts.
const (
	Dropped   Verdict = "dropped"
	Delivered Verdict = "delivered" // it comes out somewhere
	Answered  Verdict = "answered"  // its answer comes out somewhere
	Punted    Verdict = "punted"    // the daemon of the host where it was gets it
)

// Punt is what the daemon is to do with a packet.
type Punt string

// The punts.
const (
	PuntDHCP        Punt = "DHCP"
	PuntDHCPv6      Punt = "DHCPv6"
	PuntRouter      Punt = "router advertisement"
	PuntDNS         Punt = "DNS"
	PuntTTLExceeded Punt = "TTL exceeded"
	PuntTooBig      Punt = "packet too big"
	PuntDuplicate   Punt = "duplicate address detection"
)

// Outcome is what must happen to a packet.
type Outcome struct {
	Verdict Verdict
	Out     []Delivery // Delivered and Answered: ascending by place
	Punt    Punt       // Punted
	Host    string     // Punted: whose daemon; Dropped: where
	Reason  string     // Dropped: why, in words
	Loop    bool       // Dropped: as it would go in circles; Punted as too old: it would have
	Expired bool       // Dropped: its TTL is used up too, and a router may say so instead
	Trail   []string   // each step on the way, "host: what happened"
}

// String writes the outcome without its trail, a line for each delivery.
func (o Outcome) String() string {
	switch o.Verdict {
	case Dropped:
		return fmt.Sprintf("dropped on %s: %s", o.Host, o.Reason)
	case Punted:
		return fmt.Sprintf("punted on %s: %s", o.Host, o.Punt)
	case Delivered, Answered:
	}
	var b strings.Builder
	for i, d := range o.Out {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s %s", o.Verdict, d)
	}
	return b.String()
}

// Sort puts deliveries into the order of an Outcome.
func Sort(out []Delivery) {
	slices.SortFunc(out, func(a, b Delivery) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Packet.String(), b.Packet.String()))
	})
}
