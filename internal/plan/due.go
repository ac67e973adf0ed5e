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
	return slices.DeleteFunc(slices.Clone(p.Before), func(a host.Action) bool {
		return slices.ContainsFunc(p.Desired.Rows, func(r vswitch.Row) bool {
			was, exists := o.Row(r.ID)
			return exists && was.Mark.Owner == "" && r.Table == vswitch.IfaceTable && about(a, r.Settings)
		})
	})
}

// about tells whether an action prepares the host for an interface.
func about(a host.Action, s vswitch.Settings) bool {
	switch a := a.(type) {
	case host.BindDriver:
		return s["options:dpdk-devargs"] == a.PCI
	case host.MakeDirectory:
		return path.Dir(s["options:vhost-server-path"]) == a.Path
	}
	return false
}

// Due returns the actions of After that go with what the database holds by
// then, where some of the changes had to wait: addresses go to bridges that are
// ours, and a port's directory goes when no port has its socket there.
func (p Plan) Due(now vswitch.Observed) []host.Action {
	return slices.DeleteFunc(slices.Clone(p.After), func(a host.Action) bool {
		switch a := a.(type) {
		case host.SetAddresses:
			bridge, ok := now.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: a.Device})
			return !ok || bridge.Mark.Owner == ""
		case host.RemoveDirectory:
			return slices.ContainsFunc(now.Rows, func(r vswitch.ObservedRow) bool { return about(host.MakeDirectory{Path: a.Path}, r.Settings) })
		}
		return false
	})
}
