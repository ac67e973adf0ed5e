package flows

import (
	"net/netip"
	"slices"

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

// failover is the group for the packets of equal routes: g, and where BFD has all of their
// tunnels down, g as though it had none. They are all down until they have first been up
// (lib/bfd.c, bfd_forwarding__, OVS 3.1), as when the switch has just begun, and packets
// that nobody may get are better sent than dropped.
func failover(r *rules, g of.GroupEntry) of.GroupEntry {
	r.group(g)
	if slices.ContainsFunc(g.Buckets, func(b of.Bucket) bool { return b.WatchPort == 0 }) {
		return g
	}
	number := g.ID - groupSpread
	blind := g
	blind.ID, blind.Buckets = groupBlind|number, slices.Clone(g.Buckets)
	for i := range blind.Buckets {
		blind.Buckets[i].WatchPort = 0
	}
	r.group(blind)
	first := of.GroupEntry{ID: groupFirst | number, Type: of.GroupFailover}
	for i, to := range []uint32{g.ID, blind.ID} {
		n := uint32(i) //nolint:gosec // 0 or 1
		first.Buckets = append(first.Buckets, of.Bucket{ID: n, WatchGroup: to, Actions: of.NewActions(of.Group{ID: to})})
	}
	r.group(first)
	return first
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
