package dpdk

import (
	"fmt"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

// hugepageShare of a node's memory is the most that is made into hugepages;
// the system, guests' own needs and page tables live in the rest.
const hugepageShare = 0.75

// stock is what a node has of the profile's hugepages.
type stock struct {
	node      host.Node
	pool      host.Hugepages
	available uint64 // pages: free ones, and those the running OVS gives back
	more      uint64 // pages that may be added: memory.hugepages.allocate
	heldMiB   uint64 // what the running OVS holds in pages of any size
	otherMiB  uint64 // and of that, in pages of other sizes than the profile's
}

// most returns the MiB that EAL can have of the node.
func (s stock) most() uint64 { return s.mib(s.available+s.more) + s.otherMiB }

func (s stock) mib(pages uint64) uint64 { return pages * s.pool.SizeKiB / 1024 }

// stocks returns the stock of every node that exists, by its number.
func (p *planner) stocks() map[int]stock {
	all := map[int]stock{}
	for _, n := range p.Topology.Nodes {
		s := stock{node: n, pool: host.Hugepages{SizeKiB: p.pageKiB()}}
		var usedMiB uint64
		for _, h := range n.Hugepages {
			usedMiB += h.Total * h.SizeKiB / 1024
			if h.SizeKiB == p.pageKiB() {
				s.pool = h
			}
		}
		p.held(&s)
		if limit := uint64(float64(n.MemoryMiB) * hugepageShare); p.Spec.Memory.Allocate && limit > usedMiB {
			s.more = (limit - usedMiB) * 1024 / p.pageKiB()
		}
		all[n.ID] = s
	}
	return all
}

// held adds what the running OVS holds to the free pages. EAL takes pages of
// every size it finds. Where nobody knows what it holds, all may be its own.
func (p *planner) held(s *stock) {
	s.available = s.pool.Free
	all := max(s.pool.Total, s.pool.Free)
	if p.Seen.Running && len(p.Seen.Hugepages) == 0 {
		s.available = all
	}
	for _, held := range p.Seen.Hugepages {
		if held.Node != s.node.ID {
			continue
		}
		mib := held.Pages * held.SizeKiB / 1024
		s.heldMiB += mib
		if held.SizeKiB == p.pageKiB() {
			s.available = min(s.available+held.Pages, all)
		} else {
			s.otherMiB += mib
		}
	}
}

// start compares what EAL takes at its start with the pages of a node, and adds
// pages where the profile allows it.
func (p *planner) start(s stock, node int) {
	own := p.socketMem[node] - min(p.socketMem[node], s.otherMiB)
	pages := roundToPages(own, p.pageKiB()) * 1024 / p.pageKiB()
	if pages <= s.available {
		return
	}
	missing := pages - s.available
	if missing <= s.more {
		p.addHugepages(s, missing)
		return
	}
	fix := fmt.Sprintf("echo %d > /sys/devices/system/node/node%d/hugepages/hugepages-%dkB/nr_hugepages, set hugepages.allocate: true, or take less socket memory",
		s.pool.Total+missing, node, p.pageKiB())
	if p.Spec.Memory.Allocate {
		fix = fmt.Sprintf("the node has %d MiB of memory, of which at most %d may become hugepages: take less socket memory", s.node.MemoryMiB, int(float64(s.node.MemoryMiB)*hugepageShare))
	}
	p.report(finding.Error, "socket-memory", "dpdk.memory.sockets",
		fmt.Sprintf("socket-mem %d MiB needs %d free pages of %d kB on node %d, %d are free", p.socketMem[node], pages, p.pageKiB(), node, s.available),
		"EAL does not start: no DPDK port works until ovs-vswitchd is started anew", fix)
}

// addHugepages has so many pages made on a node, beside those that exist.
func (p *planner) addHugepages(s stock, missing uint64) {
	add := host.SetHugepages{Node: s.node.ID, SizeKiB: p.pageKiB(), Pages: s.pool.Total + missing}
	for i, a := range p.hugepages {
		if was, ok := a.(host.SetHugepages); ok && was.Node == add.Node {
			add.Pages = max(add.Pages, was.Pages)
			p.hugepages[i] = add
			return
		}
	}
	p.hugepages = append(p.hugepages, add)
}
