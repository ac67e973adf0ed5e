package flows

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// unitFlood is the kind of a unit of its own: what a switch does with packets that have
// no known receiver. It reads all ports of the switch, and what the switch refuses of
// it takes none of the other rules of the switch along.
const unitFlood logical.Kind = 128

// floodOf is that unit of a switch.
func floodOf(sw logical.UUID) logical.Ref { return logical.Ref{Kind: unitFlood, UUID: sw} }

// rowOf is the row that a unit is for.
func rowOf(unit logical.Ref) logical.Ref {
	if unit.Kind == unitFlood {
		unit.Kind = logical.KindSwitch
	}
	return unit
}

// floodUnit: who gets what has no known receiver.
func floodUnit(v *view, r *rules, id logical.ID[logical.Switch]) {
	sw := v.sw(id)
	if sw == nil || !v.switches(id, v.reached(id)) {
		return
	}
	key := v.switchKey(sw)
	if key == 0 {
		return
	}
	if sw.Flood == logical.FloodAll {
		floodRules(r, key, v.receivers(sw, v.ports(id), true))
		return
	}
	openRules(r, key, v.receivers(sw, slices.Values(v.openOn(id)), false))
}

// A packet goes to maxTurn other hosts in one turn at most. At 64 KiB of actions, 92 bytes
// for a tunnel over IPv4 and 112 over IPv6, the switch goes on to no further table, and at
// 4096 steps it drops the packet for all (ofproto/ofproto-dpif-xlate.c,
// xlate_resubmit_resource_check, OVS 3.1). So many buckets fit in a message, too. Both are
// counted anew when the packet is recirculated, which a group that asks for the datapath's
// hash does (ctx_trigger_recirculate_with_hash there): with one bucket it hashes for nothing
// else. There are 4 bits for the turns in the numbers of their groups.
const (
	maxTurn  = 512
	maxTurns = 16
)

// turns are the buckets that reach other hosts: one for each while they are few, else
// one for each turn, whose groups are the switch's.
func turns(r *rules, key logical.DatapathKey, far []of.Bucket) []of.Bucket {
	if len(far) <= maxTurn {
		return far
	}
	slices.SortFunc(far, func(a, b of.Bucket) int { return cmp.Compare(a.ID, b.ID) })
	if most := maxTurn * maxTurns; len(far) > most {
		r.problems = append(r.problems, fmt.Sprintf("what is for all goes to %d of its %d receivers elsewhere: make the switch smaller or do without flooding", most, len(far)))
		far = far[:most]
	}
	var all []of.Bucket
	for one := range slices.Chunk(far, maxTurn) {
		turn := uint32(len(all)) //nolint:gosec // at most maxTurns
		copies := of.GroupEntry{ID: groupCopies | turn<<24 | uint32(key), Type: of.GroupAll, Buckets: one}
		anew := of.GroupEntry{ID: groupAnew | turn<<24 | uint32(key), Type: of.GroupSelect, Method: of.Selection{Name: "dp_hash"}}
		anew.Buckets = []of.Bucket{{ID: 0, Weight: 100, Actions: of.NewActions(of.Group{ID: copies.ID})}}
		r.group(copies)
		r.group(anew)
		all = append(all, of.Bucket{ID: firstFar | turn, Actions: of.NewActions(of.Group{ID: anew.ID})})
	}
	return all
}

// floodRules: one copy to each host concerned, which gives it to its own ports. What
// comes from a physical network, the other hosts have heard themselves.
func floodRules(r *rules, key logical.DatapathKey, to receivers) {
	here := of.GroupEntry{ID: groupHere | uint32(key), Type: of.GroupAll, Buckets: slices.Clone(to.here)}
	sortBuckets(&here)
	r.group(here)
	do := []of.Action{of.Group{ID: here.ID}}
	far := of.GroupEntry{ID: groupFar | uint32(key), Type: of.GroupAll, Buckets: slices.Concat(turns(r, key, to.far), to.wires)}
	if len(far.Buckets) > 0 {
		sortBuckets(&far)
		r.group(far)
		do = append(do, of.Group{ID: far.ID})
	}
	r.add(TableL2, prioOpen, on(in(key)), do...)
	r.add(TableEgress, prioMatch, on(in(key), outPort(keyFlood)), of.Group{ID: here.ID})
	for _, wire := range to.wires {
		r.add(TableL2, prioOpen+1, on(in(key), inPort(logical.PortKey(wire.ID))), of.Group{ID: here.ID}) //nolint:gosec // a port key
	}
}

func sortBuckets(g *of.GroupEntry) {
	slices.SortFunc(g.Buckets, func(a, b of.Bucket) int { return cmp.Compare(a.ID, b.ID) })
}
