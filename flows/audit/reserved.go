package audit

import (
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/finding"
)

// reserved tells of ports whose address their network keeps for itself: an earlier
// release took them.
func (c *check) reserved() {
	for p := range c.Ports() {
		s := c.Switch(p.Switch)
		if s == nil {
			continue
		}
		for _, a := range p.Addresses {
			for _, n := range s.Subnets {
				if why := logical.Reserved(n, a); why != "" {
					c.add(finding.Warning, "address-reserved", "port "+p.Name, fmt.Sprintf("port %s of switch %s has %s: it is %s, %s", p.Name, s.Name, a, why, n),
						fmt.Sprintf("sluicectl lsp set %s %s --address ADDRESS", s.Name, p.Name))
				}
			}
		}
	}
	for p := range c.RouterPorts() {
		for _, n := range p.Networks {
			if why := logical.Reserved(n, n.Addr()); why != "" {
				router := c.routerName(p.Router)
				c.add(finding.Warning, "address-reserved", "port "+p.Name, fmt.Sprintf("port %s of router %s has %s: it is %s, %s", p.Name, router, n.Addr(), why, n.Masked()),
					fmt.Sprintf("sluicectl lrp del %s %s, and link anew with sluicectl lr link", router, p.Name))
			}
		}
	}
}

// localnets tells of ports for a physical network that nobody named, that no host reaches,
// or that their switch has already.
func (c *check) localnets() {
	reached := map[string]bool{}
	for h := range c.Hosts() {
		for _, n := range h.Provider {
			reached[n] = true
		}
	}
	for s := range c.Switches() {
		seen := map[string]string{} // the port, by network
		for p := range c.PortsOf(s.ID) {
			if p.Kind != logical.PortLocalnet {
				continue
			}
			del := fmt.Sprintf("sluicectl lsp del %s %s", s.Name, p.Name)
			switch other, twice := seen[p.Network]; {
			case p.Network == "" && s.Kind == logical.SwitchOverlay:
				c.add(finding.Warning, "localnet-nowhere", "port "+p.Name, fmt.Sprintf("localnet port %s of overlay switch %s names no physical network: it does nothing", p.Name, s.Name),
					del+", and make it anew with --network PHYSNET")
			case p.Network == "":
			case twice:
				c.add(finding.Warning, "localnet-twice", "port "+p.Name, fmt.Sprintf("ports %s and %s of switch %s are both for physical network %s: one of them does nothing", other, p.Name, s.Name, p.Network), del)
			case len(reached) > 0 && !reached[p.Network]:
				c.add(finding.Warning, "no-provider", "port "+p.Name, fmt.Sprintf("localnet port %s of switch %s is for physical network %s, which no host reaches", p.Name, s.Name, p.Network),
					"name the network in overlay.provider of the hosts' profiles")
			}
			seen[p.Network] = p.Name
		}
	}
}

// localnetsOf is the physical networks that a switch has ports for, but for its own.
func (c *check) localnetsOf(s *logical.Switch) map[string]bool {
	all := map[string]bool{}
	for p := range c.PortsOf(s.ID) {
		own := s.Kind == logical.SwitchVLAN && p.Network == s.Network
		if p.Kind == logical.PortLocalnet && p.Network != "" && !own {
			all[p.Network] = true
		}
	}
	return all
}
