package agent

import (
	"context"
	"fmt"

	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Uplinks reads the NICs of the bridges with what they lose.
func (d around) Uplinks(ctx context.Context) map[string][]overlay.Uplink {
	s := d.a.newReading()
	s.together(ctx, part{"interfaces", fresh(s.interfaces)})
	v := view{observed: s.observed, snap: s.snap, drops: d.a.drops.look(s.snap)}
	found := map[string][]overlay.Uplink{}
	for _, p := range v.ports() {
		switch p.Type {
		case "", "system", "dpdk", "afxdp", "afxdp-nonpmd":
			row, _ := s.observed.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: p.Name})
			losses, _ := dropReasons(p, row)
			found[p.Bridge] = append(found[p.Bridge], overlay.Uplink{Name: p.Name, Link: p.Link, Losses: losses, Undecided: undecided(p)})
		}
	}
	return found
}

// unwatched tells of ports whose other end BFD does not hear.
func unwatched(ports []api.Port) []string {
	var all []string
	for _, p := range ports {
		if p.BFD != "" && p.BFD != "up" {
			all = append(all, fmt.Sprintf("port %s: BFD is %s, nothing goes by it: sluicectl tunnel explain %s", p.Name, p.BFD, p.Name))
		}
	}
	return all
}

// bfdReasons says that BFD does not hear the other end of a port.
func bfdReasons(p api.Port) []api.Reason {
	if p.BFD == "" || p.BFD == "up" {
		return nil
	}
	return []api.Reason{{
		What: fmt.Sprintf("BFD on port %s is %s: its other end is not heard, and nothing is sent by it", p.Name, p.BFD),
		Fix:  "sluicectl tunnel explain " + p.Name,
	}}
}
