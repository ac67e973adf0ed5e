package audit

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/finding"
)

// routes tells of static routes that lead into nothing.
func (c *check) routes() {
	for r := range c.Routes() {
		if !r.Blackhole {
			c.route(r)
		}
	}
}

func (c *check) route(r *logical.Route) {
	router := c.routerName(r.Router)
	path := "route " + r.Name
	where := fmt.Sprintf("route %s of router %s (%s)", r.Name, router, r.Prefix)
	again := fmt.Sprintf("sluicectl lsr del %s %s, and make it anew", router, r.Name)
	out := c.RouterPort(r.OutPort)
	if out == nil {
		c.add(finding.Warning, "route-into-nothing", path, where+" has no out port: what it matches is dropped", again)
		return
	}
	sp := c.SwitchPortOf(out)
	if sp == nil {
		c.add(finding.Warning, "route-into-nothing", path, fmt.Sprintf("%s leads through port %s, which is connected to no switch: what it matches is dropped", where, out.Name),
			fmt.Sprintf("link the router with sluicectl lr link, or %s", again))
		return
	}
	if c.PortByAddress(sp.Switch, r.NextHop) != nil {
		return
	}
	onLink := slices.ContainsFunc(out.Networks, func(n netip.Prefix) bool { return n.Contains(r.NextHop) })
	switch {
	case !onLink:
		c.add(finding.Warning, "next-hop-off-link", path, fmt.Sprintf("%s: its next hop %s is in no network of port %s, and no port of switch %s has it",
			where, r.NextHop, out.Name, c.switchName(sp.Switch)), again)
	case !c.opens(sp.Switch):
		c.add(finding.Warning, "next-hop-unknown", path, fmt.Sprintf("%s: nobody on switch %s has its next hop %s, and nothing outside is behind that switch",
			where, c.switchName(sp.Switch), r.NextHop), "add the port that has it, or "+again)
	default:
		c.add(finding.Warning, "next-hop-unknown", path, fmt.Sprintf("%s: no port of switch %s has its next hop %s: nobody asks for its MAC, and what it matches is dropped",
			where, c.switchName(sp.Switch), r.NextHop), "add a port that has it, or "+again)
	}
}

// opens says whether addresses that no port has may be behind a switch.
func (c *check) opens(sw logical.ID[logical.Switch]) bool {
	if s := c.Switch(sw); s != nil && s.Kind == logical.SwitchVLAN {
		return true
	}
	for p := range c.PortsOf(sw) {
		if p.Kind == logical.PortOutside || p.Kind == logical.PortLocalnet || p.Kind == logical.PortUnknown {
			return true
		}
	}
	return false
}

// overlaps tells of networks of one router that overlap: its routes say which of
// them is meant, but what is merely connected does not.
func (c *check) overlaps() {
	type network struct {
		port string
		of   netip.Prefix
	}
	for r := range c.Routers() {
		var all []network
		for p := range c.RouterPortsOf(r.ID) {
			for _, n := range p.Networks {
				all = append(all, network{p.Name, n.Masked()})
			}
		}
		slices.SortFunc(all, func(x, y network) int {
			if x.of != y.of {
				return x.of.Compare(y.of)
			}
			if x.port < y.port {
				return -1
			}
			return 1
		})
		for i, y := range all {
			for _, x := range all[:i] {
				if x.port != y.port && x.of.Overlaps(y.of) {
					c.add(finding.Info, "overlap", "router "+r.Name, fmt.Sprintf("networks of router %s overlap: %s of port %s and %s of port %s",
						r.Name, x.of, x.port, y.of, y.port), "")
				}
			}
		}
	}
}

// addresses tells of ports whose address is in no network of their switch: no
// router finds them.
func (c *check) addresses() {
	for s := range c.Switches() {
		known := slices.Clone(s.Subnets)
		for rp := range c.RouterPortsOn(s.ID) {
			for _, n := range rp.Networks {
				known = append(known, n.Masked())
			}
		}
		off := map[string][]string{}
		for p := range c.PortsOf(s.ID) {
			for _, a := range p.Addresses {
				of4 := func(n netip.Prefix) bool { return n.Addr().Is4() == a.Is4() }
				in := func(n netip.Prefix) bool { return n.Contains(a) }
				if p.Kind == logical.PortGuest && slices.ContainsFunc(known, of4) && !slices.ContainsFunc(known, in) {
					off[s.Name] = append(off[s.Name], p.Name+" "+a.String())
				}
			}
		}
		byName(off, func(sw string, ports []string) {
			c.add(finding.Warning, "address-off-subnet", "switch "+sw, fmt.Sprintf("%s of switch %s: no subnet of the switch and no router's network on it holds the address",
				some(ports), sw), "sluicectl lsp set "+sw+" PORT --address ADDRESS, or add the subnet")
		})
	}
}
