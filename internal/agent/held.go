package agent

import (
	"fmt"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// held remembers the hugepages that ovs-vswitchd holds. To read them, the kernel
// walks the page tables of the switch while it keeps the switch from mapping
// memory: it is not done again while the free pages of all nodes are the same, and
// Options.Every has not passed.
type held struct {
	mu    sync.Mutex
	key   string // of what process is true for
	since time.Time
	pages []host.HeldPages
}

// process tells what the running ovs-vswitchd holds; nil where none runs.
func (a *Agent) process(t host.Topology) *plan.Process {
	pid, err := a.ctl.PID()
	if err != nil {
		return nil
	}
	key := fmt.Sprint(pid)
	for _, n := range t.Nodes {
		key += fmt.Sprint(" ", n.ID, n.Hugepages)
	}
	h := &a.held
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.key == key && a.now().Sub(h.since) < a.opt.Every {
		return &plan.Process{Hugepages: h.pages}
	}
	pages, err := a.opt.Host.HeldHugepages(pid)
	if err != nil {
		h.key = ""
		return &plan.Process{} // it holds some: how many cannot be told
	}
	h.key, h.since, h.pages = key, a.now(), pages
	return &plan.Process{Hugepages: pages}
}
