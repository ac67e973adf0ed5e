package agent

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// nameKeeper makes a directory of what was seen last, and a new one only when that is
// another. It is for one goroutine.
type nameKeeper struct {
	agent    *Agent
	state    *passState
	snapshot *logical.Snapshot
	made     *ipfix.Directory
}

// directory returns the names of now.
func (k *nameKeeper) directory() *ipfix.Directory {
	state, snapshot := k.agent.state.p.Load(), (*logical.Snapshot)(nil)
	if n := k.agent.network; n != nil {
		snapshot = n.Snapshot()
	}
	if k.made != nil && k.state == state && k.snapshot == snapshot {
		return k.made
	}
	k.state, k.snapshot = state, snapshot
	var o vswitch.Observed
	if state != nil {
		o = state.observed
	}
	_, host := k.agent.overlay()
	k.made = directoryOf(o, snapshot, host)
	return k.made
}

// directoryOf names the interfaces of a switch by their bridge and by the port of the
// logical network behind them, the points at which the pipeline of this host samples,
// and the hosts by their tunnel addresses. A nil snapshot is no network.
func directoryOf(o vswitch.Observed, s *logical.Snapshot, host string) *ipfix.Directory {
	d := &ipfix.Directory{
		Interfaces: map[string]ipfix.Port{}, Domain: flows.SampleDomain(host), Points: map[uint32]ipfix.Port{}, Peers: map[netip.Addr]string{},
	}
	for _, r := range o.Rows {
		if r.Table != vswitch.IfaceTable {
			continue
		}
		port, _ := o.Row(r.Parent)
		d.Interfaces[r.Name] = ipfix.Port{Bridge: port.Parent.Name, Interface: r.Name, Logical: r.Settings[vswitch.IfaceID]}
	}
	if s == nil {
		return d
	}
	ports := sources{}
	d.Towards = (&towards{snapshot: s, host: host, ports: ports, known: map[destination]string{}}).of
	for _, i := range d.Interfaces {
		p := s.PortByName(i.Logical)
		if i.Logical == "" || p == nil {
			continue
		}
		d.Points[flows.SamplePoint(p.ID)], ports[flows.SamplePoint(p.ID)] = i, p
		for child := range s.PortsOver(p.ID) {
			ports[flows.SamplePoint(child.ID)] = child
			d.Points[flows.SamplePoint(child.ID)] = ipfix.Port{Bridge: i.Bridge, Interface: i.Interface, Logical: child.Name}
		}
	}
	for h := range s.Hosts() {
		for _, a := range h.Addresses {
			d.Peers[a] = h.Name
		}
	}
	return d
}
