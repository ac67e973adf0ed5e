package store

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// What a document says of itself.
const (
	DocumentVersion = "sluice/v1"
	DocumentKind    = "LogicalNetwork"
)

// Document is the logical network as people review and keep it: by names, without
// numbers that the store hands out, and without what hosts say of themselves
// (hosts, bindings, addresses that workloads hold, traces). Its JSON names are
// those of the YAML file.
type Document struct {
	APIVersion     string        `json:"apiVersion"`
	Kind           string        `json:"kind"`
	AddressSets    []setDoc      `json:"addressSets,omitempty"`
	SecurityGroups []groupDoc    `json:"securityGroups,omitempty"`
	Meters         []meterDoc    `json:"meters,omitempty"`
	Switches       []switchDoc   `json:"switches,omitempty"`
	Routers        []routerDoc   `json:"routers,omitempty"`
	LoadBalancers  []balancerDoc `json:"loadBalancers,omitempty"`
	Mirrors        []mirrorDoc   `json:"mirrors,omitempty"`
}

type setDoc struct {
	Name     string         `json:"name"`
	Prefixes []netip.Prefix `json:"prefixes,omitempty"`
}

type groupDoc struct {
	Name  string    `json:"name"`
	Rules []ruleDoc `json:"rules,omitempty"`
}

type ruleDoc struct {
	Direction    logical.Direction  `json:"direction"`
	Priority     uint16             `json:"priority"`
	Family       logical.Family     `json:"family,omitempty"`
	Protocol     string             `json:"protocol,omitempty"`
	Ports        []string           `json:"ports,omitempty"` // "80", "8000-8080"
	RemotePrefix netip.Prefix       `json:"remotePrefix,omitzero"`
	RemoteGroup  string             `json:"remoteGroup,omitempty"`
	RemoteSet    string             `json:"remoteSet,omitempty"`
	Action       logical.RuleAction `json:"action"`
	Log          bool               `json:"log,omitempty"`
}

type meterDoc struct {
	Name  string `json:"name"`
	Rate  uint32 `json:"rate"`
	Burst uint32 `json:"burst,omitempty"`
	Unit  string `json:"unit"`
}

type switchDoc struct {
	Name    string                  `json:"name"`
	Kind    logical.SwitchKind      `json:"kind,omitempty"` // default overlay
	Network string                  `json:"network,omitempty"`
	VLAN    uint16                  `json:"vlan,omitempty"`
	Subnets []netip.Prefix          `json:"subnets,omitempty"`
	Flood   logical.FloodPolicy     `json:"flood,omitempty"` // default none
	DHCP    *dhcpDoc                `json:"dhcp,omitempty"`
	DNS     map[string][]netip.Addr `json:"dns,omitempty"`
	Pools   []poolDoc               `json:"pools,omitempty"`
	Ports   []portDoc               `json:"ports,omitempty"`
}

type dhcpDoc struct {
	Enabled bool             `json:"enabled"`
	Router  netip.Addr       `json:"router,omitzero"`
	DNS     []netip.Addr     `json:"dns,omitempty"`
	Domain  string           `json:"domain,omitempty"`
	MTU     uint16           `json:"mtu,omitempty"`
	Lease   uint32           `json:"lease,omitempty"`
	Options map[uint8]string `json:"options,omitempty"`
}

type poolDoc struct {
	Name    string       `json:"name"`
	Prefix  netip.Prefix `json:"prefix"`
	Gateway netip.Addr   `json:"gateway,omitzero"`
	Exclude []string     `json:"exclude,omitempty"` // "10.0.0.1-10.0.0.9"
}

type portDoc struct {
	Name      string           `json:"name"`
	Kind      logical.PortKind `json:"kind,omitempty"` // default guest
	MAC       logical.MAC      `json:"mac,omitzero"`   // default of a guest's or router's first address
	MoreMACs  []logical.MAC    `json:"moreMACs,omitempty"`
	Addresses []netip.Addr     `json:"addresses,omitempty"`
	Peer      string           `json:"peer,omitempty"`
	Host      string           `json:"host,omitempty"`
	Bridge    string           `json:"bridge,omitempty"`
	Network   string           `json:"network,omitempty"`
	Security  *bool            `json:"security,omitempty"` // default: of a guest true
	Groups    []string         `json:"groups,omitempty"`
	Trunk     string           `json:"trunk,omitempty"`
	Tag       uint16           `json:"tag,omitempty"`
	RateFrom  uint32           `json:"rateFrom,omitempty"` // kbit/s
	RateTo    uint32           `json:"rateTo,omitempty"`   // kbit/s
	Burst     uint32           `json:"burst,omitempty"`    // kbit
	Sampling  uint32           `json:"sampling,omitempty"`
}

type routerDoc struct {
	Name   string           `json:"name"`
	Hosts  []string         `json:"hosts,omitempty"`
	TTL    logical.TTLMode  `json:"ttl,omitempty"`    // default full
	ECMP   logical.ECMPMode `json:"ecmp,omitempty"`   // default source
	Egress logical.Egress   `json:"egress,omitempty"` // default edge
	Ports  []routerPortDoc  `json:"ports,omitempty"`
	Routes []routeDoc       `json:"routes,omitempty"`
	NAT    []natDoc         `json:"nat,omitempty"`
}

type routerPortDoc struct {
	Name     string         `json:"name"`
	Networks []netip.Prefix `json:"networks"`
	MAC      logical.MAC    `json:"mac,omitzero"`
	Peer     string         `json:"peer,omitempty"`
	MTU      uint16         `json:"mtu,omitempty"`
}

type routeDoc struct {
	Name      string           `json:"name"`
	Prefix    netip.Prefix     `json:"prefix"`
	NextHop   netip.Addr       `json:"nextHop,omitzero"`
	OutPort   string           `json:"outPort,omitempty"`
	Blackhole bool             `json:"blackhole,omitempty"`
	ECMP      logical.ECMPMode `json:"ecmp,omitempty"`
}

type natDoc struct {
	Name          string          `json:"name"`
	Kind          logical.NATKind `json:"kind"`
	External      netip.Addr      `json:"external"`
	ExternalPorts string          `json:"externalPorts,omitempty"`
	Logical       netip.Prefix    `json:"logical"`
	LogicalPort   uint16          `json:"logicalPort,omitempty"`
	Protocol      string          `json:"protocol,omitempty"`
	Port          string          `json:"port,omitempty"`
}

type balancerDoc struct {
	Name     string           `json:"name"`
	Router   string           `json:"router,omitempty"`
	Switch   string           `json:"switch,omitempty"`
	Address  netip.Addr       `json:"address"`
	Port     uint16           `json:"port,omitempty"`
	Protocol string           `json:"protocol,omitempty"`
	Backends []backendDoc     `json:"backends,omitempty"`
	Hash     logical.ECMPMode `json:"hash,omitempty"`
	Health   *healthDoc       `json:"health,omitempty"`
}

type backendDoc struct {
	Address netip.Addr `json:"address"`
	Port    uint16     `json:"port,omitempty"`
	Weight  uint16     `json:"weight"`
}

type healthDoc struct {
	Kind     string `json:"kind"`
	Path     string `json:"path,omitempty"`
	Interval string `json:"interval"` // "5s"
	Failures uint8  `json:"failures"`
}

type mirrorDoc struct {
	Name   string `json:"name"`
	Port   string `json:"port,omitempty"`
	Switch string `json:"switch,omitempty"`
	Target string `json:"target"`
}

// Export returns a network as a document. All lists are ascending by name, so that
// two exports differ where the networks do.
func Export(n *logical.Snapshot) *Document {
	d := &Document{APIVersion: DocumentVersion, Kind: DocumentKind}
	for e := range n.AddressSets() {
		d.AddressSets = append(d.AddressSets, setDoc{e.Name, e.Prefixes})
	}
	for e := range n.SecurityGroups() {
		d.SecurityGroups = append(d.SecurityGroups, exportGroup(n, e))
	}
	for e := range n.Meters() {
		d.Meters = append(d.Meters, meterDoc{e.Name, e.Rate, e.Burst, e.Unit})
	}
	for e := range n.Switches() {
		d.Switches = append(d.Switches, exportSwitch(n, e))
	}
	for e := range n.Routers() {
		d.Routers = append(d.Routers, exportRouter(n, e))
	}
	for e := range n.LoadBalancers() {
		d.LoadBalancers = append(d.LoadBalancers, exportBalancer(n, e))
	}
	for e := range n.Mirrors() {
		d.Mirrors = append(d.Mirrors, mirrorDoc{e.Name, nameOf(n.Port(e.Port)), nameOf(n.Switch(e.Switch)), e.Target})
	}
	slices.SortFunc(d.AddressSets, func(a, b setDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.SecurityGroups, func(a, b groupDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Meters, func(a, b meterDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Switches, func(a, b switchDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Routers, func(a, b routerDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.LoadBalancers, func(a, b balancerDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Mirrors, func(a, b mirrorDoc) int { return strings.Compare(a.Name, b.Name) })
	return d
}

// nameOf is the name of what a reference leads to, "" where it leads nowhere.
func nameOf[E any, P interface {
	*E
	logical.Entity
}](e P) string {
	if e == nil {
		return ""
	}
	return logical.Name(e)
}

// unless is the empty word for a default, which a document leaves out.
func unless[T ~string](v, standard T) T {
	if v == standard {
		return ""
	}
	return v
}

func exportGroup(n *logical.Snapshot, g *logical.SecurityGroup) groupDoc {
	d := groupDoc{Name: g.Name}
	for r := range n.RulesOf(g.ID) {
		d.Rules = append(d.Rules, exportRule(n, r))
	}
	slices.SortFunc(d.Rules, func(a, b ruleDoc) int {
		return cmp.Or(cmp.Compare(a.Direction, b.Direction), -cmp.Compare(a.Priority, b.Priority), strings.Compare(a.key(), b.key()))
	})
	return d
}

func exportRule(n *logical.Snapshot, r *logical.SecurityRule) ruleDoc {
	d := ruleDoc{
		Direction: r.Direction, Priority: r.Priority, Family: r.Family, Protocol: r.Protocol, RemotePrefix: r.RemotePrefix,
		RemoteGroup: nameOf(n.SecurityGroup(r.RemoteGroup)), RemoteSet: nameOf(n.AddressSet(r.RemoteSet)), Action: r.Action, Log: r.Log,
	}
	for _, p := range r.Ports {
		d.Ports = append(d.Ports, formatPorts(p))
	}
	return d
}

func exportBalancer(n *logical.Snapshot, b *logical.LoadBalancer) balancerDoc {
	d := balancerDoc{
		Name: b.Name, Router: nameOf(n.Router(b.Router)), Switch: nameOf(n.Switch(b.Switch)), Address: b.Address, Port: b.Port,
		Protocol: b.Protocol, Hash: b.Hash,
	}
	for _, e := range b.Backends {
		d.Backends = append(d.Backends, backendDoc(e))
	}
	if h := b.Health; h.Kind != "" {
		d.Health = &healthDoc{h.Kind, h.Path, h.Interval.String(), h.Failures}
	}
	return d
}
