package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Problem is something of the network that this host cannot do as it was asked.
type Problem struct {
	Row  logical.Ref
	Text string
}

// rules are what a unit comes to.
type rules struct {
	cookie   uint64
	flows    []of.Flow
	groups   []of.GroupEntry
	problems []string
}

// add adds a flow; without actions it drops.
func (r *rules) add(t Table, priority uint16, m of.Match, do ...of.Action) {
	r.flows = append(r.flows, of.Flow{Table: uint8(t), Priority: priority, Match: m, Do: of.Do(do...), Cookie: r.cookie})
}

func (r *rules) group(g of.GroupEntry) { r.groups = append(r.groups, g) }

// on makes a match.
func on(terms ...of.FieldValue) of.Match { return of.NewMatch(terms...) }

// compute is the rules of a unit.
func compute(v *view, unit logical.Ref) rules {
	r := rules{cookie: Cookie(rowOf(unit))}
	switch unit.Kind {
	case 0:
		constants(&r)
	case logical.KindHost:
		hostRules(v, &r, logical.ID[logical.Host](unit.UUID))
	case logical.KindSwitch:
		switchRules(v, &r, logical.ID[logical.Switch](unit.UUID))
	case unitFlood:
		floodUnit(v, &r, logical.ID[logical.Switch](unit.UUID))
	case logical.KindSwitchPort:
		portRules(v, &r, logical.ID[logical.SwitchPort](unit.UUID))
	case logical.KindRouter:
		routerRules(v, &r, logical.ID[logical.Router](unit.UUID))
	case logical.KindRouterPort:
		routerPortRules(v, &r, logical.ID[logical.RouterPort](unit.UUID))
	case logical.KindRoute:
		routeRules(v, &r, logical.ID[logical.Route](unit.UUID))
	default: // other rows have no unit
	}
	return r
}
