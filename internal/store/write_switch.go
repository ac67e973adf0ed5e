package store

import (
	"context"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// The verbs that change the logical network. Each is one transaction, guarded
// against what others write; what a caller leaves zero of kinds and modes becomes
// the default; ids, keys and Seq of the argument are the store's to set. The errors match
// *logical.DuplicateError, *logical.MissingError, *InUseError, ErrForbidden,
// ErrDisconnected, ErrUncertain or ErrBusy where those apply.

// AddSwitch makes a switch.
func (c *Client) AddSwitch(ctx context.Context, s logical.Switch) error {
	if err := checkName("switch", s.Name); err != nil {
		return err
	}
	s.Kind, s.Flood = or(s.Kind, logical.SwitchOverlay), or(s.Flood, logical.FloodNone)
	return c.change(ctx, func(v *view) error {
		if err := v.look(selectOp("Switch", is("name", s.Name))); err != nil {
			return err
		}
		s.ID, s.Datapath = logical.ID[logical.Switch]{}, logical.ID[logical.Datapath]{}
		if err := v.check(&s); err != nil {
			return err
		}
		datapath, err := v.datapath(logical.DatapathSwitch)
		if err != nil {
			return err
		}
		r := encodeSwitch(&s)
		r["datapath"] = named(datapath)
		v.add(insertOp("Switch", "", r))
		return nil
	})
}

// SetSwitch changes a switch; set gets a copy. Name and datapath stay.
func (c *Client) SetSwitch(ctx context.Context, name string, set func(*logical.Switch) error) error {
	return c.change(ctx, func(v *view) error {
		old, err := v.switchNamed(name)
		if err != nil {
			return err
		}
		s := *old
		if err := set(&s); err != nil {
			return err
		}
		s.ID, s.Name, s.Datapath = old.ID, old.Name, old.Datapath
		if err := v.check(&s); err != nil {
			return err
		}
		v.add(updateOp("Switch", s.ID.UUID(), encodeSwitch(&s)))
		return nil
	})
}

// AddPort makes a port of a switch. A guest's or router's MAC that is zero is made
// of its first address; TupleNet's outside address or MAC makes it an outside port.
func (c *Client) AddPort(ctx context.Context, sw string, p logical.SwitchPort) error {
	if err := checkName("port", p.Name); err != nil {
		return err
	}
	complete(&p)
	return c.change(ctx, func(v *view) error {
		s, err := v.switchNamed(sw)
		if err != nil {
			return err
		}
		keys, err := v.portsOf(s.Datapath, "Switch_Port", is("switch", refOf(s.ID)))
		if err != nil {
			return err
		}
		_, err = v.addPort(s, p, keys)
		return err
	})
}

// complete sets a new port's defaults.
func complete(p *logical.SwitchPort) {
	outside := p.MAC == logical.OutsideMAC
	for _, a := range p.Addresses {
		outside = outside || a == logical.OutsideAddress
	}
	switch {
	case outside:
		p.Kind, p.MAC, p.Addresses = logical.PortOutside, logical.MAC{}, nil
	case p.Kind == "" && p.Peer != "":
		p.Kind = logical.PortRouter
	case p.Kind == "":
		p.Kind = logical.PortGuest
	}
	if (p.Kind == logical.PortGuest || p.Kind == logical.PortRouter) && p.MAC.IsZero() && len(p.Addresses) > 0 {
		p.MAC = logical.DefaultMAC(p.Addresses[0])
	}
}

// addPort inserts a port and its claims, and returns the name of its row.
func (v *view) addPort(s *logical.Switch, p logical.SwitchPort, keys *ports) (string, error) {
	p.ID, p.Switch, p.Seq, p.Key = logical.ID[logical.SwitchPort]{}, s.ID, v.seq+1, 0
	if err := v.lookAround(&p); err != nil {
		return "", err
	}
	if err := v.check(&p); err != nil {
		return "", err
	}
	var err error
	if p.Key, err = keys.take(); err != nil {
		return "", err
	}
	name := v.name()
	v.add(insertOp("Switch_Port", name, encodePort(&p)))
	for _, claim := range claims(&p) {
		v.add(insertOp("Address", "", row{"switch": refOf(p.Switch), "address": claim, "port": named(name), "seq": p.Seq}))
	}
	return name, nil
}

// SetPort changes a port; set gets a copy. Name, switch and key stay.
func (c *Client) SetPort(ctx context.Context, name string, set func(*logical.SwitchPort) error) error {
	return c.change(ctx, func(v *view) error {
		if err := v.look(selectOp("Switch_Port", is("name", name))); err != nil {
			return err
		}
		old := v.found.PortByName(name)
		if old == nil {
			return &logical.MissingError{Kind: logical.KindSwitchPort, Name: name}
		}
		p := *old
		if err := set(&p); err != nil {
			return err
		}
		p.ID, p.Name, p.Switch, p.Key, p.Seq = old.ID, old.Name, old.Switch, old.Key, old.Seq
		if err := v.look(selectOp("Switch", is("_uuid", refOf(p.Switch)))); err != nil {
			return err
		}
		if err := v.lookAround(&p); err != nil {
			return err
		}
		if err := v.check(&p); err != nil {
			return err
		}
		v.add(updateOp("Switch_Port", p.ID.UUID(), encodePort(&p)), deleteOp("Address", is("port", refOf(p.ID))))
		for _, claim := range claims(&p) {
			v.add(insertOp("Address", "", row{"switch": refOf(p.Switch), "address": claim, "port": refOf(p.ID), "seq": p.Seq}))
		}
		return nil
	})
}

// claims are the texts of what a port claims, each once.
func claims(p *logical.SwitchPort) []string {
	var all []string
	seen := map[string]bool{}
	add := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	add(macText(p.MAC))
	for _, m := range p.MoreMACs {
		add(m.String())
	}
	for _, a := range p.Addresses {
		add(a.String())
	}
	return all
}

// lookAround reads what a port could be at odds with: who has its name, its
// addresses and its tag, and what it refers to.
func (v *view) lookAround(p *logical.SwitchPort) error {
	ops := []op{selectOp("Switch_Port", is("name", p.Name))}
	for _, g := range p.Groups {
		ops = append(ops, selectOp("Security_Group", is("_uuid", refOf(g))))
	}
	if !p.Trunk.IsZero() {
		ops = append(ops, selectOp("Switch_Port", is("_uuid", refOf(p.Trunk))),
			selectOp("Switch_Port", is("trunk", refOf(p.Trunk)), is("tag", p.Tag)))
	}
	if err := v.look(ops...); err != nil {
		return err
	}
	if other := v.found.PortByName(p.Name); other != nil && other.Switch != p.Switch {
		// The operator is told where the name is taken.
		if err := v.look(selectOp("Switch", is("_uuid", refOf(other.Switch)))); err != nil {
			return err
		}
	}
	var asked []op
	for _, claim := range claims(p) {
		asked = append(asked, selectOp("Address", is("switch", refOf(p.Switch)), is("address", claim)))
	}
	if len(asked) == 0 {
		return nil
	}
	results, err := v.query(asked...)
	if err != nil {
		return err
	}
	var owners []op
	for _, result := range results {
		rows, err := rowsOf(result)
		if err != nil {
			return err
		}
		for _, row := range rows {
			v.reader.open(row)
			owners = append(owners, selectOp("Switch_Port", is("_uuid", refOf(ref[logical.SwitchPort](&v.reader, "port")))))
		}
	}
	if v.reader.fault != nil || len(owners) == 0 {
		return v.reader.fault
	}
	return v.look(owners...)
}

func (v *view) switchNamed(name string) (*logical.Switch, error) {
	if err := checkName("switch", name); err != nil {
		return nil, err
	}
	if err := v.look(selectOp("Switch", is("name", name))); err != nil {
		return nil, err
	}
	s := v.found.SwitchByName(name)
	if s == nil {
		return nil, &logical.MissingError{Kind: logical.KindSwitch, Name: name}
	}
	return s, nil
}

func or[T ~string](v, standard T) T {
	if v == "" {
		return standard
	}
	return v
}
