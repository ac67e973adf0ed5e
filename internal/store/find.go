package store

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Wanted is an object to be found: by its kind and its name, a host by its system-id
// or a tunnel address too.
type Wanted struct {
	Kind logical.Kind
	Name string
}

// Find reads what is wanted, and the switch or router that a port or route of it is in, at
// one moment each, and nothing else of the network. What is not there is left out.
func (c *Client) Find(ctx context.Context, wanted ...Wanted) (*logical.Snapshot, error) {
	var ops []op
	for _, w := range wanted {
		t := tableOf(w.Kind)
		if t == nil {
			return nil, fmt.Errorf("no table holds a %s", w.Kind)
		}
		ops = append(ops, selectOp(t.name, is("name", w.Name)))
		if w.Kind == logical.KindHost {
			ops = append(ops, selectOp(t.name, is("system_id", w.Name)))
			if at, err := netip.ParseAddr(w.Name); err == nil {
				ops = append(ops, selectOp(t.name, []any{"addresses", "includes", at.String()}))
			}
		}
	}
	s, err := c.open(ctx, false)
	if err != nil {
		return nil, err
	}
	defer s.close()
	found, err := s.find(ctx, ops)
	if err != nil {
		return nil, err
	}
	ops = nil
	for _, e := range found {
		switch e := e.(type) {
		case *logical.SwitchPort:
			ops = append(ops, selectOp("Switch", is("_uuid", refOf(e.Switch))))
		case *logical.RouterPort:
			ops = append(ops, selectOp("Router", is("_uuid", refOf(e.Router))))
		case *logical.Route:
			ops = append(ops, selectOp("Router", is("_uuid", refOf(e.Router))))
		}
	}
	owners, err := s.find(ctx, ops)
	snapshot, _ := new(logical.Snapshot).With(logical.Changes{Put: append(found, owners...)})
	return snapshot, err
}

// find reads entities; rows that cannot be used are left out.
func (c *conn) find(ctx context.Context, ops []op) ([]logical.Entity, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	results, err := c.transact(ctx, Database, ops...)
	if err != nil {
		return nil, err
	}
	var all []logical.Entity
	for i, o := range ops {
		name, _ := o["table"].(string)
		entities, _, err := tableNamed(name).entities(results[i])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		all = append(all, entities...)
	}
	return all, nil
}

// Names are those of all objects of a kind, ascending and each once; with a name in
// "in", of the ports or pools of that switch, or the ports or routes of that router, only.
func (c *Client) Names(ctx context.Context, kind logical.Kind, in string) ([]string, error) {
	t := tableOf(kind)
	if t == nil {
		return nil, fmt.Errorf("no table holds a %s", kind)
	}
	s, err := c.open(ctx, false)
	if err != nil {
		return nil, err
	}
	defer s.close()
	o := selectOp(t.name)
	if in != "" {
		table, column := "Router", "router"
		if kind == logical.KindSwitchPort || kind == logical.KindPool {
			table, column = "Switch", "switch"
		}
		owner, err := s.find(ctx, []op{selectOp(table, is("name", in))})
		if err != nil || len(owner) == 0 {
			return nil, err
		}
		o = selectOp(t.name, is(column, uuidOf(owner[0].Ref().UUID)))
	}
	o["columns"] = []string{"name"}
	results, err := s.transact(ctx, Database, o)
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(results[0])
	if err != nil {
		return nil, err
	}
	var names []string
	var r reader
	for _, row := range rows {
		r.open(row)
		names = append(names, r.text("name"))
		if r.fault != nil {
			return nil, r.fault
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
