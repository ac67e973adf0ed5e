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

// localnets tells of ports for a physical network that nobody named.
func (c *check) localnets() {
	for p := range c.Ports() {
		s := c.Switch(p.Switch)
		if s != nil && p.Kind == logical.PortLocalnet && s.Kind == logical.SwitchOverlay && p.Network == "" {
			c.add(finding.Warning, "localnet-nowhere", "port "+p.Name, fmt.Sprintf("localnet port %s of overlay switch %s names no physical network: it does nothing", p.Name, s.Name),
				fmt.Sprintf("sluicectl lsp del %s %s, and make it anew with --network PHYSNET", s.Name, p.Name))
		}
	}
}
