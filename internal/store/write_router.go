package store

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// AddRouter makes a router.
func (c *Client) AddRouter(ctx context.Context, r logical.Router) error {
	if err := checkName("router", r.Name); err != nil {
		return err
	}
	r.TTL, r.ECMP, r.Egress = or(r.TTL, logical.TTLFull), or(r.ECMP, logical.ECMPSource), or(r.Egress, logical.EgressEdge)
	return c.change(ctx, func(v *view) error {
		if err := v.look(selectOp("Router", is("name", r.Name))); err != nil {
			return err
		}
		r.ID, r.Datapath = logical.ID[logical.Router]{}, logical.ID[logical.Datapath]{}
		if err := v.check(&r); err != nil {
			return err
		}
		datapath, err := v.datapath(logical.DatapathRouter)
		if err != nil {
			return err
		}
		encoded := encodeRouter(&r)
		encoded["datapath"] = named(datapath)
		v.add(insertOp("Router", "", encoded))
		return nil
	})
}

// SetRouter changes a router; set gets a copy. Name and datapath stay.
func (c *Client) SetRouter(ctx context.Context, name string, set func(*logical.Router) error) error {
	return c.change(ctx, func(v *view) error {
		old, err := v.routerNamed(name)
		if err != nil {
			return err
		}
		r := *old
		if err := set(&r); err != nil {
			return err
		}
		r.ID, r.Name, r.Datapath = old.ID, old.Name, old.Datapath
		if err := v.check(&r); err != nil {
			return err
		}
		v.add(updateOp("Router", r.ID.UUID(), encodeRouter(&r)))
		return nil
	})
}

// AddRouterPort makes a port of a router. A zero MAC is made of its first address.
// Where the peer is there and names nobody yet, it names this port then.
func (c *Client) AddRouterPort(ctx context.Context, router string, p logical.RouterPort) error {
	if p.MAC.IsZero() && len(p.Networks) > 0 {
		p.MAC = logical.DefaultMAC(p.Networks[0].Addr())
	}
	return c.change(ctx, func(v *view) error {
		r, err := v.routerNamed(router)
		if err != nil {
			return err
		}
		if err := v.addRouterPort(r, p); err != nil {
			return err
		}
		if peer := v.found.PortByName(p.Peer); p.Peer != "" && peer != nil && peer.Kind == logical.PortRouter && peer.Peer == "" {
			v.add(updateOp("Switch_Port", peer.ID.UUID(), row{"peer": p.Name}))
		}
		return nil
	})
}

func (v *view) addRouterPort(r *logical.Router, p logical.RouterPort) error {
	p.ID, p.Router, p.Key = logical.ID[logical.RouterPort]{}, r.ID, 0
	ops := []op{selectOp("Router_Port", is("name", p.Name))}
	if p.Peer != "" {
		ops = append(ops, selectOp("Switch_Port", is("name", p.Peer)))
	}
	if err := v.look(ops...); err != nil {
		return err
	}
	if err := v.check(&p); err != nil {
		return err
	}
	keys, err := v.portsOf(r.Datapath, "Router_Port", is("router", refOf(r.ID)))
	if err != nil {
		return err
	}
	if p.Key, err = keys.take(); err != nil {
		return err
	}
	v.add(insertOp("Router_Port", v.name(), encodeRouterPort(&p)))
	return nil
}

// Link says how a router and a switch are connected.
type Link struct {
	Router, Switch string
	Networks       []netip.Prefix // the router's address on the switch, with the network's length
	MAC            logical.MAC    // zero: made of the first address
	// RouterPort and SwitchPort are the names of the two ports; empty: those of
	// logical.LinkNames.
	RouterPort, SwitchPort string
}

// AddLink makes both ports of a link.
func (c *Client) AddLink(ctx context.Context, l Link) error {
	rp, sp := logical.LinkNames(l.Router, l.Switch)
	l.RouterPort, l.SwitchPort = or(l.RouterPort, rp), or(l.SwitchPort, sp)
	if l.MAC.IsZero() && len(l.Networks) > 0 {
		l.MAC = logical.DefaultMAC(l.Networks[0].Addr())
	}
	port := logical.SwitchPort{Name: l.SwitchPort, Kind: logical.PortRouter, MAC: l.MAC, Peer: l.RouterPort}
	for _, n := range l.Networks {
		port.Addresses = append(port.Addresses, n.Addr())
	}
	return c.change(ctx, func(v *view) error {
		r, err := v.routerNamed(l.Router)
		if err != nil {
			return err
		}
		s, err := v.switchNamed(l.Switch)
		if err != nil {
			return err
		}
		err = v.addRouterPort(r, logical.RouterPort{Name: l.RouterPort, Peer: l.SwitchPort, MAC: l.MAC, Networks: l.Networks})
		if err != nil {
			return err
		}
		keys, err := v.portsOf(s.Datapath, "Switch_Port", is("switch", refOf(s.ID)))
		if err != nil {
			return err
		}
		_, err = v.addPort(s, port, keys)
		return err
	})
}

// AddRoute makes a static route; outPort names a port of the router, and is empty
// for a blackhole.
func (c *Client) AddRoute(ctx context.Context, router, outPort string, route logical.Route) error {
	return c.change(ctx, func(v *view) error {
		r, err := v.routerNamed(router)
		if err != nil {
			return err
		}
		ops := []op{
			selectOp("Route", is("router", refOf(r.ID)), is("name", route.Name)),
			selectOp("Route", is("router", refOf(r.ID)), is("prefix", prefixText(route.Prefix))),
		}
		if outPort != "" { // the schema refuses even to compare with an empty name
			ops = append(ops, selectOp("Router_Port", is("name", outPort)))
		}
		if err := v.look(ops...); err != nil {
			return err
		}
		route.ID, route.Router, route.OutPort = logical.ID[logical.Route]{}, r.ID, logical.ID[logical.RouterPort]{}
		if outPort != "" {
			out := v.found.RouterPortByName(outPort)
			if out == nil {
				return fmt.Errorf("route %s: %w", route.Name, &logical.MissingError{Kind: logical.KindRouterPort, Name: outPort})
			}
			route.OutPort = out.ID
		}
		if err := v.check(&route); err != nil {
			return err
		}
		v.add(insertOp("Route", "", encodeRoute(&route)))
		return nil
	})
}

func (v *view) routerNamed(name string) (*logical.Router, error) {
	if err := v.look(selectOp("Router", is("name", name))); err != nil {
		return nil, err
	}
	r := v.found.RouterByName(name)
	if r == nil {
		return nil, &logical.MissingError{Kind: logical.KindRouter, Name: name}
	}
	return r, nil
}
