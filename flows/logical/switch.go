package logical

import (
	"net/netip"
	"slices"
)

// DatapathKind says what has a datapath.
type DatapathKind string

// The kinds of datapath.
const (
	DatapathSwitch DatapathKind = "switch"
	DatapathRouter DatapathKind = "router"
)

// Datapath holds the numbers of a switch or router. They never change; a key is
// handed out again only when no host can have flows of its former owner.
type Datapath struct {
	ID   ID[Datapath]
	Key  DatapathKey
	Kind DatapathKind
	Zone Zone
}

// SwitchKind says what carries a switch from host to host.
type SwitchKind string

// The kinds of switch.
const (
	SwitchOverlay SwitchKind = "overlay" // tunnels
	SwitchVLAN    SwitchKind = "vlan"    // a VLAN of a physical network
)

// FloodPolicy says what becomes of packets for all and for unknown receivers.
type FloodPolicy string

// The flood policies.
const (
	FloodNone FloodPolicy = "none" // dropped; ARP, ND and DHCP are answered at the asking port
	FloodAll  FloodPolicy = "all"  // one copy to each host that has a port of the switch
)

// Switch is a logical switch.
type Switch struct {
	ID       ID[Switch]
	Name     string
	Datapath ID[Datapath]
	Kind     SwitchKind
	Network  string // the physical network of a VLAN switch
	VLAN     uint16 // its tag, 1 to 4094; 0 = untagged
	Subnets  []netip.Prefix
	Flood    FloodPolicy
	DHCP     DHCP
	DNS      []DNSRecord // ascending by name
}

// DHCP is what the switch's ports are told. The zero value tells nothing: no answer.
type DHCP struct {
	Enabled bool
	Router  netip.Addr // default: the router port on the switch
	DNS     []netip.Addr
	Domain  string
	MTU     uint16
	Lease   uint32 // seconds; 0 = 3600
	Other   []DHCPOption
}

// DHCPOption is an option by its number, in network byte order.
type DHCPOption struct {
	Code  uint8
	Value string // hexadecimal
}

// DNSRecord is a name that the switch's ports can ask for.
type DNSRecord struct {
	Name      string
	Addresses []netip.Addr
}

// PortKind says what is behind a switch port.
type PortKind string

// The kinds of switch port.
const (
	PortGuest    PortKind = "guest"    // an interface whose iface-id is the port's name
	PortRouter   PortKind = "router"   // a router port, its peer
	PortOutside  PortKind = "outside"  // a patch to a physical bridge of one host
	PortLocalnet PortKind = "localnet" // the physical network, on every host that reaches it
	PortUnknown  PortKind = "unknown"  // an interface that sends and takes any address
)

// SwitchPort is a port of a logical switch. Its name is unique over all switches:
// it is the iface-id of the interface behind it.
type SwitchPort struct {
	ID        ID[SwitchPort]
	Switch    ID[Switch]
	Name      string
	Key       PortKey
	Kind      PortKind
	MAC       MAC          // the one that ARP and ND tell; zero for outside, localnet and unknown
	MoreMACs  []MAC        // further ones it may send from, ascending
	Addresses []netip.Addr // ascending; none for outside, localnet and unknown
	Peer      string       // the router port's name, kind router
	Host      string       // the host of an outside port: name or system-id
	Bridge    string       // the bridge of an outside port
	Network   string       // the physical network of a localnet port; "" = the switch's
	Security  bool         // only its own addresses may send
	Groups    []ID[SecurityGroup]
	Trunk     ID[SwitchPort] // the port that carries this one tagged; zero = none
	Tag       uint16         // its VLAN there, 1 to 4094
	Rate      Rate
	Sampling  uint32 // IPFIX: one packet in so many; 0 = none
	Seq       uint64 // of two ports with one address the least holds it
}

// HasMAC says whether the port may send from m.
func (e *SwitchPort) HasMAC(m MAC) bool { return e.MAC == m || slices.Contains(e.MoreMACs, m) }

// Rate limits what a port sends and gets. 0 = unlimited.
type Rate struct {
	FromPort, ToPort uint32 // kbit/s
	Burst            uint32 // kbit; 0 = a tenth of a second's worth
}

// Address is the claim of one switch port on one address of its switch: an
// IP address or a MAC. The store keeps one row for each pair of switch and
// address, so that the second writer is refused. It is no part of a Snapshot,
// where the ports themselves say what they claim.
type Address struct {
	ID      ID[Address]
	Switch  ID[Switch]
	Address string // canonical text of an IP address or MAC
	Port    ID[SwitchPort]
	Host    string // the host that claimed it, where a host did
	Seq     uint64
}
