package logical

import (
	"net/netip"
	"time"
)

// Direction says which way a rule looks, seen from the port.
type Direction string

// The directions.
const (
	ToPort   Direction = "ingress"
	FromPort Direction = "egress"
)

// Family is an address family.
type Family string

// The families; the empty one is both.
const (
	FamilyAny  Family = ""
	FamilyIPv4 Family = "ipv4"
	FamilyIPv6 Family = "ipv6"
)

// RuleAction is what a rule does with a new connection or a packet.
type RuleAction string

// The actions.
const (
	ActionAllow          RuleAction = "allow" // with its replies
	ActionAllowStateless RuleAction = "allow-stateless"
	ActionDrop           RuleAction = "drop"
	ActionReject         RuleAction = "reject"
)

// SecurityGroup is a set of ports that one set of rules holds for.
type SecurityGroup struct {
	ID   ID[SecurityGroup]
	Name string
}

// SecurityRule is a rule of a security group.
type SecurityRule struct {
	ID           ID[SecurityRule]
	Group        ID[SecurityGroup]
	Direction    Direction
	Priority     uint16 // the greater first
	Family       Family
	Protocol     string // "tcp", "udp", "sctp", "icmp", "icmp6" or a number; "" = any
	Ports        []PortRange
	RemotePrefix netip.Prefix // at most one of the three remotes is given; none = anybody
	RemoteGroup  ID[SecurityGroup]
	RemoteSet    ID[AddressSet]
	Action       RuleAction
	Log          bool
}

// AddressSet is a set of prefixes that rules share.
type AddressSet struct {
	ID       ID[AddressSet]
	Name     string
	Prefixes []netip.Prefix // ascending
}

// LoadBalancer spreads what comes for a virtual address over backends. It belongs
// to a router or to a switch.
type LoadBalancer struct {
	ID       ID[LoadBalancer]
	Name     string
	Router   ID[Router]
	Switch   ID[Switch]
	Address  netip.Addr
	Port     uint16 // 0 = all
	Protocol string // "tcp", "udp", "sctp"; "" = any
	Backends []Backend
	Hash     ECMPMode
	Health   HealthCheck
}

// Backend is one receiver of a load balancer.
type Backend struct {
	Address netip.Addr
	Port    uint16
	Weight  uint16 // 0 = gets nothing new
}

// HealthCheck says how backends are tried. The zero value tries none.
type HealthCheck struct {
	Kind     string // "tcp", "http"; "" = none
	Path     string // of http
	Interval time.Duration
	Failures uint8 // in a row until the backend is out
}

// Pool is a range of addresses that workloads of a switch are given one from.
type Pool struct {
	ID      ID[Pool]
	Switch  ID[Switch]
	Name    string
	Prefix  netip.Prefix
	Gateway netip.Addr
	Exclude []AddressRange // ascending
}

// AddressRange is a range of addresses, both ends included.
type AddressRange struct{ First, Last netip.Addr }

// PoolAddress is an address of a pool that somebody holds. It is no part of a
// Snapshot.
type PoolAddress struct {
	ID      ID[PoolAddress]
	Pool    ID[Pool]
	Address netip.Addr
	Owner   string // the workload
}

// Mirror copies the packets of a port or a switch.
type Mirror struct {
	ID     ID[Mirror]
	Name   string
	Port   ID[SwitchPort]
	Switch ID[Switch]
	Target string // an address for ERSPAN, or the name of a switch port
}

// Meter is a rate that rules and ports may share.
type Meter struct {
	ID    ID[Meter]
	Name  string
	Rate  uint32 // in Unit
	Burst uint32
	Unit  string // "kbps" or "pktps"
}

// Trace is one packet that is followed through the network.
type Trace struct {
	ID      ID[Trace]
	TraceID uint16
	Port    ID[SwitchPort] // where it is injected
	Packet  []byte
	Until   time.Time
}

// Observation is what a host saw of a traced packet. It is no part of a Snapshot.
type Observation struct {
	ID      ID[Observation]
	TraceID uint16
	Hop     uint8
	Host    string
	Stage   string
	In, Out string // ports, "" = none
}

// Global is the one row that counts: every write of the logical network
// increments Seq.
type Global struct {
	ID  ID[Global]
	Seq uint64
}
