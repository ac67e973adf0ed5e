package respond

import (
	"net/netip"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// maxResolvers is how many servers a guest is told of: glibc takes three, others more.
const maxResolvers = 8

// resolvers4 and resolvers6 are the DNS servers of a switch by family. Where the switch
// has records its router is the first: what it does not know it refuses, and the guest
// asks the next.
func resolvers4(sw *logical.Switch, rp *logical.RouterPort) []netip.Addr {
	return resolversOf(sw, rp, netip.Addr.Is4)
}

func resolvers6(sw *logical.Switch, rp *logical.RouterPort) []netip.Addr {
	return resolversOf(sw, rp, netip.Addr.Is6)
}

func resolversOf(sw *logical.Switch, rp *logical.RouterPort, is func(netip.Addr) bool) []netip.Addr {
	var all []netip.Addr
	if rp != nil && len(sw.DNS) > 0 {
		for _, n := range rp.Networks {
			if is(n.Addr()) {
				all = append(all, n.Addr())
				break
			}
		}
	}
	for _, a := range sw.DHCP.DNS {
		if is(a) && len(all) < maxResolvers {
			all = append(all, a)
		}
	}
	return all
}

// domain is a name in the form of RFC 1035 section 3.1, nil where it is none.
func domain(name string) []byte {
	name = strings.Trim(name, ".")
	if name == "" || len(name) > 253 {
		return nil
	}
	var b []byte
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return nil
		}
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0)
}

// served is what the network knows of one address of a guest: what a server tells it.
type served struct {
	address netip.Addr
	network netip.Prefix
	// port is the router port in that network, nil where there is none.
	port *logical.RouterPort
	// server is who answers: the router, or where there is none an address that no
	// guest has.
	server netip.Addr
	mac    logical.MAC
}

// nobody is the server of switches without a router. A guest that renews its lease there
// by itself is not heard, and asks all at last.
var nobody = netip.AddrFrom4([4]byte{169, 254, 0, 1})

// serve finds the first address of a family that a guest may have, with its network.
func serve(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, v4 bool) (served, bool) {
	for _, a := range p.Addresses {
		if a.Is4() != v4 || a.IsLinkLocalUnicast() || !s.Holds(p, a) {
			continue
		}
		to := served{address: a, server: nobody, mac: logical.DefaultMAC(nobody)}
		for rp := range s.RouterPortsOn(sw.ID) {
			if n := networkOf(rp, a); n.IsValid() {
				to.network, to.port, to.server, to.mac = n.Masked(), rp, n.Addr(), rp.MAC
				break
			}
		}
		for _, n := range sw.Subnets {
			if !to.network.IsValid() && n.Contains(a) {
				to.network = n.Masked()
			}
		}
		if to.network.IsValid() {
			return to, true
		}
	}
	return served{}, false
}
