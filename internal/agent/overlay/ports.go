package overlay

import (
	"maps"
	"reflect"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// askedPorts are the ports that the network asks for, as they were computed last.
type askedPorts struct {
	ports    []flows.Port
	overlay  *logical.Overlay // for which; nil = never computed
	host     string
	outdated bool // the network is another since
}

// Ports are those that the network asks of this host, for a pass to make. stay are
// those on the bridges that it asks for no more and flows may lead to still: they are
// taken away once none does. known is false while the store has not been read: what is
// there stays then.
func (n *Network) Ports(o vswitch.Observed) (ports []flows.Port, stay []string, known bool) {
	if n == nil {
		return nil, nil, false
	}
	overlay, host := n.daemon.Overlay()
	n.mu.Lock()
	defer n.mu.Unlock()
	ports, known = n.portsFor(overlay, host)
	if !known {
		return nil, nil, false
	}
	for _, name := range outdated(o, ports) {
		if n.led == nil || n.led[name] {
			stay = append(stay, name)
		}
	}
	n.held = n.held || len(stay) > 0
	return ports, stay, true
}

// outdated are the ports of a host that the network asked for and asks for no more.
func outdated(o vswitch.Observed, ports []flows.Port) []string {
	asked := map[string]bool{}
	for _, p := range ports {
		for _, r := range p.Rows {
			asked[r.Name] = true
		}
	}
	var all []string
	for _, r := range o.Rows {
		if r.Table == vswitch.PortTable && r.Mark.Owner == vswitch.OwnerProfile && flows.Planned(r.Name) && !asked[r.Name] {
			all = append(all, r.Name)
		}
	}
	return all
}

// avoid takes the tunnels to single hosts that the network asks for no more out of what
// flows may lead to, and returns those that they may.
func (n *Network) avoid(local *flows.Local) map[string]bool {
	overlay, host := n.daemon.Overlay()
	n.mu.Lock()
	defer n.mu.Unlock()
	ports, known := n.portsFor(overlay, host)
	if !known {
		return nil
	}
	leads := map[string]bool{}
	for _, p := range ports {
		for _, r := range p.Rows {
			leads[r.Name] = true
		}
	}
	maps.DeleteFunc(local.Peers, func(host string, _ openflow.Port) bool { return !leads[flows.PeerPort(host)] })
	return leads
}

// leads notes which ports the flows on the bridge may lead to, and has those taken away
// that were left there for them.
func (n *Network) leads(to map[string]bool) {
	n.mu.Lock()
	held := n.held
	n.led, n.held = to, false
	n.mu.Unlock()
	if held {
		n.daemon.Pass("no flow leads to ports any more that the logical network has no need of")
	}
}

// portsFor needs the lock.
func (n *Network) portsFor(overlay *logical.Overlay, host string) ([]flows.Port, bool) {
	if overlay == nil || n.next.snapshot == nil {
		return nil, false
	}
	if a := &n.asked; a.outdated || a.overlay != overlay || a.host != host {
		*a = askedPorts{ports: flows.Ports(n.next.snapshot, *overlay, host), overlay: overlay, host: host}
	}
	return n.asked.ports, true
}

// advance goes on to a snapshot, and reports whether other ports are asked for then.
func (n *Network) advance(s *logical.Snapshot, delta logical.Delta) (other bool) {
	overlay, host := n.daemon.Overlay()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.advanceFor(overlay, host, s, delta)
}

// advanceFor needs the lock.
func (n *Network) advanceFor(overlay *logical.Overlay, host string, s *logical.Snapshot, delta logical.Delta) (other bool) {
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
