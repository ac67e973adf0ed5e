package logical

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Validate says what is wrong with an entity by itself, in an operator's words,
// all of it; nil when nothing is. What others it names is ValidateIn's business.
func Validate(v Entity) error {
	switch v := v.(type) {
	case *Host:
		return v.validate()
	case *Datapath:
		return v.validate()
	case *Switch:
		return v.validate()
	case *SwitchPort:
		return v.validate()
	case *Binding:
		return about("binding", v.Host, ValidateName(v.Host), needs(v.Port.IsZero(), "it has no port"))
	case *Router:
		return v.validate()
	case *RouterPort:
		return v.validate()
	case *Route:
		return v.validate()
	case *NAT:
		return v.validate()
	case *SecurityGroup:
		return about("security group", v.Name, ValidateName(v.Name))
	case *SecurityRule:
		return v.validate()
	case *AddressSet:
		return about("address set", v.Name, ValidateName(v.Name), eachPrefix(v.Prefixes))
	case *LoadBalancer:
		return v.validate()
	case *Pool:
		return v.validate()
	case *Mirror:
		return about("mirror", v.Name, ValidateName(v.Name), needs(v.Target == "", "it has no target"),
			needs(v.Port.IsZero() == v.Switch.IsZero(), "it copies either a port or a switch"))
	case *Meter:
		return about("meter", v.Name, ValidateName(v.Name), needs(v.Rate == 0, "its rate is 0"),
			oneOf("unit", v.Unit, "kbps", "pktps"))
	case *Trace:
		return about("trace", strconv.Itoa(int(v.TraceID)), needs(v.TraceID == 0, "its id is 0"),
			needs(len(v.Packet) < 14, "its packet has no Ethernet header"))
	}
	return nil
}

// about joins what is wrong with an object into one error that names it.
func about(kind, name string, faults ...error) error {
	err := join(faults...)
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", kind, name, err)
}

// faults are errors on one line; each of them is found by errors.As.
type faults []error

// join leaves out the nils, and returns nil when nothing is left.
func join(errs ...error) error {
	var f faults
	for _, err := range errs {
		if err != nil {
			f = append(f, err)
		}
	}
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f faults) Error() string {
	words := make([]string, len(f))
	for i, err := range f {
		words[i] = err.Error()
	}
	return strings.Join(words, "; ")
}

func (f faults) Unwrap() []error { return f }

// needs returns the fault's words where it is one.
func needs(fault bool, format string, args ...any) error {
	if fault {
		return fmt.Errorf(format, args...)
	}
	return nil
}

func oneOf[T ~string](what string, have T, known ...T) error {
	if slices.Contains(known, have) {
		return nil
	}
	return fmt.Errorf("%s %q is none of %q", what, have, slices.Clone(known)) // known itself stays off the heap
}

// unicast refuses what no host can have for its own.
func unicast(what string, a netip.Addr) error {
	switch {
	case !a.IsValid():
		return fmt.Errorf("%s: no address", what)
	case a.Zone() != "" || a.Is4In6():
		return fmt.Errorf("%s %s: write it without a zone, IPv4 as IPv4", what, a)
	case a.IsUnspecified() || a.IsMulticast() || a.IsLoopback() || a == OutsideAddress:
		return fmt.Errorf("%s %s: no host can have it", what, a)
	}
	return nil
}

func masked(what string, p netip.Prefix) error {
	if !p.IsValid() {
		return fmt.Errorf("%s: no prefix", what)
	}
	return needs(p != p.Masked(), "%s %s: the address has bits beyond the prefix, meant is %s", what, p, p.Masked())
}

func eachPrefix(prefixes []netip.Prefix) error {
	var faults []error
	for _, p := range prefixes {
		faults = append(faults, masked("prefix", p))
	}
	return join(faults...)
}

func (e *Host) validate() error {
	faults := []error{
		ValidateName(e.Name), oneOf("role", e.Role, RoleNode, RoleEdge), oneOf("mode", e.Mode, ModeFull, ModeOnDemand),
		needs(len(e.Addresses) == 0, "it has no tunnel address"),
	}
	for _, a := range e.Addresses {
		faults = append(faults, unicast("tunnel address", a))
	}
	for _, n := range e.Provider {
		faults = append(faults, ValidateName(n))
	}
	return about("host", e.Name, faults...)
}

func (e *Datapath) validate() error {
	return about("datapath", e.ID.String(), needs(e.Key == 0 || e.Key > MaxDatapathKey, "key %d is not in 1 to %d", e.Key, MaxDatapathKey),
		oneOf("kind", e.Kind, DatapathSwitch, DatapathRouter))
}

func (e *Switch) validate() error {
	faults := []error{
		ValidateName(e.Name), oneOf("kind", e.Kind, SwitchOverlay, SwitchVLAN), oneOf("flood policy", e.Flood, FloodNone, FloodAll),
		needs(e.VLAN > 4094, "VLAN %d is not in 0 to 4094", e.VLAN),
		needs(e.Kind == SwitchVLAN && e.Network == "", "a VLAN switch needs its physical network: --vlan PHYSNET:TAG"),
		needs(e.Kind == SwitchOverlay && (e.Network != "" || e.VLAN != 0), "an overlay switch has no VLAN"),
		e.DHCP.validate(),
	}
	for i, p := range e.Subnets {
		faults = append(faults, masked("subnet", p))
		for _, q := range e.Subnets[:i] {
			faults = append(faults, needs(p.Overlaps(q), "subnets %s and %s overlap", q, p))
		}
	}
	for _, r := range e.DNS {
		faults = append(faults, ValidateName(r.Name), needs(len(r.Addresses) == 0, "DNS name %s has no address", r.Name))
	}
	return about("switch", e.Name, faults...)
}

func (d DHCP) validate() error {
	var faults []error
	if d.Router.IsValid() {
		faults = append(faults, unicast("DHCP router", d.Router))
	}
	for _, a := range d.DNS {
		faults = append(faults, unicast("DHCP DNS server", a))
	}
	for _, o := range d.Other {
		_, err := hex.DecodeString(o.Value)
		faults = append(faults, needs(err != nil, "DHCP option %d: %q is not hexadecimal", o.Code, o.Value),
			needs(o.Code == 0 || o.Code == 255, "DHCP option %d carries no value", o.Code))
	}
	return join(faults...)
}

func (e *Router) validate() error {
	faults := []error{
		ValidateName(e.Name), oneOf("ttl", e.TTL, TTLFull, TTLOnce, TTLNone), oneOf("ecmp", e.ECMP, ECMPSource, ECMPFlow),
		oneOf("egress", e.Egress, EgressEdge, EgressLocal, EgressLocalOrEdge),
	}
	for i, h := range e.Hosts {
		faults = append(faults, ValidateName(h), needs(slices.Contains(e.Hosts[:i], h), "host %s stands twice", h))
	}
	return about("router", e.Name, faults...)
}

func (e *RouterPort) validate() error {
	faults := []error{
		ValidateName(e.Name), needs(e.MAC.IsZero() || e.MAC.IsMulticast(), "MAC %s: no port can have it", e.MAC),
		needs(len(e.Networks) == 0, "it has no address"), needs(e.Router.IsZero(), "it has no router"),
		needs(e.MTU != 0 && e.MTU < 576, "MTU %d is below 576", e.MTU), needs(e.Key > MaxPortKey, "key %d is above %d", e.Key, MaxPortKey),
	}
	if e.Peer != "" {
		faults = append(faults, ValidateName(e.Peer))
	}
	for i, n := range e.Networks {
		faults = append(faults, unicast("address", n.Addr()), needs(!n.IsValid(), "network %s is no prefix", n),
			needs(slices.Contains(e.Networks[:i], n), "%s stands twice", n))
	}
	return about("router port", e.Name, faults...)
}

func (e *Route) validate() error {
	faults := []error{
		ValidateName(e.Name), masked("prefix", e.Prefix), oneOf("ecmp", e.ECMP, ECMPDefault, ECMPSource, ECMPFlow),
		needs(e.Router.IsZero(), "it has no router"),
	}
	if e.Blackhole {
		faults = append(faults, needs(e.NextHop.IsValid() || !e.OutPort.IsZero(), "a blackhole has neither next hop nor port"))
	} else {
		faults = append(faults, unicast("next hop", e.NextHop), needs(e.OutPort.IsZero(), "it has no out port"),
			needs(e.NextHop.IsValid() && e.Prefix.IsValid() && e.NextHop.Is4() != e.Prefix.Addr().Is4(),
				"next hop %s and prefix %s are not of one family", e.NextHop, e.Prefix))
	}
	return about("route", e.Name, faults...)
}
