package agent

import (
	"context"
	"errors"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// bonds asks how bonds stand, and LACP on them where some bond has it.
func (s *reading) bonds(ctx context.Context, lacp bool) (func(), error) {
	var (
		bonds  []appctl.Bond
		states []appctl.LACP
		counts []appctl.LACPCounts
		errs   [3]error
		all    sync.WaitGroup
	)
	all.Go(func() { bonds, errs[0] = appctl.Ask(ctx, s, appctl.ParseBonds, "bond/show") })
	if lacp {
		all.Go(func() { states, errs[1] = appctl.Ask(ctx, s, appctl.ParseLACP, "lacp/show") })
		all.Go(func() { counts, errs[2] = appctl.Ask(ctx, s, appctl.ParseLACPStats, "lacp/show-stats") })
	}
	all.Wait()
	if errs[0] != nil {
		return nil, errs[0]
	}
	return func() {
		for _, b := range bonds {
			s.snap.Bonds = append(s.snap.Bonds, s.bond(b, states, counts))
		}
	}, errors.Join(errs[1:]...)
}

// bond joins what the three commands tell of one bond.
func (s *reading) bond(b appctl.Bond, states []appctl.LACP, counts []appctl.LACPCounts) monitor.BondSample {
	port, _ := s.observed.Row(vswitch.ID{Table: vswitch.PortTable, Name: b.Name})
	out := monitor.BondSample{Bridge: port.Parent.Name, Port: b.Name, Mode: b.Mode, LACP: b.LACP}
	for _, m := range b.Members {
		member := monitor.BondMemberSample{Interface: m.Name, Enabled: m.Enabled, Active: m.Active}
		for _, l := range states {
			for _, state := range l.Members {
				if l.Name == b.Name && state.Name == m.Name {
					current := state.State == "current"
					member.LACPCurrent, member.LACPAttached = &current, &state.Attached
				}
			}
		}
		for _, c := range counts {
			if c.Bond == b.Name && c.Member == m.Name {
				member.LACP = &monitor.LACPCounts{
					Tx: c.Tx, Rx: c.Rx, RxBad: c.RxBad, RxMarker: c.RxMarker,
					Expired: c.Expired, Defaulted: c.Defaulted, CarrierChanges: c.CarrierChanges,
				}
			}
		}
		out.Members = append(out.Members, member)
	}
	return out
}
