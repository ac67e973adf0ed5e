package flows

import (
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// What a route is counts where the lengths of two prefixes are equal.
const (
	routeLoop      = 0
	routeStatic    = 1
	routeConnected = 2
	routeHost      = 3
)

// routePriority makes the longest prefix the first: 1 + 4 * length + what it is.
func routePriority(p netip.Prefix, what uint16) uint16 { return 1 + 4*uint16(p.Bits()) + what } //nolint:gosec // at most 128

// to4or6 matches packets for a prefix, of its family.
func to4or6(where of.FieldValue, p netip.Prefix) of.Match {
	return on(where, family(p.Addr()), of.IPDst(p.Masked()))
}

func family(a netip.Addr) of.FieldValue {
	if a.Is4() {
		return of.EthType(of.TypeIPv4)
	}
	return of.EthType(of.TypeIPv6)
}

// decTTL is what a routed packet loses by the mode of the router. A router that only
// does so for packets that were not routed before has done it in LR_IN.
func decTTL(r *logical.Router) []of.Action {
	if r.TTL == logical.TTLFull {
		return []of.Action{of.DecTTL{}}
	}
	return nil
}

// ethernetHeader is what a frame is longer than its packet, which an MTU is of.
const ethernetHeader = 14

// measure asks whether packets fit the network behind a router port, where its MTU is
// given; it comes behind the TTL, as what is too old is not also too long, and before all
// else of a route. Those that do not fit are with the daemon, and end before they leave
// (tables MTU, EGRESS, TUN).
func measure(rp *logical.RouterPort) []of.Action {
	if rp.MTU == 0 {
		return nil
	}
	return []of.Action{
		of.Set(of.Reg(regMTU, uint32(rp.MTU))),
		of.CheckPktLarger{Len: rp.MTU + ethernetHeader, To: of.Bits(of.FieldReg0+regFlags, bitTooBig, 1)},
		TableMTU.again(),
	}
}

// linkLocal is the address that a MAC gives its interface (RFC 4291, appendix A).
func linkLocal(m logical.MAC) netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]})
}

// has6 says whether a router port has a network of IPv6.
func has6(rp *logical.RouterPort) bool {
	return slices.ContainsFunc(rp.Networks, func(n netip.Prefix) bool { return n.Addr().Is6() })
}
