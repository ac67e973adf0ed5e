package plan

import (
	"slices"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Back plans the way from now to how the host's owned part was before: rows and
// settings of ours get their values of then, what was made since goes, what was
// taken over since is given back. Host actions are undone where that harms
// nobody: addresses; hugepages and drivers stay.
func Back(before, now vswitch.Observed) Plan {
	var was vswitch.Desired
	for _, r := range before.Rows {
		if r.ID != vswitch.Root && r.Mark.Owner != vswitch.OwnerProfile && r.Mark.Owner != vswitch.OwnerAdopted {
			continue
		}
		if r.Table == vswitch.QoSTable && r.Parent == (vswitch.ID{}) {
			continue // a leftover, which nobody needs again
		}
		row := r.Row
		row.Settings = vswitch.Settings{}
		for _, name := range r.Mark.Keys {
			row.Settings.Set(name, r.Settings[name])
		}
		was.Rows = append(was.Rows, row)
	}
	p := Plan{Desired: was, Changes: vswitch.Diff(now, was)}
	classify(p.Changes, now, newCatalog())
	p.Before = takenBack(before, now)
	return p
}

// takenBack removes the addresses and routes that were added since.
func takenBack(before, now vswitch.Observed) []host.Action {
	var actions []host.Action
	for _, r := range now.Rows {
		if r.Table != vswitch.BridgeTable {
			continue
		}
		was, _ := before.Row(r.ID)
		a := host.SetAddresses{
			Device:       r.Name,
			Remove:       gone(parsePrefixes(r.Settings[addressesKey]), parsePrefixes(was.Settings[addressesKey])),
			RemoveRoutes: gone(parseRoutes(r.Settings[routesKey]), parseRoutes(was.Settings[routesKey])),
		}
		if len(a.Remove)+len(a.RemoveRoutes) > 0 {
			actions = append(actions, a)
		}
	}
	return slices.Clip(actions)
}
