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

// maxFar is how many other hosts one packet goes to at most. At 64 KiB of actions, 92 bytes
// for a tunnel over IPv4 and 112 over IPv6, the switch goes on to no further table, and at
// 4096 steps it drops the packet for all (ofproto/ofproto-dpif-xlate.c,
// xlate_resubmit_resource_check, OVS 3.1). So many buckets fit in a message, too.
const maxFar = 512

// within keeps as many other hosts as one packet can go to.
func within(r *rules, far []of.Bucket) []of.Bucket {
	if len(far) <= maxFar {
		return far
	}
	slices.SortFunc(far, func(a, b of.Bucket) int { return cmp.Compare(a.ID, b.ID) })
	r.problems = append(r.problems, fmt.Sprintf("what is for all goes to %d of its %d receivers elsewhere: more is no way for one packet, make the switch smaller or do without flooding", maxFar, len(far)))
	return far[:maxFar]
}

// floodRules: one copy to each host concerned, which gives it to its own ports. What
// comes from a physical network, the other hosts have heard themselves.
func floodRules(r *rules, key logical.DatapathKey, to receivers) {
	here := of.GroupEntry{ID: groupHere | uint32(key), Type: of.GroupAll, Buckets: slices.Clone(to.here)}
	sortBuckets(&here)
	r.group(here)
	do := []of.Action{of.Group{ID: here.ID}}
	far := of.GroupEntry{ID: groupFar | uint32(key), Type: of.GroupAll, Buckets: slices.Concat(within(r, to.far), to.wires)}
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
