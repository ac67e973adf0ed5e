package flows

import (
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

// farBits is how many hosts are in one group: a message has 64 KiB, a bucket 56 bytes.
const farBits = 10

// floodRules: one copy to each host concerned, which gives it to its own ports. What
// comes from a physical network, the other hosts have heard themselves.
func floodRules(r *rules, key logical.DatapathKey, to receivers) {
	here := of.GroupEntry{ID: groupHere | uint32(key), Type: of.GroupAll, Buckets: slices.Clone(to.here)}
	sortBuckets(&here)
	r.group(here)
	do := []of.Action{of.Group{ID: here.ID}}
	for _, g := range farGroups(key, slices.Concat(to.far, to.wires)) {
		r.group(g)
		do = append(do, of.Group{ID: g.ID})
	}
	r.add(TableL2, prioOpen, on(in(key)), do...)
	r.add(TableEgress, prioMatch, on(in(key), outPort(keyFlood)), of.Group{ID: here.ID})
	for _, wire := range to.wires {
		r.add(TableL2, prioOpen+1, on(in(key), inPort(logical.PortKey(wire.ID))), of.Group{ID: here.ID}) //nolint:gosec // a port key
	}
}

// farGroups are the groups of the other hosts by their indexes, so that one host more
// changes one of them; the physical networks are in the first.
func farGroups(key logical.DatapathKey, buckets []of.Bucket) []of.GroupEntry {
	parts := map[uint32]*of.GroupEntry{}
	for _, b := range buckets {
		part := uint32(0)
		if b.ID >= firstFar {
			part = (b.ID - firstFar) >> farBits
		}
		g := parts[part]
		if g == nil {
			g = &of.GroupEntry{ID: groupFar | part<<24 | uint32(key), Type: of.GroupAll}
			parts[part] = g
		}
		g.Buckets = append(g.Buckets, b)
	}
	var all []of.GroupEntry
	for part := range uint32(1) << (16 - farBits) {
		if g := parts[part]; g != nil {
			sortBuckets(g)
			all = append(all, *g)
		}
	}
	return all
}
