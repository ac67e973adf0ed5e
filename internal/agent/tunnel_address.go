package agent

import (
	"context"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// tunnelAddressCode names the finding of tunnelAddress.
const tunnelAddressCode = "tunnel-address-not-on-switch"

// tunnelAddress says where the switch takes no tunnel packets to this host's address:
// other hosts' packets end in the kernel then, without a word. It can be told only
// once the tunnel's port is there.
func (a *Agent) tunnelAddress(ctx context.Context, o vswitch.Observed) []finding.Finding {
	overlay, _ := a.overlay()
	tunnel, there := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: flows.TunnelName})
	if _, open := tunnel.Status.Port(); overlay == nil || !there || !open {
		return nil
	}
	all, err := appctl.Ask(ctx, a.ctl, appctl.ParseListeners, "tnl/ports/show", "-v")
	if err != nil || slices.ContainsFunc(all, func(l appctl.Listener) bool { return l.Address == overlay.Address && l.UDP == overlay.UDPPort }) {
		return nil
	}
	return []finding.Finding{{
		Severity: finding.Warning, Code: tunnelAddressCode, Path: "overlay.address",
		What: fmt.Sprintf("the tunnel address %s is on no bridge of the switch that is up: nothing takes UDP %d to it off the wire", overlay.Address, overlay.UDPPort),
		Cost: "no guest of another host reaches one here",
		Fix:  "give the address to the bridge that has the NIC (bridges[].addresses, and overlay.bridge names it), or correct overlay.address",
	}}
}

// passProblems are those findings of a pass that are about the logical network.
func passProblems(s *api.Status) {
	for _, f := range s.Pass.Findings {
		if s.Network != nil && f.Code == tunnelAddressCode {
			s.Network.Problems = append(slices.Clone(s.Network.Problems), f.What)
		}
	}
}
