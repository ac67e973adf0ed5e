package flows

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// spread is the group of equal routes; all of them say the same of what it goes by, or
// the first counts.
func spread(r *rules, router *logical.Router, key logical.DatapathKey, all []*logical.Route, ways []way) of.GroupEntry {
	g := of.GroupEntry{ID: groupOf(all[0].ID.UUID()), Type: of.GroupSelect}
	mode := router.ECMP
	if all[0].ECMP != logical.ECMPDefault {
		mode = all[0].ECMP
	}
	if g.Method = (of.Selection{Name: "hash", Fields: []of.FieldValue{sourceHash(all[0].Prefix)}}); mode == logical.ECMPFlow {
		g.Method = of.Selection{Name: "dp_hash"}
	}
	for i, w := range ways {
		n := uint32(i) //nolint:gosec // few
		do := again(w.do)
		if !fits(do) {
			this := []of.FieldValue{of.Reg(regGroup, g.ID), of.Reg(regWay, n)}
			r.add(TableWay, prioMatch, on(append(this, in(key))...), w.do...)
			do = []of.Action{of.Set(this[0]), of.Set(this[1]), TableWay.again()}
		}
		g.Buckets = append(g.Buckets, of.Bucket{ID: n, Weight: 100, WatchPort: w.watch, Actions: of.NewActions(do...)})
	}
	return g
}

// sourceHash is the whole source address, of the prefix's family.
func sourceHash(p netip.Prefix) of.FieldValue {
	if p.Addr().Is4() {
		return of.Number(of.FieldIPSrc, 0xffffffff)
	}
	var ones [16]byte
	for i := range ones {
		ones[i] = 0xff
	}
	return of.Wide(of.FieldIPv6Src, ones)
}

// fits says whether a bucket does all of the actions: it takes an action set, of which OVS
// drops what has no place in one (lib/ofp-actions.c, action_set_classify), and does the
// last of several resubmits.
func fits(do []of.Action) bool {
	for i, a := range do {
		switch a.(type) {
		case of.SetField:
		case of.Resubmit:
			if i != len(do)-1 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// again makes the step to a later table one that a bucket can do.
func again(do []of.Action) []of.Action {
	all := make([]of.Action, len(do))
	for i, a := range do {
		if g, ok := a.(of.Goto); ok {
			a = of.Resubmit{Table: g.Table}
		}
		all[i] = a
	}
	return all
}
