package vswitch_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// maker makes up states and wishes out of few names and values, so that they
// meet often.
type maker struct{ *rand.Rand }

func (m maker) one(texts ...string) string { return texts[m.IntN(len(texts))] }

// tree makes rows that hang together: bridges with their own ports, ports with
// one interface or, as bonds, two, some with QoS. Ports stand below any bridge.
func (m maker) tree() []vswitch.Row {
	rows := map[vswitch.ID]vswitch.Row{}
	add := func(table vswitch.Table, name string, parent vswitch.ID, names ...string) bool {
		id := vswitch.ID{Table: table, Name: name}
		if _, there := rows[id]; there {
			return false
		}
		s := vswitch.Settings{}
		for _, setting := range names {
			if m.IntN(2) == 0 {
				s[setting] = m.one("1", "2", "3")
			}
		}
		rows[id] = vswitch.Row{ID: id, Parent: parent, Settings: s}
		return true
	}
	add(vswitch.OpenvSwitch, ".", vswitch.ID{}, "other_config:a", "other_config:b", "other_config:c", "external_ids:d")
	for b := range 1 + m.IntN(3) {
		bridge := vswitch.ID{Table: vswitch.BridgeTable, Name: fmt.Sprint("br", b)}
		add(bridge.Table, bridge.Name, vswitch.Root, "fail_mode", "other_config:a")
		local := vswitch.ID{Table: vswitch.PortTable, Name: bridge.Name}
		add(local.Table, local.Name, bridge)
		add(vswitch.IfaceTable, bridge.Name, local, "mtu_request")
	}
	for range m.IntN(6) {
		name := fmt.Sprint("p", m.IntN(4))
		port := vswitch.ID{Table: vswitch.PortTable, Name: m.one(name, name, name, "bond")}
		if !add(port.Table, port.Name, vswitch.ID{Table: vswitch.BridgeTable, Name: "br0"}, "tag", "other_config:a") {
			continue
		}
		if m.IntN(3) == 0 && len(rows) > 0 {
			r := rows[port]
			r.Parent.Name = "br" + m.one("0", "1", "2")
			if _, there := rows[r.Parent]; there {
				rows[port] = r
			}
		}
		for _, iface := range []string{name, fmt.Sprint("p", m.IntN(4))} {
			if port.Name != "bond" && iface != name || !add(vswitch.IfaceTable, iface, port, "mtu_request", "options:a", "external_ids:d") {
				continue
			}
			s := rows[vswitch.ID{Table: vswitch.IfaceTable, Name: iface}].Settings
			s["type"] = m.one("dpdk", "dpdk", "dpdkvhostuserclient", "tap")
			if s["type"] == "dpdkvhostuserclient" {
				s["options:vhost-server-path"] = m.one("/s/1", "/s/2")
			}
		}
		if m.IntN(3) == 0 {
			add(vswitch.QoSTable, port.Name, port, "type", "other_config:cir")
		}
	}
	sorted := slices.Collect(maps.Values(rows))
	vswitch.Sort(sorted)
	return sorted
}

// observed makes a state with marks of every sort.
func (m maker) observed() vswitch.Observed {
	var o vswitch.Observed
	for _, r := range m.tree() {
		row := vswitch.ObservedRow{Row: r, UUID: "uuid of " + r.String()}
		if r.ID != vswitch.Root {
			row.Mark.Owner = m.one("", vswitch.OwnerProfile, vswitch.OwnerProfile, vswitch.OwnerAdopted, vswitch.OwnerAPI)
		}
		if row.Mark.Owner != "" || r.ID == vswitch.Root {
			for _, name := range append(r.Settings.Names(), "other_config:unset") {
				if m.IntN(2) == 0 {
					row.Mark.Keys = append(row.Mark.Keys, name)
				}
			}
			slices.Sort(row.Mark.Keys)
			for _, name := range row.Mark.Keys {
				if m.IntN(4) == 0 {
					if row.Mark.Former == nil {
						row.Mark.Former = map[string]string{}
					}
					row.Mark.Former[name] = m.one("", "1", "former")
				}
			}
		}
		o.Rows = append(o.Rows, row)
	}
	vswitch.SortObserved(o.Rows)
	return o
}

// desired makes a wish: another tree, some settings of which the state has in
// other words.
func (m maker) desired(o vswitch.Observed) vswitch.Desired {
	d := vswitch.Desired{Rows: m.tree(), Kept: map[vswitch.ID]vswitch.Settings{}}
	for _, r := range d.Rows {
		was, there := o.Row(r.ID)
		for name := range r.Settings {
			if there && m.IntN(6) == 0 && name != "type" && name != "options:vhost-server-path" {
				if d.Kept[r.ID] == nil {
					d.Kept[r.ID] = vswitch.Settings{}
				}
				d.Kept[r.ID][name] = was.Settings[name]
			}
		}
	}
	if m.IntN(5) == 0 { // a profile may have no section of the switch itself
		d.Rows = d.Rows[1:]
	}
	return d
}
