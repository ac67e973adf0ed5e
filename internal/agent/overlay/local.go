package overlay

import (
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// localOf finds what of the logical network is on the integration bridge: ports
// with an iface-id, whoever made them, and the tunnel.
func localOf(o vswitch.Observed, bridge string) hereNow {
	local, names := flows.Local{Ports: map[string]openflow.Port{}}, portNames{}
	away := map[string]bool{}
	on := map[vswitch.ID]bool{} // ports of the bridge
	for _, r := range o.Rows {
		if r.Table == vswitch.PortTable && r.Parent == (vswitch.ID{Table: vswitch.BridgeTable, Name: bridge}) {
			on[r.ID] = true
		}
	}
	for _, r := range o.Rows {
		number, open := r.Status.Port()
		if r.Table != vswitch.IfaceTable || !on[r.Parent] || !open {
			continue
		}
		port := openflow.Port(number)
		names[port] = portIs{r.Name, r.Status.MACInUse}
		if r.Settings["type"] == "geneve" && r.Settings["options:remote_ip"] == "flow" {
			local.Tunnel = port
		}
		if r.Mark.Owner == vswitch.OwnerProfile {
			local.Add(r.Name, port)
		}
		if id := r.Settings[vswitch.IfaceID]; id != "" {
			local.Ports[id] = port
			if vhost.Is(r) && !vhost.Connected(r) {
				away[id] = true
			}
		}
	}
	return hereNow{local: local, away: away, names: names}
}

// hostOf is this host as the store should have it.
func hostOf(o vswitch.Observed, overlay *logical.Overlay, name string) logical.Host {
	h := logical.Host{
		Name: name, Addresses: []netip.Addr{overlay.Address},
		Role: logical.HostRole(overlay.Role), Mode: logical.HostMode(overlay.Mode),
	}
	if root, ok := o.Row(vswitch.Root); ok {
		h.SystemID = root.Settings["external_ids:system-id"]
	}
	for _, p := range overlay.Provider {
		h.Provider = append(h.Provider, p.Network)
	}
	slices.Sort(h.Provider)
	return h
}
