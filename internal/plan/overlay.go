package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// overlay adds the tunnel and what ports the network asks for besides; the bridge that
// the tunnel is on is one of the profile's. Without an underlay of ours it is somebody
// else's where the address is.
func (m *maker) overlay() {
	o := m.in.Profile.Overlay
	if o == nil {
		return
	}
	m.add(nil, flows.TunnelPort(*o), nil)
	if !m.in.PortsKnown {
		m.keepAsked(func(string) bool { return true })
		return
	}
	m.keepAsked(func(name string) bool { return slices.Contains(m.in.PortsStay, name) })
	for _, p := range m.in.Ports {
		if why := m.unreachable(p.Bridge); why != "" {
			m.findings = append(m.findings, finding.Finding{
				Severity: finding.Warning, Code: "bridge-not-reached",
				What: fmt.Sprintf("%s is to be reached by bridge %s, which %s", p.For, p.Bridge, why),
				Cost: "no packet gets there", Fix: "make it, with datapath_type=netdev: in the profile's bridges, or by ovs-vsctl",
			})
			continue
		}
		m.add(nil, p.Rows, nil)
	}
}

// unreachable says why no patch port can lead to a bridge, "" where one can. Both ends
// have to be in one datapath.
func (m *maker) unreachable(bridge string) string {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: bridge}
	if _, wanted := m.rows[id]; wanted || bridge == "" {
		return ""
	}
	r, exists := m.in.Observed.Row(id)
	switch typ := cmp.Or(r.Settings["datapath_type"], "system"); {
	case !exists || r.Mark.Owner == vswitch.OwnerProfile: // the latter is about to go
		return "is not there"
	case typ != "netdev":
		return "is of datapath type " + typ
	}
	return ""
}

// keepAsked wants ports as they are that the network asked for.
func (m *maker) keepAsked(stays func(name string) bool) {
	for _, was := range m.in.Observed.Rows {
		if was.Mark.Owner != vswitch.OwnerProfile || !flows.Planned(was.Name) || !stays(was.Name) || was.Table != vswitch.PortTable && was.Table != vswitch.IfaceTable {
			continue
		}
		r := vswitch.Row{ID: was.ID, Parent: was.Parent, Settings: vswitch.Settings{}, Asked: true}
		for _, name := range was.Mark.Keys {
			r.Settings.Set(name, was.Settings[name])
		}
		m.rows[r.ID] = r
	}
}

// unasked is the note of a deletion that the network's own change brought.
const unasked = "the logical network has no need of it any more"

// unasked lets ports go that the network needs no more: no flow leads to them. Where
// the profile gave up its overlay they are in use like any other.
func (m *maker) unasked(changes []vswitch.Change) {
	if m.in.Profile.Overlay == nil {
		return
	}
	for i := range changes {
		c := &changes[i]
		if c.Op == vswitch.Delete && c.ID.Table == vswitch.PortTable && flows.Planned(c.ID.Name) && !made(changes, c.ID) {
			c.Class, c.Note = vswitch.Live, unasked
		}
	}
}
