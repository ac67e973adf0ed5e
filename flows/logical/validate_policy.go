package logical

import (
	"net/netip"
	"strconv"
)

func protocol(p string, l4 bool) error {
	switch p {
	case "", "tcp", "udp", "sctp":
		return nil
	case "icmp", "icmp6":
		return needs(l4, "protocol %q has no ports", p)
	}
	n, err := strconv.ParseUint(p, 10, 8)
	return needs(err != nil || n == 0 || l4, "protocol %q is unknown", p)
}

func ports(r PortRange) error {
	return needs(!r.IsZero() && (r.First == 0 || r.Last < r.First), "ports %d-%d are no range", r.First, r.Last)
}

func (e *NAT) validate() error {
	faults := []error{
		ValidateName(e.Name), needs(e.Router.IsZero(), "it has no router"),
		oneOf("kind", e.Kind, NATSource, NATDestination, NATFloating),
		unicast("external address", e.External), protocol(e.Protocol, true), ports(e.ExternalPort), masked("logical prefix", e.Logical),
		needs((!e.ExternalPort.IsZero() || e.LogicalPort != 0) && e.Protocol == "", "ports need their protocol, as in 80:8080/tcp"),
		needs(e.Kind == NATFloating && !e.ExternalPort.IsZero(), "a floating address has no ports"),
		needs(e.Kind != NATSource && e.Logical.IsValid() && !e.Logical.IsSingleIP(), "%s translates to one address, not to %s", e.Kind, e.Logical),
		needs(e.External.IsValid() && e.Logical.IsValid() && e.External.Is4() != e.Logical.Addr().Is4(), "%s and %s are not of one family", e.External, e.Logical),
	}
	return about("NAT", e.Name, faults...)
}

func (e *SecurityRule) validate() error {
	remotes := 0
	for _, given := range []bool{e.RemotePrefix.IsValid(), !e.RemoteGroup.IsZero(), !e.RemoteSet.IsZero()} {
		if given {
			remotes++
		}
	}
	faults := []error{
		needs(e.Group.IsZero(), "it has no group"), oneOf("direction", e.Direction, ToPort, FromPort),
		oneOf("family", e.Family, FamilyAny, FamilyIPv4, FamilyIPv6), protocol(e.Protocol, len(e.Ports) > 0),
		oneOf("action", e.Action, ActionAllow, ActionAllowStateless, ActionDrop, ActionReject),
		needs(remotes > 1, "it has several remotes: a prefix, a group or an address set"),
		needs(len(e.Ports) > 0 && e.Protocol == "", "ports need their protocol"),
	}
	if e.RemotePrefix.IsValid() {
		is4 := e.RemotePrefix.Addr().Is4()
		faults = append(faults, masked("remote prefix", e.RemotePrefix),
			needs(e.Family == FamilyIPv4 && !is4 || e.Family == FamilyIPv6 && is4, "remote prefix %s is not of family %s", e.RemotePrefix, e.Family))
	}
	for _, r := range e.Ports {
		faults = append(faults, ports(r))
	}
	return about("security rule", e.ID.String(), faults...)
}

func (e *LoadBalancer) validate() error {
	faults := []error{
		ValidateName(e.Name), needs(e.Router.IsZero() == e.Switch.IsZero(), "it belongs either to a router or to a switch"),
		unicast("virtual address", e.Address), protocol(e.Protocol, true), oneOf("hash", e.Hash, ECMPDefault, ECMPSource, ECMPFlow),
		needs(e.Port != 0 && e.Protocol == "", "a port needs its protocol"), oneOf("health check", e.Health.Kind, "", "tcp", "http"),
	}
	seen := map[netip.AddrPort]bool{}
	for _, b := range e.Backends {
		at := netip.AddrPortFrom(b.Address, b.Port)
		faults = append(faults, unicast("backend", b.Address), needs(seen[at], "backend %s stands twice", at),
			needs(b.Address.IsValid() && b.Address.Is4() != e.Address.Is4(), "backend %s is not of the family of %s", b.Address, e.Address))
		seen[at] = true
	}
	return about("load balancer", e.Name, faults...)
}

func (e *Pool) validate() error {
	faults := []error{ValidateName(e.Name), needs(e.Switch.IsZero(), "it has no switch"), masked("prefix", e.Prefix)}
	if e.Gateway.IsValid() {
		faults = append(faults, unicast("gateway", e.Gateway), needs(e.Prefix.IsValid() && !e.Prefix.Contains(e.Gateway), "gateway %s is not in %s", e.Gateway, e.Prefix))
	}
	for _, r := range e.Exclude {
		faults = append(faults, needs(!r.First.IsValid() || r.Last.Compare(r.First) < 0 || r.First.Is4() != r.Last.Is4(), "%s-%s is no range", r.First, r.Last))
	}
	return about("pool", e.Name, join(faults...))
}
