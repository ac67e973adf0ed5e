package agent

import (
	"fmt"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// misspelt tells of the interfaces of the integration bridge whose iface-id names no
// port of the network: their guests pass nothing, and the network lacks nothing but a
// host for a port.
func (v networkView) misspelt(o vswitch.Observed) []string {
	if v.snapshot == nil {
		return nil
	}
	var all []string
	for _, r := range o.Rows {
		id := r.Settings[vswitch.IfaceID]
		if r.Table != vswitch.IfaceTable || id == "" || v.snapshot.PortByName(id) != nil {
			continue
		}
		if port, _ := o.Row(r.Parent); port.Parent.Name == v.bridge {
			all = append(all, fmt.Sprintf("interface %s: its iface-id=%s names no port of the logical network: sluicectl port explain %s", r.Name, id, r.Name))
		}
	}
	return all
}
