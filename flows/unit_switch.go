package flows

import (
	"encoding/binary"
	"iter"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Group numbers are functions of stored keys: of a switch's datapath key for the
// groups that flood it, of a route's UUID for equal routes.
const (
	groupHere   = 2 << 28 // everybody on the switch who is on this host
	groupOpen   = 3 << 28 // where anybody may be
	groupSpread = 4 << 28
	groupBlind  = 5 << 28 // equal routes, whatever BFD says
	groupFirst  = 9 << 28 // the former, or else the latter
	// Of a switch on more hosts than a packet reaches in one turn, bits 24 to 27 are the
	// turn. Groups have higher numbers than those they lead to, which so go in first.
	groupCopies = 6 << 28 // the hosts of a turn
	groupAnew   = 7 << 28 // begins a turn
	groupFar    = 8 << 28 // the other hosts of the switch
)

// firstFar is more than the bucket of each port of this host; with the index of a host,
// or the key of a port elsewhere, it is a bucket of that.
const firstFar = 1 << 16

func groupOf(u logical.UUID) uint32 {
	return groupSpread | binary.BigEndian.Uint32(u[12:])&(1<<28-1)
}

// switchRules are those of a switch as such: its way to a physical network, and the
// requests that the daemon answers.
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
	if port := v.network(sw); port != 0 {
		patchRules(r, key, keyNetwork, port, sw.VLAN)
		quiet(r, key, keyNetwork)
		heard(r, key, keyNetwork)
	}
	apart(r, key, v.wires(sw))
}

// apart: a switch joins its ports to its physical networks, and not these to each other.
func apart(r *rules, sw logical.DatapathKey, wires []logical.PortKey) {
	for _, from := range wires {
		for _, to := range wires {
			if from != to {
				r.add(TableEgress, prioMore, on(in(sw), inPort(from), outPort(to)))
			}
		}
	}
}

// receivers are who gets what is for several: buckets of the ports on this host, of
// other hosts or their open ports, and of physical networks that other hosts reach, too.
type receivers struct{ here, far, wires []of.Bucket }

// receivers gathers them; for all of the switch, or for its open ports alone.
func (v *view) receivers(sw *logical.Switch, ports iter.Seq[*logical.SwitchPort], all bool) receivers {
	var to receivers
	if v.network(sw) != 0 {
		to.wires = append(to.wires, bucketHere(keyNetwork))
	}
	hosts := map[logical.HostIndex]bool{}
	for p := range ports {
		if p.Kind == logical.PortRouter || p.Key == 0 {
			continue
		}
		v.read(p.Ref())
		s := site{p: p}
		switch p.Kind {
		case logical.PortLocalnet:
			if port, _ := v.patch(p, sw); port != 0 {
				to.wires = append(to.wires, bucketHere(keyOf(p)))
			}
			continue
		case logical.PortOutside:
			if s.local, _ = v.patch(p, sw); s.local == 0 {
				s.host = v.elsewhere(v.hostOf(p))
			}
			if v.shared(sw, s.host) != 0 {
				continue
			}
		default:
			s = v.where(s, sw)
		}
		switch {
		case s.local != 0:
			to.here = append(to.here, bucketHere(keyOf(p), s.turn()...))
		case s.host != nil && !all:
			to.far = append(to.far, bucketFar(firstFar|uint32(keyOf(p)), keyOf(p), s.host))
		case s.host != nil && !hosts[s.host.Index]:
			hosts[s.host.Index] = true
			to.far = append(to.far, bucketFar(firstFar|uint32(s.host.Index), keyFlood, s.host))
		}
	}
	return to
}

func bucketHere(key logical.PortKey, first ...of.Action) of.Bucket {
	return of.Bucket{ID: uint32(key), Actions: of.NewActions(append(first, of.Set(outPort(key)), TableEgress.again())...)}
}

func bucketFar(id uint32, key logical.PortKey, h *logical.Host) of.Bucket {
	return of.Bucket{ID: id, Actions: of.NewActions(of.Set(outPort(key)), toHost(h.Index), TableTunnel.again())}
}

// openRules: what has no known receiver goes to the ports behind which anybody may be;
// without such ports it is dropped.
func openRules(r *rules, key logical.DatapathKey, to receivers) {
	open := of.GroupEntry{ID: groupOpen | uint32(key), Type: of.GroupAll, Buckets: slices.Concat(to.here, turns(r, key, to.far), to.wires)}
	if len(open.Buckets) == 0 {
		return
	}
	sortBuckets(&open)
	r.group(open)
	r.add(TableL2, prioOpen, on(in(key)), of.Group{ID: open.ID})
	for _, wire := range to.wires {
		// It came from where it would go, and who else is open here is asked by nobody.
		r.add(TableL2, prioOpen+1, on(in(key), inPort(logical.PortKey(wire.ID))), openHere(to)...) //nolint:gosec // a port key
	}
}

// openHere gives the packet to the open ports of this host alone.
func openHere(to receivers) []of.Action {
	var do []of.Action
	for _, b := range to.here {
		do = append(do, of.Clone{Actions: b.Actions.List()})
	}
	return do
}
