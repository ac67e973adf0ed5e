package agent

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// lookup finds the route of tunnel packets in OVS's own table, as lib/ovs-router.c
// does from 2.17 on: a route that was added by hand counts 64 bits more, and IPv4 is
// looked for as IPv6. Routes that ask for a mark are none of ours, and so are those of
// other tables, which rules lead to (3.7).
func lookup(routes []appctl.Route, to netip.Addr) *appctl.Route {
	var best *appctl.Route
	weight := func(r *appctl.Route) int {
		if r.User {
			return r.Prefix.Bits() + 64
		}
		return r.Prefix.Bits()
	}
	for i := range routes {
		r := &routes[i]
		if r.Mark != 0 || r.Table != 0 || !r.Prefix.Contains(to) {
			continue
		}
		if best == nil || weight(r) > weight(best) {
			best = r
		}
	}
	return best
}

// routeTo is the way to an address, and the MAC of the next hop where it is known.
func (v *tunnelView) routeTo(to netip.Addr) (*tunnel.Route, string) {
	r := lookup(v.routes, to)
	if r == nil {
		return nil, ""
	}
	_, bridge := v.observed.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: r.Dev})
	out := &tunnel.Route{Device: r.Dev, Bridge: bridge, Gateway: r.Gateway, MTU: v.mtus[r.Dev]}
	next := to
	if r.Gateway.IsValid() {
		next = r.Gateway
	}
	for _, n := range v.neighbours {
		if n.Address == next && n.Bridge == r.Dev && !n.Stale {
			return out, n.MAC
		}
	}
	return out, ""
}

// source is the address that tunnel packets come from.
func (v *tunnelView) source(to netip.Addr) string {
	if r := lookup(v.routes, to); r != nil {
		return r.Source.String()
	}
	return ""
}
