package configs

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// bridges keeps addresses apart and routes reachable.
func (c *checker) bridges() {
	first := map[netip.Addr]string{}
	for _, b := range c.Bridges {
		for i, a := range b.Addresses {
			path := fmt.Sprintf("%s.addresses[%d]", b.Path, i)
			if other, again := first[a.Addr()]; again {
				c.say(path, "the address %s is given at %s already; keep one of them", a.Addr(), c.at(other))
			}
			first[a.Addr()] = path
			if isNetworkAddress(a) {
				c.say(path, "%s is the address of the network itself, no host's; write for instance %s/%d", a, a.Addr().Next(), a.Bits())
			}
		}
		c.routes(b)
	}
}

// isNetworkAddress tells whether an IPv4 address has no host bits; /31 and /32
// have none to spare (RFC 3021).
func isNetworkAddress(p netip.Prefix) bool {
	return p.Addr().Is4() && p.Bits() < 31 && p == p.Masked()
}

func (c *checker) routes(b dpdk.BridgeSpec) {
	first := map[netip.Prefix]string{}
	for i, r := range b.Routes {
		path := fmt.Sprintf("%s.routes[%d]", b.Path, i)
		if other, again := first[r.To]; again {
			c.say(path+".to", "the network %s has a route at %s already; keep one of them", r.To, c.at(other))
		}
		first[r.To] = path
		own := slices.ContainsFunc(b.Addresses, func(a netip.Prefix) bool { return a.Addr() == r.Via })
		connected := slices.ContainsFunc(b.Addresses, func(a netip.Prefix) bool { return a.Contains(r.Via) })
		switch {
		case r.To.Addr().Is4() != r.Via.Is4():
			c.say(path+".via", "%s is of another IP version than %s; name a next hop of the same", r.Via, r.To)
		case own:
			c.say(path+".via", "%s is the bridge's own address; name the router's", r.Via)
		case !connected:
			c.say(path+".via", "%s is not on a network of %s, and the kernel would refuse the route; valid: an address in %s", r.Via, b.Name, networks(b.Addresses))
		}
	}
}

func networks(addresses []netip.Prefix) string {
	if len(addresses) == 0 {
		return "a network that the bridge's addresses name (it has none)"
	}
	texts := make([]string, 0, len(addresses))
	for _, a := range addresses {
		texts = append(texts, a.Masked().String())
	}
	return strings.Join(texts, ", ")
}

// bonds checks members: ports of the same bridge, in one bond, with nothing of
// their own that belongs to the bond.
func (c *checker) bonds() {
	for _, b := range c.Bridges {
		taken := map[string]string{}
		for _, bond := range b.Bonds {
			for i, name := range bond.Members {
				path := fmt.Sprintf("%s.members[%d]", bond.Path, i)
				if other, again := taken[name]; again {
					c.say(path, "%s is a member of %s already; a port is in one bond, once", name, c.at(other))
					continue
				}
				taken[name] = bond.Path
				c.member(b, bond, name, path)
			}
		}
	}
}

func (c *checker) member(b dpdk.BridgeSpec, bond dpdk.BondSpec, name, path string) {
	i := slices.IndexFunc(b.Ports, func(p dpdk.PortSpec) bool { return p.Name == name })
	if i < 0 {
		var names []string
		for _, p := range b.Ports {
			names = append(names, p.Name)
		}
		c.say(path, "%s is no port of bridge %s; a bond joins ports of its own bridge: %s", name, b.Name, orNone(names))
		return
	}
	p := b.Ports[i]
	if p.VLAN.Mode != vswitch.VLANNone {
		c.say(p.Path+".vlan", "%s is a member of bond %s, and OVS has VLANs on whole ports; move vlan to %s", name, bond.Name, bond.Path)
	}
	if p.RateLimit != (vswitch.RateLimit{}) {
		c.say(p.Path+".rateLimit", "%s is a member of bond %s, which has the limits of its members; move rateLimit to %s", name, bond.Name, bond.Path)
	}
	for _, k := range []struct {
		key  string
		rate vswitch.Rate
	}{{"ingress", bond.RateLimit.Ingress}, {"egress", bond.RateLimit.Egress}} {
		if k.rate.BurstBytes > 0 && k.rate.BurstBytes < uint64(p.MTU) {
			c.say(bond.Path+".rateLimit."+k.key+".burst", "%d bytes is less than one packet of %s with its MTU of %d; write %d or more, or leave it out for 10 ms of the rate",
				k.rate.BurstBytes, name, p.MTU, p.MTU)
		}
	}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// vdevNames returns a virtual device's name and the kernel interface that its
// arguments name, if any ("net_tap0,iface=dtap0": DPDK's guides of the net_tap,
// net_af_packet and net_af_xdp drivers, 22.11).
func vdevNames(args string) (name, iface string, err error) {
	name, rest, _ := strings.Cut(args, ",")
	if strings.ContainsRune(name, '=') || name == "" || strings.ContainsRune(name, ':') {
		return "", "", fmt.Errorf("%q does not begin with the name of a virtual device; write for instance \"net_tap0,iface=dtap0\"", args)
	}
	for rest != "" {
		var arg string
		arg, rest, _ = strings.Cut(rest, ",")
		key, value, assigned := strings.Cut(arg, "=")
		if key == "" {
			return "", "", fmt.Errorf("%q has an empty argument; write key=value between single commas", args)
		}
		if key != "iface" || !assigned {
			continue
		}
		var device kernelName
		if err := device.UnmarshalText([]byte(value)); err != nil {
			return "", "", fmt.Errorf("the interface %w", err)
		}
		iface = value
	}
	return name, iface, nil
}
