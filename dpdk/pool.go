package dpdk

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// Pool is one mempool that OVS will ask for.
type Pool struct {
	Node  int
	MTU   int // the largest of the ports' MTUs
	Ports []string
	Path  string // place in the profile of the port with that MTU
	// Guests tells that only vhost ports use the pool and that OVS asks for it
	// when a guest of this node connects. OVS before 3.0 asks for that of the
	// main lcore's node when it adds the port.
	Guests bool
	key    string // tells pools of a node apart
	// Asked is the number of mbufs OVS asks for first, Mbufs what fits (halved
	// as OVS does), 0 where not even the floor fits, and Rings what the ports'
	// rings and bursts can hold at once.
	Asked, Mbufs, Rings int
}

// demand is one port's wish for mbufs.
type demand struct {
	port, path string
	mtu        int
	vhost      bool
	guest      bool // wished when a guest connects, not before
	rings      int  // rx and tx rings full, and a burst of every queue
	own        int  // PortMbufs
}

// NodeMemory is the memory plan of one NUMA node.
type NodeMemory struct {
	Node  int
	Pools []Pool // largest first
	// SocketMem is what EAL takes at its start, in MiB.
	SocketMem uint64
}

func (p *planner) physicalDemand(port PortSpec) demand {
	txQueues := p.PMDs.Len() + 1 // lib/dpif-netdev.c asks for one per PMD and one for the main thread
	rxQueues, rxDesc, txDesc := max(port.RxQueues, 1), cmp.Or(port.RxDesc, 2048), cmp.Or(port.TxDesc, 2048)
	return demand{
		port: port.Name, path: port.Path + ".mtu", mtu: cmp.Or(port.MTU, etherMTU),
		rings: rxQueues*rxDesc + txQueues*txDesc + rxQueues*burst,
		own:   PortMbufs(rxQueues, rxDesc, txQueues, txDesc),
	}
}

// guestDemand: a vhost port's rings lie in the guest's memory; only bursts take
// mbufs. The sizes in PortMbufs are OVS's defaults all the same.
func guestDemand(v VhostUse) demand {
	queues := max(v.Queues, 1)
	return demand{
		port: v.Port, path: v.Path + ".mtu", mtu: cmp.Or(v.MTU, etherMTU), vhost: true, guest: true,
		rings: 2 * queues * burst,
		own:   PortMbufs(queues, 2048, queues, 2048),
	}
}

// demands groups the ports' wishes by the node on which OVS will allocate. The
// node of a guest is known only when it connects, so a vhost port counts on
// every node that has a PMD. Before OVS 3.0 it has its mempool from the moment
// it is added, on the main lcore's node, and does not open without.
func (p *planner) demands() map[int][]demand {
	byNode := map[int][]demand{}
	p.physicalPorts(func(port PortSpec, d device) {
		byNode[d.node] = append(byNode[d.node], p.physicalDemand(port))
	})
	nodes, first := p.guestNodes(), -1
	if p.before("3.0") {
		first = mainNode(p.Topology, p.lcores())
		nodes = append(nodes, first)
		slices.Sort(nodes)
		nodes = slices.Compact(nodes)
	}
	for _, node := range nodes {
		for _, v := range p.VHost {
			d := guestDemand(v)
			d.guest = node != first
			byNode[node] = append(byNode[node], d)
		}
	}
	return byNode
}

// guestNodes returns the nodes where a vhost port's mempool may land.
func (p *planner) guestNodes() []int {
	var nodes []int
	for cpu := range p.PMDs.All() {
		c, _ := p.Topology.CPU(cpu)
		nodes = append(nodes, max(c.Node, 0))
	}
	if len(nodes) == 0 {
		return []int{mainNode(p.Topology, cpuset.Set{})}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// key tells which ports of a node share a mempool: those of an MTU class, or
// none. A port's own is made anew where its size changes; that of a vhost port
// follows the guest's queues, which nobody here changes.
func (d demand) key(model Model) string {
	class := AdjustedMTU(d.mtu)
	switch {
	case model != PerPort:
		return fmt.Sprint(class)
	case d.vhost:
		return fmt.Sprintf("%s of %d", d.port, class)
	default:
		return fmt.Sprintf("%s of %d with %d", d.port, class, d.own)
	}
}

// pools turns the wishes on one node into the mempools of a memory model:
// shared ones by MTU class, or one for each port.
func pools(node int, model Model, demands []demand) []Pool {
	classes := map[string]*Pool{}
	for _, d := range demands {
		key, asked := d.key(model), d.own
		if model != PerPort {
			asked = SharedMbufs(d.mtu)
		}
		pool := classes[key]
		if pool == nil {
			pool = &Pool{Node: node, key: key, Guests: true, Asked: asked, Mbufs: asked}
			classes[key] = pool
		}
		if d.mtu > pool.MTU {
			pool.MTU, pool.Path = d.mtu, d.path
		}
		pool.Ports = append(pool.Ports, d.port)
		pool.Guests = pool.Guests && d.guest
		pool.Rings += d.rings
	}
	var all []Pool
	for _, pool := range classes {
		all = append(all, *pool)
	}
	slices.SortFunc(all, func(a, b Pool) int {
		return cmp.Or(-cmp.Compare(ObjectBytes(a.MTU)*a.Asked, ObjectBytes(b.MTU)*b.Asked), cmp.Compare(a.Ports[0], b.Ports[0]))
	})
	return all
}

// floor returns the fewest mbufs with which OVS opens the pool's ports.
func (p Pool) floor() int {
	n := p.Asked
	for {
		less, ok := Halved(n)
		if !ok {
			return n
		}
		n = less
	}
}

// fit halves the largest pools, as OVS would, until all fit into a number of
// MiB beside those that are alive. Where not even the floors fit, pools are given up (0 mbufs), those of
// guests before those of NICs.
func fit(all, alive []Pool, budget, pageKiB uint64) {
	for total(slices.Concat(all, alive), pageKiB) > budget {
		largest := -1
		for i, p := range all {
			if _, ok := Halved(p.Mbufs); ok && (largest < 0 || size(p, pageKiB) > size(all[largest], pageKiB)) {
				largest = i
			}
		}
		if largest >= 0 {
			all[largest].Mbufs /= 2
			continue
		}
		victim := -1
		for i, p := range all {
			if p.Mbufs > 0 && (victim < 0 || p.Guests && !all[victim].Guests) {
				victim = i
			}
		}
		if victim < 0 {
			return // nothing is left to give up
		}
		all[victim].Mbufs = 0
		for i := range all { // what is left may have more room again
			if all[i].Mbufs > 0 {
				all[i].Mbufs = all[i].Asked
			}
		}
	}
}

func size(p Pool, pageKiB uint64) uint64 { return poolMiB(p.Mbufs, p.MTU, pageKiB) }

// total returns the MiB that the pools take with DPDK's other allocations, in
// whole pages; 0 without pools.
func total(all []Pool, pageKiB uint64) uint64 {
	var mib uint64
	for _, p := range all {
		if p.Mbufs > 0 {
			mib += size(p, pageKiB) + poolExtraMiB
		}
	}
	if mib == 0 {
		return 0
	}
	return roundToPages(mib+otherMiB, pageKiB)
}
