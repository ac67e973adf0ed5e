package agent

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

// Kernel routes reach OVS's own table by netlink, on a later turn of its main
// loop: routesPatience is how long that may take, routesLook how often to look.
const (
	routesPatience = 2 * time.Second
	routesLook     = 50 * time.Millisecond
)

// routeRefusals says which addresses and routes of the profile's bridges OVS
// does not know (tunnels that need them drop their packets without a word), and which
// routes somebody added there by hand. It adds nothing to OVS's table.
func (a *Agent) routeRefusals(ctx context.Context, p *configs.Profile) (missing []string, users []finding.Finding) {
	if !slices.ContainsFunc(p.Bridges, func(b dpdk.BridgeSpec) bool { return len(b.Addresses) > 0 }) {
		return nil, nil
	}
	deadline := a.now().Add(routesPatience)
	for {
		routes, err := appctl.Ask(ctx, a.ctl, appctl.ParseRoutes, "ovs/route/show")
		if err != nil {
			return nil, nil
		}
		missing := missingRoutes(p.Bridges, routes)
		if len(missing) == 0 || a.now().After(deadline) {
			return missing, userRoutes(routes)
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-a.opt.Clock.After(routesLook):
		}
	}
}

// userRoutes reports what somebody put into OVS's table by hand: it beats the
// kernel's routes, and is gone when ovs-vswitchd ends.
func userRoutes(routes []appctl.Route) []finding.Finding {
	var found []finding.Finding
	for _, r := range routes {
		if r.User {
			found = append(found, finding.Finding{
				Severity: finding.Info, Code: "user-route",
				What: fmt.Sprintf("OVS's route table has a route added by hand: %s dev %s", r.Prefix, r.Dev),
				Cost: "it beats the kernel's routes, and is lost when ovs-vswitchd ends",
				Fix:  fmt.Sprintf("put it under the bridge's routes in the profile, then ovs-appctl ovs/route/del %s", r.Prefix),
			})
		}
	}
	return found
}

// missingRoutes compares the bridges' addresses and routes with OVS's table.
func missingRoutes(bridges []dpdk.BridgeSpec, routes []appctl.Route) []string {
	has := func(prefix netip.Prefix, dev string, via netip.Addr) bool {
		return slices.ContainsFunc(routes, func(r appctl.Route) bool {
			return r.Prefix.Masked() == prefix.Masked() && r.Dev == dev && (!via.IsValid() || r.Gateway == via)
		})
	}
	var missing []string
	for _, b := range bridges {
		for _, p := range b.Addresses {
			own := netip.PrefixFrom(p.Addr(), p.Addr().BitLen())
			if !has(own, b.Name, netip.Addr{}) {
				missing = append(missing, fmt.Sprintf("bridge %s: OVS's route table (ovs-appctl ovs/route/show) lacks the address %s: tunnels from it will drop; is the device up, and does OVS read kernel routes (no --disable-system-route)?", b.Name, p.Addr()))
			}
		}
		for _, r := range b.Routes {
			if !has(r.To, b.Name, r.Via) {
				missing = append(missing, fmt.Sprintf("bridge %s: OVS's route table (ovs-appctl ovs/route/show) lacks the route %s: tunnels that need it will drop", b.Name, r))
			}
		}
	}
	return missing
}
