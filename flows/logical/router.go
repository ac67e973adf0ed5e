package logical

import "net/netip"

// TTLMode says where a packet's TTL is decremented.
type TTLMode string

// The TTL modes. What each costs in megaflows is in the pipeline's page.
const (
	TTLFull TTLMode = "full" // at every router
	TTLOnce TTLMode = "once" // at the first router
	TTLNone TTLMode = "none"
)

// ECMPMode says by what packets are spread over equal routes.
type ECMPMode string

// The ECMP modes.
const (
	ECMPDefault ECMPMode = ""       // of a route: its router's
	ECMPSource  ECMPMode = "source" // by the source address
	ECMPFlow    ECMPMode = "flow"   // by dp_hash, each flow for itself
)

// Egress says where packets leave for the outside.
type Egress string

// The egress modes.
const (
	EgressEdge        Egress = "edge"
	EgressLocal       Egress = "local"
	EgressLocalOrEdge Egress = "local-else-edge"
)

// Router is a logical router. Without hosts it is distributed; with hosts it is
// an edge router that works on the first of them that lives.
type Router struct {
	ID       ID[Router]
	Name     string
	Datapath ID[Datapath]
	Hosts    []string // names or system-ids, the preferred first
	TTL      TTLMode
	ECMP     ECMPMode
	Egress   Egress
}

// Pinned says whether the router works on chosen hosts only.
func (e *Router) Pinned() bool { return len(e.Hosts) > 0 }

// RouterPort is a port of a logical router. Its name is unique over all routers.
type RouterPort struct {
	ID       ID[RouterPort]
	Router   ID[Router]
	Name     string
	Key      PortKey
	Peer     string // the switch port's name; "" = not connected
	MAC      MAC
	Networks []netip.Prefix // the port's own address with the length of its network, ascending
	MTU      uint16         // 0 = whatever the switches carry
}

// Route is a static route. Several with one prefix are equal-cost routes.
type Route struct {
	ID        ID[Route]
	Router    ID[Router]
	Name      string
	Prefix    netip.Prefix   // masked
	NextHop   netip.Addr     // zero for a blackhole
	OutPort   ID[RouterPort] // zero for a blackhole; the next hop is looked for behind it, never by prefix
	Blackhole bool
	ECMP      ECMPMode
}

// NATKind says which way addresses are translated.
type NATKind string

// The kinds of NAT.
const (
	NATSource      NATKind = "snat"
	NATDestination NATKind = "dnat"
	NATFloating    NATKind = "floating" // one to one, stateless
)

// NAT is a translation at a router.
type NAT struct {
	ID           ID[NAT]
	Router       ID[Router]
	Name         string
	Kind         NATKind
	External     netip.Addr
	ExternalPort PortRange // dnat: the ports forwarded; snat: the ports to choose from; zero = all
	Logical      netip.Prefix
	LogicalPort  uint16 // dnat: the first port behind; 0 = as outside
	Protocol     string // "tcp", "udp", "sctp"; "" = any
	Port         ID[RouterPort]
}

// PortRange is a range of L4 ports, both ends included. The zero value is all.
type PortRange struct{ First, Last uint16 }

// IsZero says whether the range is all ports.
func (r PortRange) IsZero() bool { return r == PortRange{} }
