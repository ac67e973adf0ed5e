package flows

import (
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// enterRules: what comes in by the port's interface is in its switch.
func enterRules(r *rules, s site) {
	tag := of.NoVLAN()
	var do []of.Action
	if s.p.Tag != 0 {
		tag = of.VLAN(s.p.Tag)
		do = []of.Action{of.PopVLAN{}}
	}
	do = append(do, s.sampled(of.DirectionIngress)...)
	r.add(TablePhyIn, prioMatch, on(of.InPort(s.local), tag),
		append(do, enter(s.sw), of.Set(inPort(s.p.Key)), TablePortSec.then())...)
}

// exitRules: what is for the port leaves by its interface.
func exitRules(r *rules, s site) {
	do := []of.Action{of.Output{Port: s.local}}
	if s.p.Tag != 0 {
		do = []of.Action{of.PushVLAN{Type: 0x8100}, of.Set(of.VLAN(s.p.Tag)), of.Output{Port: s.local}}
	}
	r.add(TableOut, prioMatch, on(in(s.sw), outPort(s.p.Key)), append(s.sampled(of.DirectionEgress), do...)...)
	if s.shared {
		r.add(TableEgress, prioMore, on(in(s.sw), outPort(s.p.Key), inPort(s.p.Key), flag(bitTurned, true)))
	}
}
