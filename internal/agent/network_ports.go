package agent

import (
	"reflect"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// askedPorts are the ports that the network asks for, as they were computed last.
type askedPorts struct {
	ports    []flows.Port
	overlay  *logical.Overlay // for which; nil = never computed
	host     string
	outdated bool // the network is another since
}

// ports are those that the network asks of this host, for a pass to make. known is
// false while the store has not been read: what is there stays then.
func (n *network) ports() (ports []flows.Port, known bool) {
	if n == nil {
		return nil, false
	}
	overlay, host := n.overlay()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.portsFor(overlay, host)
}

// portsFor needs the lock.
func (n *network) portsFor(overlay *logical.Overlay, host string) ([]flows.Port, bool) {
	if overlay == nil || n.next.snapshot == nil {
		return nil, false
	}
	if a := &n.asked; a.outdated || a.overlay != overlay || a.host != host {
		*a = askedPorts{ports: flows.Ports(n.next.snapshot, *overlay, host), overlay: overlay, host: host}
	}
	return n.asked.ports, true
}

// advance goes on to a snapshot, and reports whether other ports are asked for then.
func (n *network) advance(s *logical.Snapshot, delta logical.Delta) (other bool) {
	overlay, host := n.overlay()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.advanceFor(overlay, host, s, delta)
}

// advanceFor needs the lock.
func (n *network) advanceFor(overlay *logical.Overlay, host string, s *logical.Snapshot, delta logical.Delta) (other bool) {
	before := n.next.snapshot
	if before == nil || before.Generation() != s.Generation() {
		n.next.since = n.clock.Now()
	}
	n.next.snapshot = s
	n.next.delta = append(n.next.delta, delta...)
	if !flows.PortsTouched(before, s, delta) {
		return false
	}
	was := n.asked.ports
	n.asked.outdated = true
	now, known := n.portsFor(overlay, host)
	return known && (before == nil || !reflect.DeepEqual(was, now))
}
