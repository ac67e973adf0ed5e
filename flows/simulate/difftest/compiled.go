package difftest

import (
	"context"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Punts are the daemon's tasks by the first byte of a compiled flow's userdata.
var Punts = map[string]simulate.Punt{
	opcode(flows.OpDHCPv4): simulate.PuntDHCP,
	opcode(flows.OpDHCPv6): simulate.PuntDHCPv6,
	opcode(flows.OpRA):     simulate.PuntRouter,
	opcode(flows.OpDNS):    simulate.PuntDNS,
	opcode(flows.OpND):     simulate.PuntDuplicate,
	opcode(flows.OpTooBig): simulate.PuntTooBig,
}

func opcode(o flows.Opcode) string { return fmt.Sprintf("%02x", byte(o)) }

// Session is the OpenFlow connection to the switch's Integration bridge, with the
// tunnel option and the meters made known to it. The caller closes it.
func (s *Switch) Session(ctx context.Context) (*ofconn.Session, error) {
	session, err := ofconn.Dial(ctx, ofconn.Socket(s.Lab.RunDir(), Integration))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	have, err := session.TLVTable(ctx)
	option := flows.Option(OptionClass)
	if err == nil && !slices.Contains(have.Maps, option) {
		err = session.Send(ctx, &of.TLVMod{Command: of.TLVAdd, Maps: []of.TLVMap{option}})
	}
	if err == nil {
		err = meters(ctx, session)
	}
	if err != nil {
		session.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return session, nil
}

// meters adds those that are not there.
func meters(ctx context.Context, session *ofconn.Session) error {
	have, err := session.Meters(ctx)
	if err != nil {
		return err
	}
	for _, m := range flows.Meters() {
		if slices.ContainsFunc(have, func(h of.MeterEntry) bool { return h.ID == m.ID }) {
			continue
		}
		if err := session.Send(ctx, &of.MeterMod{Command: of.MeterAdd, Meter: m}); err != nil {
			return err
		}
	}
	return nil
}

// Wiring is what is local on the hosts of a network: each port that a binding, even
// one that lost, brings to a host has an interface there, and each host the patches
// that its physical networks and outside ports need. Hosts without a switch have nothing.
func (f *Fleet) Wiring(snap *logical.Snapshot) (map[string]flows.Local, error) {
	all := map[string]flows.Local{}
	for h := range snap.Hosts() {
		s := f.Switches[h.Name]
		if s == nil {
			continue
		}
		l := flows.Local{
			Host: h.Name, Tunnel: TunnelPort, Peers: map[string]of.Port{}, Ports: map[string]of.Port{}, Networks: map[string]of.Port{}, Bridges: map[string]of.Port{},
		}
		s.wire, s.names = map[string]int{}, map[int]string{}
		for b := range snap.BindingsOn(h.Name) {
			if p := snap.Port(b.Port); p != nil {
				l.Ports[p.Name] = s.attach(p.Name)
			}
		}
		for _, n := range h.Provider {
			l.Networks[n] = s.attach(simulate.Fabric(n))
		}
		for p := range snap.Ports() {
			if p.Kind != logical.PortOutside || snap.HostOf(p) != h {
				continue
			}
			if _, taken := l.Bridges[p.Bridge]; !taken {
				l.Bridges[p.Bridge] = s.attach(p.Name)
			}
		}
		if len(s.wire) > Ports {
			return nil, fmt.Errorf("%s: %d interfaces and %d ports", s.Name, len(s.wire), Ports)
		}
		all[h.Name] = l
	}
	return all, nil
}

// localOf is the part of a wiring that is a host's; one without a row has its tunnel alone.
func localOf(all map[string]flows.Local, host string) flows.Local {
	if l, ok := all[host]; ok {
		return l
	}
	return flows.Local{Host: host, Tunnel: TunnelPort}
}

// attach gives an interface the next dummy port.
func (s *Switch) attach(name string) of.Port {
	n := FirstPort + len(s.wire)
	s.wire[name], s.names[n] = n, name
	return of.Port(n)
}
