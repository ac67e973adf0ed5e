package dpdk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
)

const (
	// What DPDK takes of a node beside the mempools' objects: the rings and the
	// per-core caches of a pool (poolExtraMiB each), device queues and EAL's own.
	// OVS 3.1.0 with a net_tap of two queues took 2 MiB in all; a NIC with many
	// queues takes some more, and memory grows into the headroom besides.
	otherMiB     = 8
	poolExtraMiB = 4
)

// pageKiB is the profile's hugepage size.
func (p *planner) pageKiB() uint64 {
	if p.Spec.Memory.HugepageKiB == page1G {
		return page1G
	}
	return page2M
}

// memory plans mempools, socket memory and hugepages.
func (p *planner) memory() {
	if p.Spec == nil || p.Spec.Init == InitFalse || p.noHugepages() {
		return
	}
	nodes := 0
	for _, n := range p.Topology.Nodes {
		nodes = max(nodes, n.ID+1)
	}
	p.checkSockets(nodes)
	p.socketMem = make([]uint64, nodes)
	demands, stocks := p.demands(), p.stocks()
	fitted := make([][]Pool, nodes)
	for node := range nodes {
		fitted[node] = pools(node, p.Spec.Memory.Model, demands[node])
		fit(fitted[node], nil, p.budget(stocks[node]), p.pageKiB())
		p.socketMem[node] = total(fitted[node], p.pageKiB())
		if p.Spec.Memory.Sockets != nil {
			p.socketMem[node] = p.named(node) // nothing where there are none
		}
	}
	// EAL takes a list of nothing but zeros for a mistake (eal_parse_socket_arg).
	if main := mainNode(p.Topology, p.Spec.LCores); p.Spec.Memory.Sockets == nil && main < nodes && sum(p.socketMem) == 0 {
		p.socketMem[main] = roundToPages(otherMiB, p.pageKiB())
	}
	for node := range nodes {
		if len(fitted[node]) > 0 || p.socketMem[node] > 0 {
			p.plan.Memory = append(p.plan.Memory, NodeMemory{Node: node, Pools: fitted[node], SocketMem: p.socketMem[node]})
		}
		gaveUp := slices.ContainsFunc(fitted[node], func(pool Pool) bool { return pool.Mbufs == 0 })
		if p.Spec.Memory.Sockets != nil || !gaveUp { // else said of the pool, with the pages it needs
			p.start(stocks[node], node)
		}
	}
	p.checkPools(demands, stocks)
	p.checkRunning(demands, stocks)
}

func sum(mib []uint64) uint64 {
	var n uint64
	for _, m := range mib {
		n += m
	}
	return n
}

// named returns a node's value of an explicit memory.sockets; EAL takes what is
// not named for 0.
func (p *planner) named(node int) uint64 {
	if sockets := p.Spec.Memory.Sockets; node < len(sockets) {
		return uint64(max(sockets[node], 0))
	}
	return 0
}

// limit returns what DPDK may take of a node in all, 0 = all there is. Socket
// memory and headroom make at least one page, because EAL reads 0 as no limit.
func (p *planner) limit(node int, socketMem uint64) uint64 {
	if limits := p.Spec.Memory.Limits; limits != nil {
		if node < len(limits) {
			return uint64(max(limits[node], 0))
		}
		return 0
	}
	most := roundToPages(socketMem+uint64(max(p.Spec.Memory.Headroom, 0)), p.pageKiB())
	return max(most, p.pageKiB()/1024)
}

// budget returns the MiB that pools may take on a node: what pages there are,
// and no more than explicit sockets allow. Automatic ones follow the pools.
func (p *planner) budget(s stock) uint64 {
	mib := s.most()
	if p.Spec.Memory.Sockets == nil && p.Spec.Memory.Limits == nil {
		return mib
	}
	if limit := p.limit(s.node.ID, p.named(s.node.ID)); limit > 0 {
		return min(mib, limit)
	}
	return mib
}

// noHugepages tells whether EAL is told to do without.
func (p *planner) noHugepages() bool { return slices.Contains(p.extraWords(), "--no-huge") }

func (p *planner) extraWords() []string { return strings.Fields(strings.Join(p.Spec.Extra, " ")) }

// checkSockets refuses what makes EAL give up, and ovs-vswitchd with it.
func (p *planner) checkSockets(nodes int) {
	sockets := p.Spec.Memory.Sockets
	const path, cost = "dpdk.memory.sockets", "EAL does not start: no DPDK port works"
	if n := len(sockets); n > nodes {
		p.report(finding.Error, "too-many-sockets", path,
			fmt.Sprintf("%s of socket memory for %s", plural(n, "value"), plural(nodes, "NUMA node")),
			cost, fmt.Sprintf("name at most %s, or set auto", plural(nodes, "value")))
	}
	if len(sockets) > 0 && !slices.ContainsFunc(sockets, func(mib int) bool { return mib > 0 }) {
		p.report(finding.Error, "no-socket-memory", path, "no node gets socket memory", cost, "give a node with hugepages at least 64, or set auto")
	}
}
