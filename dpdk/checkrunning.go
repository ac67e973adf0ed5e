package dpdk

import (
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// growth is what a plan does to the mempools of a node while OVS runs.
type growth struct {
	stock
	alive, kept, fresh []Pool // OVS has them; of those, wanted; to be made
}

// checkRunning judges the mempools that OVS makes without a restart.
func (p *planner) checkRunning(demands map[int][]demand, stocks map[int]stock) {
	if !p.Seen.Running {
		return
	}
	var nodes []growth
	var there []Pool
	for node := range p.socketMem {
		g := growth{stock: stocks[node], alive: p.alive(demands[node], stocks[node])}
		for _, pool := range pools(node, p.model(), demands[node]) {
			if slices.ContainsFunc(g.alive, pool.same) {
				g.kept = append(g.kept, pool)
			} else {
				g.fresh = append(g.fresh, pool)
			}
		}
		budget, _ := p.running(g.stock)
		fit(g.fresh, g.alive, budget, p.pageKiB())
		nodes = append(nodes, g)
		there = slices.Concat(there, g.kept, g.fresh)
	}
	for _, g := range nodes {
		p.checkGrowth(g, there)
	}
}

func (p *planner) checkGrowth(g growth, there []Pool) {
	for _, pool := range g.kept {
		pool.Mbufs = p.largest(pool, g.alive, g.stock)
		if pool.Rings > pool.Mbufs && p.changes(pool) {
			p.shortWhileRunning(pool, g)
		}
	}
	made := false
	for _, pool := range g.fresh {
		made = made || pool.Mbufs > 0
		switch {
		case pool.Mbufs == 0:
			p.noRoom(pool, g, there)
		case pool.Rings > pool.Mbufs && p.changes(pool):
			p.shortWhileRunning(pool, g)
		case pool.Mbufs < pool.Asked && p.changes(pool):
			p.reportRunning(pool, finding.Warning, "mempool-halved",
				fmt.Sprintf("while OVS runs, the mempool of MTU %d on node %d (%s) gets %d mbufs; OVS asks for %d first, and the queues need %d",
					pool.MTU, pool.Node, users(pool), pool.Mbufs, pool.Asked, pool.Rings),
				"less room for bursts and for ports added later, until ovs-vswitchd is restarted",
				"restart ovs-vswitchd once the plan is applied, or take it as it is")
		}
		p.checkRunningOrder(pool, g)
	}
	need, pages := total(slices.Concat(g.alive, g.fresh), p.pageKiB()), g.mib(g.available)+g.otherMiB
	if made && need > pages {
		p.addHugepages(g.stock, min(g.more, roundToPages(need-pages, p.pageKiB())*1024/p.pageKiB()))
	}
}

// reportRunning tells what a restart would mend, unless something as grave that
// it would not mend has been told of the pool.
func (p *planner) reportRunning(pool Pool, severity finding.Severity, code, what, cost, fix string) {
	if said := p.lacking[pool.id()]; said == finding.Error || said == severity {
		return
	}
	p.report(severity, code, pool.Path, what, cost, fix)
}

func (p *planner) shortWhileRunning(pool Pool, g growth) {
	full := pool
	full.Mbufs = pool.Asked
	more := size(full, p.pageKiB()) - size(pool, p.pageKiB())
	p.reportRunning(pool, finding.Error, "mbufs-short",
		fmt.Sprintf("while OVS runs, the mempool of MTU %d on node %d has %d mbufs at the most; rings and bursts of %s take %d",
			pool.MTU, pool.Node, pool.Mbufs, users(pool), pool.Rings),
		"the pool runs dry: rx_mbuf_allocation_errors, every port of the pool drops", p.roomFix(more, g))
}

// noRoom tells that a pool cannot be made without a restart. What the plan
// leaves alone is no reason to refuse it, and a guest may live elsewhere.
func (p *planner) noRoom(pool Pool, g growth, there []Pool) {
	severity, cost := finding.Error, "OVS cannot make the mempool, and takes the port out of its datapath"
	if pool.Guests {
		cost = "a guest whose memory is on this node gets no packets"
	}
	elsewhere := func(o Pool) bool { return o.Mbufs > 0 && o.same(pool) }
	if !p.changes(pool) || pool.Guests && slices.ContainsFunc(there, elsewhere) {
		severity = finding.Warning
	}
	budget, limit := p.running(g.stock)
	least := slices.Concat(g.alive, g.fresh)
	for i := len(g.alive); i < len(least); i++ {
		least[i].Mbufs = least[i].floor()
	}
	need := total(least, p.pageKiB()) - budget // else fit had given up none
	pool.Mbufs = pool.floor()
	var beside uint64
	for _, o := range g.alive {
		beside += size(o, p.pageKiB())
	}
	fix := p.roomFix(need, g)
	if !p.changes(pool) && limit > 0 && budget == limit {
		fix = "restart ovs-vswitchd once the plan is applied"
	}
	held := fmt.Sprintf("the node has %d MiB of hugepages for OVS", budget)
	if limit == budget && limit > 0 {
		held = fmt.Sprintf("ovs-vswitchd was started with dpdk-socket-limit %d MiB", limit)
	}
	p.reportRunning(pool, severity, "mempool-does-not-fit",
		fmt.Sprintf("needs %d MiB more on node %d while OVS runs: a mempool of MTU %d (%s) takes %d MiB at the least, beside %d MiB of those that exist; %s",
			need, pool.Node, pool.MTU, users(pool), size(pool, p.pageKiB()), beside, held),
		cost, fix)
}

// roomFix tells how the running OVS gets more memory: pages, or a restart with
// a higher limit, for which the plan must first be applied without the change.
func (p *planner) roomFix(mib uint64, g growth) string {
	budget, limit := p.running(g.stock)
	pages := roundToPages(mib, p.pageKiB()) * 1024 / p.pageKiB()
	if limit == 0 || budget < limit {
		return fmt.Sprintf("echo %d > /sys/devices/system/node/node%d/hugepages/hugepages-%dkB/nr_hugepages, or set hugepages.allocate: true",
			g.pool.Total+pages, g.node.ID, p.pageKiB())
	}
	raise := fmt.Sprintf("dpdk.memory.headroom to %d", uint64(max(p.Spec.Memory.Headroom, 0))+mib)
	if p.Spec.Memory.Limits != nil {
		raise = fmt.Sprintf("node %d of dpdk.memory.limits to %d", g.node.ID, limit+mib)
	}
	return fmt.Sprintf("first raise %s without this change, apply that, and restart ovs-vswitchd", raise)
}
