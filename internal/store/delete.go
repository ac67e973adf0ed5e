package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// shown is how many users an InUseError names.
const shown = 5

// inUse is an *InUseError when selects of named rows find any.
func (v *view) inUse(kind logical.Kind, name string, by ...op) error {
	results, err := v.query(by...)
	if err != nil {
		return err
	}
	e := &InUseError{Kind: kind, Name: name}
	for i, result := range results {
		rows, err := rowsOf(result)
		if err != nil {
			return err
		}
		table, _ := by[i]["table"].(string)
		for _, row := range rows {
			v.reader.open(row)
			e.By = append(e.By, fmt.Sprintf("%s %s", tableNamed(table).kind, v.reader.text("name")))
		}
	}
	if len(e.By) == 0 {
		return v.reader.fault
	}
	slices.Sort(e.By) // the server's order is that of its hash table
	if len(e.By) > shown {
		e.By, e.More = e.By[:shown], len(e.By)-shown
	}
	return e
}

// DeletePort deletes a port of a switch, with its binding and its claims. It is
// refused while a trunk or a mirror needs the port.
func (c *Client) DeletePort(ctx context.Context, sw, name string) error {
	return c.change(ctx, func(v *view) error {
		s, err := v.switchNamed(sw)
		if err != nil {
			return err
		}
		if err := v.look(selectOp("Switch_Port", is("name", name))); err != nil {
			return err
		}
		p := v.found.PortByName(name)
		if p == nil || p.Switch != s.ID {
			return fmt.Errorf("switch %s: %w", sw, &logical.MissingError{Kind: logical.KindSwitchPort, Name: name, In: sw})
		}
		if err := v.inUse(logical.KindSwitchPort, name, selectOp("Switch_Port", is("trunk", refOf(p.ID))), selectOp("Mirror", is("port", refOf(p.ID)))); err != nil {
			return err
		}
		if err := v.forget(); err != nil {
			return err
		}
		return v.dropPorts(s, []*logical.SwitchPort{p})
	})
}

// dropPorts deletes ports of one switch and what belongs to them, and retires
// their keys.
func (v *view) dropPorts(s *logical.Switch, all []*logical.SwitchPort) error {
	if err := v.look(selectOp("Datapath", is("_uuid", refOf(s.Datapath)))); err != nil {
		return err
	}
	for _, p := range all {
		v.dropPort(p)
		v.retire("port", uint64(v.found.SwitchKey(s)), uint64(p.Key))
	}
	return nil
}

func (v *view) dropPort(p *logical.SwitchPort) {
	v.add(deleteOp("Binding", is("port", refOf(p.ID))), deleteOp("Address", is("port", refOf(p.ID))),
		deleteOp("Trace", is("port", refOf(p.ID))), deleteOp("Switch_Port", is("_uuid", refOf(p.ID))))
}

// DeleteSwitch deletes a switch. While it has ports, pools, load balancers or
// mirrors it is refused, unless recursive: then those go too. The router ports that
// led to it stay, and lead nowhere.
func (c *Client) DeleteSwitch(ctx context.Context, name string, recursive bool) error {
	return c.change(ctx, func(v *view) error {
		s, err := v.switchNamed(name)
		if err != nil {
			return err
		}
		mine := is("switch", refOf(s.ID))
		users := []op{selectOp("Switch_Port", mine), selectOp("Pool", mine), selectOp("Load_Balancer", mine), selectOp("Mirror", mine)}
		if !recursive {
			if err := v.inUse(logical.KindSwitch, name, users...); err != nil {
				return err
			}
		}
		if err := v.look(users...); err != nil {
			return err
		}
		if err := v.forget(); err != nil {
			return err
		}
		if err := v.dropSwitchPorts(s); err != nil {
			return err
		}
		for p := range v.found.Pools() {
			v.add(deleteOp("Pool_Address", is("pool", refOf(p.ID))))
		}
		v.add(deleteOp("Pool", mine), deleteOp("Load_Balancer", mine), deleteOp("Mirror", mine), deleteOp("Switch", is("_uuid", refOf(s.ID))))
		return v.dropDatapath(s.Datapath)
	})
}

// dropSwitchPorts deletes all ports of a switch, unless ports of other switches
// are carried by one of them.
func (v *view) dropSwitchPorts(s *logical.Switch) error {
	var mine []*logical.SwitchPort
	for p := range v.found.PortsOf(s.ID) {
		mine = append(mine, p)
	}
	// One question for all trunks, wherever what they carry is.
	rows, err := v.rows("Switch_Port", []any{"tag", "!=", 0}, []any{"switch", "!=", refOf(s.ID)})
	if err != nil {
		return err
	}
	for _, row := range rows {
		v.reader.open(row)
		if p := v.found.Port(ref[logical.SwitchPort](&v.reader, "trunk")); p != nil && p.Switch == s.ID {
			return &InUseError{Kind: logical.KindSwitchPort, Name: p.Name, By: []string{"switch port " + v.reader.text("name")}}
		}
	}
	// Their keys need no rest: that of the switch has one.
	for _, p := range mine {
		v.dropPort(p)
	}
	return nil
}

// dropDatapath retires the numbers of a datapath. Its row goes with the last
// reference to it.
func (v *view) dropDatapath(id logical.ID[logical.Datapath]) error {
	if err := v.look(selectOp("Datapath", is("_uuid", refOf(id)))); err != nil {
		return err
	}
	if d := v.found.Datapath(id); d != nil {
		v.retire("datapath", 0, uint64(d.Key))
		if d.Zone != 0 {
			v.retire("zone", 0, uint64(d.Zone))
		}
	}
	return nil
}

// DeleteRoute deletes a route of a router.
func (c *Client) DeleteRoute(ctx context.Context, router, name string) error {
	return c.change(ctx, func(v *view) error {
		r, err := v.routerNamed(router)
		if err != nil {
			return err
		}
		found, err := v.some(selectOp("Route", is("router", refOf(r.ID)), is("name", name)))
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("router %s: %w", router, &logical.MissingError{Kind: logical.KindRoute, Name: name, In: router})
		}
		v.add(deleteOp("Route", is("router", refOf(r.ID)), is("name", name)))
		return nil
	})
}

// DeleteRouterPort deletes a port of a router. It is refused while routes or NAT
// go through it. The switch port behind it stays, and leads nowhere.
func (c *Client) DeleteRouterPort(ctx context.Context, router, name string) error {
	return c.change(ctx, func(v *view) error {
		r, err := v.routerNamed(router)
		if err != nil {
			return err
		}
		if err := v.look(selectOp("Router_Port", is("name", name)), selectOp("Datapath", is("_uuid", refOf(r.Datapath)))); err != nil {
			return err
		}
		p := v.found.RouterPortByName(name)
		if p == nil || p.Router != r.ID {
			return fmt.Errorf("router %s: %w", router, &logical.MissingError{Kind: logical.KindRouterPort, Name: name, In: router})
		}
		if err := v.inUse(logical.KindRouterPort, name, selectOp("Route", is("out_port", refOf(p.ID))), selectOp("NAT", is("port", refOf(p.ID)))); err != nil {
			return err
		}
		if err := v.forget(); err != nil {
			return err
		}
		v.add(deleteOp("Router_Port", is("_uuid", refOf(p.ID))))
		v.retire("port", uint64(v.found.RouterKey(r)), uint64(p.Key))
		return nil
	})
}

// DeleteRouter deletes a router. While it has ports, routes, NAT or load balancers
// it is refused, unless recursive: then those go too, and both ends of its links.
func (c *Client) DeleteRouter(ctx context.Context, name string, recursive bool) error {
	return c.change(ctx, func(v *view) error {
		r, err := v.routerNamed(name)
		if err != nil {
			return err
		}
		mine := is("router", refOf(r.ID))
		users := []op{selectOp("Router_Port", mine), selectOp("Route", mine), selectOp("NAT", mine), selectOp("Load_Balancer", mine)}
		if !recursive {
			if err := v.inUse(logical.KindRouter, name, users...); err != nil {
				return err
			}
		}
		if err := v.look(users...); err != nil {
			return err
		}
		if err := v.forget(); err != nil {
			return err
		}
		if err := v.dropFarEnds(r); err != nil {
			return err
		}
		v.add(deleteOp("Route", mine), deleteOp("NAT", mine), deleteOp("Load_Balancer", mine), deleteOp("Router_Port", mine),
			deleteOp("Router", is("_uuid", refOf(r.ID))))
		return v.dropDatapath(r.Datapath)
	})
}

// dropFarEnds deletes the switch ports that a router's ports are linked with.
func (v *view) dropFarEnds(r *logical.Router) error {
	for rp := range v.found.RouterPortsOf(r.ID) {
		if rp.Peer == "" {
			continue
		}
		if err := v.look(selectOp("Switch_Port", is("name", rp.Peer))); err != nil {
			return err
		}
		p := v.found.SwitchPortOf(rp)
		if p == nil {
			continue
		}
		if err := v.look(selectOp("Switch", is("_uuid", refOf(p.Switch)))); err != nil {
			return err
		}
		if err := v.dropPorts(v.found.Switch(p.Switch), []*logical.SwitchPort{p}); err != nil {
			return err
		}
	}
	return nil
}
