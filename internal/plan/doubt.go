package plan

import (
	"slices"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Denied returns the names of the vhost interfaces that OVS has taken and says no
// guest is connected to, in the order of their rows. After a restart it may say so
// of a guest that is there.
func Denied(o vswitch.Observed) []string {
	var names []string
	for _, r := range o.Rows {
		if denied(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

// Doubtful returns those of Denied whose guest some of the changes would disturb,
// if there is one: before such a change is priced, somebody has to look further
// than the status and fill in InterfaceStatus.Guest.
func Doubtful(changes []vswitch.Change, o vswitch.Observed) []string {
	touched := map[vswitch.ID]bool{}
	for _, c := range changes {
		switch c.Op {
		case vswitch.Delete, vswitch.Set, vswitch.Unset:
			touched[c.ID] = true
		case vswitch.Create, vswitch.Claim, vswitch.Forget, vswitch.Disown:
		}
	}
	return slices.DeleteFunc(Denied(o), func(name string) bool {
		iface, _ := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: name})
		port, _ := o.Row(iface.Parent)
		return !touched[iface.ID] && !touched[iface.Parent] && !touched[port.Parent]
	})
}

func denied(r vswitch.ObservedRow) bool {
	return r.Status != nil && r.Status.Error == "" && guests(r) && r.Status.Status["status"] != "connected"
}

// guests tells whether an interface is for guests.
func guests(r vswitch.ObservedRow) bool {
	return r.Settings["type"] == "dpdkvhostuserclient" || r.Settings["type"] == "dpdkvhostuser"
}
