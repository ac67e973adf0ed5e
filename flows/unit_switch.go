package flows

import (
	"encoding/binary"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Group numbers are functions of stored keys: of a switch's datapath key for the two
// groups that flood it, of a route's UUID for equal routes.
const (
	groupFlood  = 1 << 28 // everybody on the switch, on all hosts
	groupHere   = 2 << 28 // everybody on the switch who is on this host
	groupSpread = 4 << 28
)

func groupOf(u logical.UUID) uint32 {
	return groupSpread | binary.BigEndian.Uint32(u[12:])&(groupFlood-1)
}

// switchRules are those of a switch as such: who gets what is for all, and the requests
// that the daemon answers.
func switchRules(v *view, r *rules, id logical.ID[logical.Switch]) {
	sw := v.sw(id)
	if sw == nil || v.reached(id) == viaNone {
		return
	}
	key := v.switchKey(sw)
	if key == 0 {
		return
	}
	if v.reached(id) != viaPort {
		return
	}
	requestRules(v, r, sw, key)
	if sw.Flood != logical.FloodAll {
		return
	}
	flood := of.GroupEntry{ID: groupFlood | uint32(key), Type: of.GroupAll}
	here := of.GroupEntry{ID: groupHere | uint32(key), Type: of.GroupAll}
	hosts := map[logical.HostIndex]bool{}
	for p := range v.ports(id) {
		if p.Kind == logical.PortRouter || p.Key == 0 {
			continue
		}
		v.read(p.Ref())
		if v.here(p) != 0 {
			here.Buckets = append(here.Buckets, of.Bucket{
				ID: uint32(p.Key), Actions: of.NewActions(of.Set(outPort(p.Key)), TableEgress.again()),
			})
			continue
		}
		if h := v.hostOf(p); h != nil && h != v.self() && h.Index != 0 && !hosts[h.Index] {
			hosts[h.Index] = true
			flood.Buckets = append(flood.Buckets, of.Bucket{
				ID: 1<<16 | uint32(h.Index), Actions: of.NewActions(of.Set(outPort(keyFlood)), toHost(h.Index), TableTunnel.again()),
			})
		}
	}
	flood.Buckets = append(flood.Buckets, here.Buckets...)
	sortBuckets(&flood)
	sortBuckets(&here)
	r.group(flood)
	r.group(here)
	r.add(TableL2, prioLess, on(in(key), multicast()), of.Group{ID: flood.ID})
	r.add(TableEgress, prioMatch, on(in(key), outPort(keyFlood)), of.Group{ID: here.ID})
}
