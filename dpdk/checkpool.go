package dpdk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// checkPools judges every mempool against the memory of its node.
func (p *planner) checkPools(demands map[int][]demand, stocks map[int]stock) {
	var all []Pool
	for _, n := range p.plan.Memory {
		all = append(all, n.Pools...)
		p.checkOrder(n, stocks[n.Node])
	}
	for _, pool := range all {
		switch {
		case pool.Mbufs < pool.Asked && pool.Rings <= pool.Asked && p.exists(pool, demands[pool.Node], stocks[pool.Node]):
		case pool.Mbufs == 0:
			p.poolMissing(pool, stocks[pool.Node], all)
		case pool.Rings > pool.Mbufs:
			p.lacking[pool.id()] = finding.Error
			p.report(finding.Error, "mbufs-short", pool.Path,
				fmt.Sprintf("the mempool of MTU %d on node %d gets %d mbufs of %d; rings and bursts of %s take %d",
					pool.MTU, pool.Node, pool.Mbufs, pool.Asked, users(pool), pool.Rings),
				"the pool runs dry: rx_mbuf_allocation_errors, every port of the pool drops", p.shortFix(pool))
		case pool.Mbufs < pool.Asked:
			p.lacking[pool.id()] = finding.Warning
			full := poolMiB(pool.Asked, pool.MTU, p.pageKiB())
			p.report(finding.Warning, "mempool-halved", pool.Path,
				fmt.Sprintf("the mempool of MTU %d on node %d (%s) gets %d mbufs; OVS asks for %d first, and the queues need %d",
					pool.MTU, pool.Node, users(pool), pool.Mbufs, pool.Asked, pool.Rings),
				"less room for bursts and for ports added later",
				fmt.Sprintf("%d MiB more on node %d would give it the whole %d MiB", full-size(pool, p.pageKiB()), pool.Node, full))
		}
	}
}

// exists tells that OVS has the pool: how many buffers it holds, only OVS knows.
func (p *planner) exists(pool Pool, demands []demand, s stock) bool {
	return p.Seen.Running && slices.ContainsFunc(p.alive(demands, s), pool.same)
}

// shortFix tells what would make the rings fit.
func (p *planner) shortFix(pool Pool) string {
	if pool.Mbufs < pool.Asked && pool.Rings <= pool.Asked {
		more := poolMiB(pool.Asked, pool.MTU, p.pageKiB()) - size(pool, p.pageKiB())
		return fmt.Sprintf("give node %d %d MiB more of hugepages, or set fewer or shorter queues", pool.Node, more)
	}
	return "set fewer or shorter queues (rxQueues, rxDescriptors, txDescriptors, PMDs), or memory.model: per-port"
}

// poolMissing tells that a port cannot open for want of memory. A guests' pool
// is needed only where a guest lives, so it is grave only if no node has room.
func (p *planner) poolMissing(pool Pool, s stock, all []Pool) {
	severity := finding.Error
	if pool.Guests && slices.ContainsFunc(all, func(o Pool) bool { return o.Mbufs > 0 && slices.Contains(o.Ports, pool.Ports[0]) }) {
		severity = finding.Warning
	}
	p.lacking[pool.id()] = severity
	kib := p.pageKiB()
	full, least := Pages(pool.Asked, pool.MTU, kib), Pages(pool.floor(), pool.MTU, kib)
	cost := "OVS cannot make the mempool, and the port does not open"
	if pool.Guests {
		cost = "a guest whose memory is on this node gets no packets"
	}
	if s.most() == 0 {
		p.report(severity, "node-without-hugepages", pool.Path,
			fmt.Sprintf("node %d has no free hugepages of %d kB; %s of MTU %d needs %s there, %d at the least",
				pool.Node, kib, users(pool), pool.MTU, plural(int(full), "page"), least),
			cost, p.addPages(s, full))
		return
	}
	need := roundToPages(poolMiB(pool.floor(), pool.MTU, kib)+poolExtraMiB+otherMiB, kib)
	if have := p.budget(s); need > have {
		need -= have
	} // else other pools have taken it, and need is what this one adds
	p.report(severity, "mempool-does-not-fit", pool.Path,
		fmt.Sprintf("needs %d MiB more on node %d: %d pages of %d kB for MTU %d (%s), %d at the least; all pools of the node have %s",
			need, pool.Node, full, kib, pool.MTU, users(pool), least, plural(int(p.budget(s)*1024/kib), "page")),
		cost, p.addPages(s, full))
}

func (p *planner) addPages(s stock, pages uint64) string {
	return fmt.Sprintf("echo %d > /sys/devices/system/node/node%d/hugepages/hugepages-%dkB/nr_hugepages, or set hugepages.allocate: true",
		s.pool.Total+pages+(otherMiB+poolExtraMiB)*1024/p.pageKiB(), s.node.ID, p.pageKiB())
}

// users names the ports of a pool, at most four.
func users(p Pool) string {
	if len(p.Ports) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(p.Ports[:4], ", "), len(p.Ports)-4)
	}
	return strings.Join(p.Ports, ", ")
}
