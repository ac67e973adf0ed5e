package dpdk

import (
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// greedy returns the pool as OVS makes it where others have been made before:
// as large as fits, with 0 mbufs where the floor does not.
func greedy(pool Pool, before []Pool, budget, pageKiB uint64) Pool {
	for pool.Mbufs = pool.Asked; total(slices.Concat(before, []Pool{pool}), pageKiB) > budget; {
		less, ok := Halved(pool.Mbufs)
		pool.Mbufs = less
		if !ok {
			break
		}
	}
	return pool
}

// last returns the pool as it is if it is made after all others that may come
// before, beside those that are alive: pools of guests are made when all ports
// are there.
func last(pool Pool, all, alive []Pool, budget, pageKiB uint64) Pool {
	before := slices.Clone(alive)
	for _, o := range all {
		if o.same(pool) || o.Mbufs == 0 || o.Guests && !pool.Guests {
			continue
		}
		if o = greedy(o, before, budget, pageKiB); o.Mbufs > 0 {
			before = append(before, o)
		}
	}
	return greedy(pool, before, budget, pageKiB)
}

// checkOrder warns where pools fit side by side, but OVS, which makes one after
// another and each as large as it can, leaves too little for the last.
func (p *planner) checkOrder(n NodeMemory, s stock) {
	budget := s.most()
	if limit := p.limit(n.Node, n.SocketMem); limit > 0 {
		budget = min(budget, limit)
	}
	for _, pool := range n.Pools {
		made := last(pool, n.Pools, nil, budget, p.pageKiB())
		if pool.Mbufs == 0 || pool.Rings > pool.Mbufs || made.Mbufs >= pool.Rings && made.Mbufs > 0 {
			continue
		}
		full := slices.Clone(n.Pools)
		for i := range full {
			full[i].Mbufs = full[i].Asked
		}
		p.report(finding.Warning, "mempool-made-last", pool.Path,
			fmt.Sprintf("OVS makes the mempools of node %d one after another, each as large as fits into %d MiB: made last, that of MTU %d (%s) gets %d mbufs, and its queues need %d",
				n.Node, budget, pool.MTU, users(pool), made.Mbufs, pool.Rings),
			"after a restart of OVS its ports may not open, or run dry",
			fmt.Sprintf("%d MiB on node %d hold all pools in full; or use MTUs of one class", total(full, p.pageKiB()), n.Node))
	}
}

// checkRunningOrder warns of the same among pools that a plan has OVS make.
func (p *planner) checkRunningOrder(pool Pool, g growth) {
	budget, _ := p.running(g.stock)
	made := last(pool, g.fresh, g.alive, budget, p.pageKiB())
	if pool.Mbufs == 0 || made.Mbufs > 0 || !p.changes(pool) {
		return
	}
	p.report(finding.Warning, "mempool-made-last", pool.Path,
		fmt.Sprintf("OVS makes the new mempools of node %d one after another, each as large as fits into %d MiB: made last, that of MTU %d (%s) gets nothing",
			pool.Node, budget, pool.MTU, users(pool)),
		"its ports may not open before ovs-vswitchd is restarted", "restart ovs-vswitchd once the plan is applied, or use MTUs of one class")
}
