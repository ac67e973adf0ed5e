package plan

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Back plans the way from now to how the host's owned part was before: rows and
// settings of ours get their values of then, what was made since goes, what was
// taken over since is given back. Host actions are undone where that harms
// nobody: addresses; hugepages and drivers stay.
func Back(before, now vswitch.Observed) Plan {
	was := vswitch.Desired{Kept: map[vswitch.ID]vswitch.Settings{}}
	keys := newCatalog()
	for _, r := range before.Rows {
		if r.ID != vswitch.Root && r.Mark.Owner != vswitch.OwnerProfile && r.Mark.Owner != vswitch.OwnerAdopted {
			continue
		}
		if r.Table == vswitch.QoSTable && r.Parent == (vswitch.ID{}) {
			continue // a leftover, which nobody needs again
		}
		row := r.Row
		row.Settings = vswitch.Settings{}
		kept := vswitch.Settings{}
		for _, name := range r.Mark.Keys {
			if row.Settings.Set(name, r.Settings[name]); r.Settings[name] == "" {
				// Claimed, and left to OVS's default.
				row.Settings.Set(name, keys[vswitch.ID{Table: r.Table, Name: name}].DefaultIn(before.OVSVersion))
				kept[name] = ""
			}
		}
		was.Kept[r.ID] = kept
		was.Rows = append(was.Rows, row)
	}
	p := Plan{Desired: was, Changes: vswitch.Diff(now, was)}
	classify(p.Changes, now, keys)
	p.Before, p.After = takenBack(before, now), givenBack(before, now)
	return p
}

// takenBack removes the addresses and routes that were added since.
func takenBack(before, now vswitch.Observed) []host.Action {
	return differing(now, before, func(device string, addresses []netip.Prefix, routes []host.Route) host.Action {
		return host.SetAddresses{Device: device, Remove: addresses, RemoveRoutes: routes}
	})
}

// givenBack adds the addresses and routes that were removed since.
func givenBack(before, now vswitch.Observed) []host.Action {
	return differing(before, now, func(device string, addresses []netip.Prefix, routes []host.Route) host.Action {
		return host.SetAddresses{Device: device, Addresses: addresses, Routes: routes}
	})
}

// differing calls f for bridges that remember in a what they do not in b.
func differing(a, b vswitch.Observed, f func(device string, addresses []netip.Prefix, routes []host.Route) host.Action) []host.Action {
	var actions []host.Action
	for _, r := range a.Rows {
		if r.Table != vswitch.BridgeTable {
			continue
		}
		other, _ := b.Row(r.ID)
		addresses := gone(parsePrefixes(r.Settings[addressesKey]), parsePrefixes(other.Settings[addressesKey]))
		routes := gone(parseRoutes(r.Settings[routesKey]), parseRoutes(other.Settings[routesKey]))
		if len(addresses)+len(routes) > 0 {
			actions = append(actions, f(r.Name, addresses, routes))
		}
	}
	return actions
}
