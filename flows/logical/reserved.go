package logical

import (
	"fmt"
	"net/netip"
)

// Reserved says whose address a is in a network, "" for one that a host or a
// router can have: the network's own and the broadcast address of IPv4, the anycast
// address of the routers of IPv6 (RFC 4291, 2.6.1). A network of two addresses or
// one has none (RFC 3021, RFC 6164).
func Reserved(network netip.Prefix, a netip.Addr) string {
	if !network.Contains(a) || network.Bits() >= a.BitLen()-1 {
		return ""
	}
	first := network.Masked().Addr()
	switch {
	case a == first && a.Is4():
		return "the network's own address"
	case a == first:
		return "the anycast address of the network's routers"
	case a.Is4() && !network.Contains(a.Next()):
		return "the network's broadcast address"
	}
	return ""
}

// free refuses an address that its network reserves. Rows of before are only told
// of by an audit: to leave them out would cut off what works.
func free(network netip.Prefix, a netip.Addr) error {
	if why := Reserved(network, a); why != "" {
		return fmt.Errorf("address %s: it is %s, %s", a, why, network.Masked())
	}
	return nil
}
