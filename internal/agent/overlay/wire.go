package overlay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// wireOf finds the one port of a bridge that leads to the physical network, or says why
// it is not known: 0 then. A port that may be a guest's is none, and what a bridge
// behind a patch port leads to nobody knows here.
func wireOf(o vswitch.Observed, bridge string) (wire openflow.Port, why string) {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: bridge}
	var found vswitch.ID // the port
	var its vswitch.ObservedRow
	for _, r := range o.Rows {
		port, _ := o.Row(r.Parent)
		if r.Table != vswitch.IfaceTable || port.Parent != id {
			continue
		}
		typ := r.Settings["type"]
		switch {
		case typ == "patch" && flows.Planned(port.Name), typ == "internal" && port.Name != bridge:
			continue
		case port.Settings["tag"]+port.Settings["trunks"]+port.Settings["vlan_mode"] != "":
			return 0, "port " + port.Name + " tells VLANs apart" // output ignores what a port makes of VLANs
		case port.Name == bridge:
			continue
		case typ == "patch":
			return 0, "patch port " + port.Name + " leads to another bridge"
		case found == port.ID:
			return 0, "port " + port.Name + " is a bond"
		case found != vswitch.ID{}:
			return 0, fmt.Sprintf("ports %s and %s: which leads to the other hosts is not known", found.Name, port.Name)
		}
		found, its = port.ID, r
	}
	number, open := its.Status.Port()
	switch {
	case found == vswitch.ID{}:
		return 0, "no port leads to the other hosts"
	case !physical(its):
		return 0, "port " + found.Name + " may be a guest's"
	case !open:
		return 0, "port " + found.Name + " is not open"
	}
	return openflow.Port(number), ""
}

// physical says that an interface is a NIC, and no guest's: not a tap (the kernel's
// driver is "tun"), and of no switch port.
func physical(r vswitch.ObservedRow) bool {
	if r.Settings[vswitch.IfaceID] != "" || r.Status != nil && r.Status.Status["driver_name"] == "tun" {
		return false
	}
	typ := r.Settings["type"]
	return slices.Contains([]string{"", "system", "dpdk"}, typ) || strings.HasPrefix(typ, "afxdp")
}
