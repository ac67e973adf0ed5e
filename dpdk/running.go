package dpdk

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// This file knows what happens to mempools while OVS runs: EAL keeps the limit
// it was started with, a pool stays until OVS asks for the next one, and a port
// whose new pool cannot be made leaves the datapath (lib/dpif-netdev.c,
// reconfigure_datapath).

// id names a pool among those of all nodes, same tells whether two pools of a
// node are one.
func (p Pool) id() string       { return fmt.Sprintf("%d: %s", p.Node, p.key) }
func (p Pool) same(o Pool) bool { return p.key == o.key }

// model is how the running OVS shares mempools.
func (p *planner) model() Model { return cmp.Or(p.Seen.Model, p.Spec.Memory.Model) }

// running returns the MiB that the running EAL can have of a node in all, and
// its limit, 0 = none.
func (p *planner) running(s stock) (mib, limit uint64) {
	if limits := p.Seen.SocketLimit; s.node.ID < len(limits) {
		limit = uint64(max(limits[s.node.ID], 0))
	}
	if limit > 0 {
		return min(s.most(), limit), limit
	}
	return s.most(), 0
}

// alive returns the pools that OVS has on a node. How large one is, nothing in
// the database tells: as large as all that OVS holds allows.
func (p *planner) alive(demands []demand, s stock) []Pool {
	var there []demand
	for _, name := range slices.Sorted(maps.Keys(p.Seen.Ports)) {
		seen := p.Seen.Ports[name]
		i := slices.IndexFunc(demands, func(d demand) bool { return d.port == name })
		if seen.MTU == 0 || seen.Node != s.node.ID && (seen.Node >= 0 || i < 0) {
			continue
		}
		d := demand{port: name, mtu: seen.MTU, own: p.ownMbufs(seen)}
		d.vhost = i >= 0 && demands[i].vhost
		there = append(there, d)
	}
	all := pools(s.node.ID, p.model(), there)
	bound, _ := p.running(s)
	if s.heldMiB > 0 {
		bound = min(bound, s.heldMiB)
	}
	fit(all, nil, bound, p.pageKiB())
	for i := range all {
		all[i].Mbufs = max(all[i].Mbufs, all[i].floor()) // it is there, so it has those at least
	}
	return all
}

func (p *planner) ownMbufs(s SeenPort) int {
	return PortMbufs(cmp.Or(s.RxQueues, 1), cmp.Or(s.RxDesc, 2048), cmp.Or(s.TxQueues, p.PMDs.Len()+1), cmp.Or(s.TxDesc, 2048))
}

// changes tells whether the plan adds a port of the pool, or gives one another
// class of MTU or other rings. What fails without that, fails already.
func (p *planner) changes(pool Pool) bool {
	changed := false
	other := func(port string, mtu int) bool {
		seen, known := p.Seen.Ports[port]
		return !known || AdjustedMTU(cmp.Or(seen.Request, etherMTU)) != AdjustedMTU(cmp.Or(mtu, etherMTU))
	}
	p.physicalPorts(func(port PortSpec, _ device) {
		if !slices.Contains(pool.Ports, port.Name) {
			return
		}
		planned := SeenPort{RxQueues: port.RxQueues, RxDesc: port.RxDesc, TxDesc: port.TxDesc}
		changed = changed || other(port.Name, port.MTU) || p.ownMbufs(p.Seen.Ports[port.Name]) != p.ownMbufs(planned)
	})
	for _, v := range p.VHost {
		changed = changed || slices.Contains(pool.Ports, v.Port) && other(v.Port, v.MTU)
	}
	return changed
}

// largest returns the most mbufs that a pool of those alive can have, for the
// others have their floor at least.
func (p *planner) largest(pool Pool, alive []Pool, s stock) int {
	all := slices.Clone(alive)
	at := slices.IndexFunc(all, pool.same)
	for i := range all {
		if all[i].Mbufs = all[i].floor(); i == at {
			all[i].Mbufs = all[i].Asked
		}
	}
	for s.heldMiB > 0 && total(all, p.pageKiB()) > s.heldMiB {
		less, ok := Halved(all[at].Mbufs)
		if !ok {
			break
		}
		all[at].Mbufs = less
	}
	return all[at].Mbufs
}
