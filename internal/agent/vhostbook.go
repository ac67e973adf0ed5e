package agent

import (
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// vhostBook remembers when the guests of vhost ports came and went while this
// daemon looked, for metrics. Its zero value is empty. Safe for concurrent use.
type vhostBook struct {
	mu    sync.Mutex
	ports map[string]vhostPast
}

// vhostPast is what the book knows of one port.
type vhostPast struct {
	connected  bool
	before     bool      // it was connected once, and is counted when it is again
	changed    time.Time // zero = it has not since the first look
	reconnects uint64
}

// look writes down what the database says now. Every change of it makes a pass
// look, so that only what comes and goes within one change is missed. Ports that are
// gone are forgotten.
func (b *vhostBook) look(o vswitch.Observed, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ports := make(map[string]vhostPast, len(b.ports))
	for _, r := range o.Rows {
		if r.Status == nil || !vhost.Is(r) || r.Status.Status["status"] == "" {
			continue
		}
		is := vhost.Connected(r)
		p, seen := b.ports[r.Name]
		if seen && p.connected != is {
			p.changed = now
			if is && p.before {
				p.reconnects++
			}
		}
		p.connected, p.before = is, p.before || is
		ports[r.Name] = p
	}
	b.ports = ports
}

// of returns when the port's guest came or went last, zero when neither was seen,
// and how often it came again.
func (b *vhostBook) of(name string) (changed time.Time, reconnects uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.ports[name]
	return p.changed, p.reconnects
}
