package plan

import (
	"path"
	"slices"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Ahead returns the actions of Before that the scope holds: the device and the
// socket directory of a port that is somebody else's wait for the take-over of
// the port. o is what the plan was made for.
func (p Plan) Ahead(o vswitch.Observed, s Scope) []host.Action {
	if s.TakeOver {
		return p.Before
	}
	foreign := uses{}
	for _, r := range p.Desired.Rows {
		if was, exists := o.Row(r.ID); exists && was.Mark.Owner == "" {
			foreign.add(r)
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Before), func(a host.Action) bool {
		switch a := a.(type) {
		case host.BindDriver:
			return foreign[a.PCI]
		case host.MakeDirectory:
			return foreign[a.Path]
		}
		return false
	})
}

// Due returns the actions of After that go with what the database holds by
// then, where some of the changes had to wait: addresses go to bridges that are
// ours, and a port's directory goes when no port has its socket there.
func (p Plan) Due(now vswitch.Observed) []host.Action {
	used := uses{}
	for _, r := range now.Rows {
		used.add(r.Row)
	}
	return slices.DeleteFunc(slices.Clone(p.After), func(a host.Action) bool {
		switch a := a.(type) {
		case host.SetAddresses:
			bridge, ok := now.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: a.Device})
			return !ok || bridge.Mark.Owner == ""
		case host.RemoveDirectory:
			return used[a.Path]
		}
		return false
	})
}

// uses are the devices and socket directories that interfaces have.
type uses map[string]bool

func (u uses) add(r vswitch.Row) {
	if r.Table != vswitch.IfaceTable {
		return
	}
	if devargs := r.Settings["options:dpdk-devargs"]; devargs != "" {
		u[devargs] = true
	}
	if socket := r.Settings["options:vhost-server-path"]; socket != "" {
		u[path.Dir(socket)] = true
	}
}
