package store

import (
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// table joins an OVSDB table to a kind of entity.
type table struct {
	name   string
	kind   logical.Kind
	decode func(id logical.UUID, r *reader) logical.Entity
}

// tables are those that a snapshot is made of. References lead upwards.
var tables = []table{
	{"Global", logical.KindGlobal, decodeGlobal},
	{"Host", logical.KindHost, decodeHost},
	{"Datapath", logical.KindDatapath, decodeDatapath},
	{"Switch", logical.KindSwitch, decodeSwitch},
	{"Security_Group", logical.KindSecurityGroup, decodeGroup},
	{"Address_Set", logical.KindAddressSet, decodeAddressSet},
	{"Security_Rule", logical.KindSecurityRule, decodeRule},
	{"Switch_Port", logical.KindSwitchPort, decodePort},
	{"Binding", logical.KindBinding, decodeBinding},
	{"Router", logical.KindRouter, decodeRouter},
	{"Router_Port", logical.KindRouterPort, decodeRouterPort},
	{"Route", logical.KindRoute, decodeRoute},
	{"NAT", logical.KindNAT, decodeNAT},
	{"Load_Balancer", logical.KindLoadBalancer, decodeBalancer},
	{"Pool", logical.KindPool, decodePool},
	{"Mirror", logical.KindMirror, decodeMirror},
	{"Meter", logical.KindMeter, decodeMeter},
	{"Trace", logical.KindTrace, decodeTrace},
}

func tableNamed(name string) *table {
	i := slices.IndexFunc(tables, func(t table) bool { return t.name == name })
	if i < 0 {
		return nil
	}
	return &tables[i]
}

func tableOf(k logical.Kind) *table {
	i := slices.IndexFunc(tables, func(t table) bool { return t.kind == k })
	if i < 0 {
		return nil
	}
	return &tables[i]
}

// Fault is a row that could not be used. The rest of the network goes on without
// it.
type Fault struct {
	Table string
	UUID  logical.UUID
	Err   error
}

// Error says which row it is, what is wrong with it, and what that means.
func (f Fault) Error() string {
	return fmt.Sprintf("row %s of table %s is left out: %v", f.UUID, f.Table, f.Err)
}

// Unwrap returns what is wrong with the row.
func (f Fault) Unwrap() error { return f.Err }

// entity reads a row, and holds it to the rules that hold for everybody.
func (t *table) entity(id logical.UUID, v value, r *reader) (logical.Entity, error) {
	r.open(v)
	e := t.decode(id, r)
	if r.fault != nil {
		return nil, r.fault
	}
	if err := logical.Validate(e); err != nil {
		return nil, err
	}
	return e, nil
}

// encode is an entity as a row. It panics on no entity: what has no table gives nil.
func encode(v logical.Entity) row {
	switch v := v.(type) {
	case *logical.Host:
		return encodeHost(v)
	case *logical.Switch:
		return encodeSwitch(v)
	case *logical.SwitchPort:
		return encodePort(v)
	case *logical.Binding:
		return row{"port": refOf(v.Port), "host": v.Host, "seq": v.Seq}
	case *logical.Router:
		return encodeRouter(v)
	case *logical.RouterPort:
		return encodeRouterPort(v)
	case *logical.Route:
		return encodeRoute(v)
	case *logical.NAT:
		return encodeNAT(v)
	case *logical.SecurityGroup:
		return row{"name": v.Name}
	case *logical.AddressSet:
		return row{"name": v.Name, "prefixes": textSet(v.Prefixes)}
	case *logical.SecurityRule:
		return encodeRule(v)
	case *logical.LoadBalancer:
		return encodeBalancer(v)
	case *logical.Pool:
		return encodePool(v)
	case *logical.Mirror:
		return row{"name": v.Name, "port": optional(v.Port), "switch": optional(v.Switch), "target": v.Target}
	case *logical.Meter:
		return row{"name": v.Name, "rate": v.Rate, "burst": v.Burst, "unit": v.Unit}
	case *logical.Trace:
		return encodeTrace(v)
	case *logical.Datapath:
		return row{"key": v.Key, "kind": v.Kind, "zone": v.Zone, "next_port": 1}
	}
	return nil
}
