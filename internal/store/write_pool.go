package store

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// PoolFullError says that every address of the pools that may be taken from is
// somebody's.
type PoolFullError struct {
	Switch string
	Pools  []string // by name
}

// Error names the pools and the way out.
func (e *PoolFullError) Error() string {
	return fmt.Sprintf("switch %s: no address of pool %s is free: delete ports, or add a pool", e.Switch, strings.Join(e.Pools, ", "))
}

// AddPool makes a pool of a switch. Its name is the switch's own; it must not overlap
// with another pool there.
func (c *Client) AddPool(ctx context.Context, sw string, p logical.Pool) error {
	return c.change(ctx, func(v *view) error {
		s, err := v.switchNamed(sw)
		if err != nil {
			return err
		}
		p.ID, p.Switch = logical.ID[logical.Pool]{}, s.ID
		if err := v.look(selectOp("Pool", is("switch", refOf(s.ID)))); err != nil {
			return err
		}
		if err := v.check(&p); err != nil {
			return err
		}
		for other := range v.found.PoolsOf(s.ID) {
			switch {
			case other.Name == p.Name:
				return &logical.DuplicateError{What: "the name " + p.Name, Owner: "another pool of switch " + sw}
			case other.Prefix.Overlaps(p.Prefix):
				return &logical.DuplicateError{What: fmt.Sprintf("a part of %s", p.Prefix), Owner: fmt.Sprintf("pool %s (%s)", other.Name, other.Prefix)}
			}
		}
		v.add(insertOp("Pool", "", encodePool(&p)))
		return nil
	})
}

// DeletePool deletes a pool of a switch. Ports keep the addresses that they have of it.
// It is refused while a workload that is no port holds one.
func (c *Client) DeletePool(ctx context.Context, sw, name string) error {
	return c.change(ctx, func(v *view) error {
		s, err := v.switchNamed(sw)
		if err != nil {
			return err
		}
		p, err := v.poolNamed(s, name)
		if err != nil {
			return err
		}
		held, err := v.held(p)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			e := &InUseError{Kind: logical.KindPool, Name: name}
			for _, h := range held {
				e.By = append(e.By, fmt.Sprintf("%s (%s)", h.Owner, h.Address))
			}
			if len(e.By) > shown {
				e.By, e.More = e.By[:shown], len(e.By)-shown
			}
			return e
		}
		v.add(deleteOp("Pool", is("_uuid", refOf(p.ID))))
		return nil
	})
}

// AddPortFromPools makes a port as AddPort does, with an address more of each family
// that it has none of and for which the switch has a pool: the least that is free. It
// returns the port's addresses. Pools names those to take from, in this order; none =
// all of the switch, by name. Two that do this at the same time get different addresses.
func (c *Client) AddPortFromPools(ctx context.Context, sw string, p logical.SwitchPort, pools ...string) ([]netip.Addr, error) {
	var given []netip.Addr
	err := c.change(ctx, func(v *view) error {
		s, err := v.switchNamed(sw)
		if err != nil {
			return err
		}
		from, err := v.poolsOf(s, pools)
		if err != nil {
			return err
		}
		port := p
		if port.Addresses, err = v.allocate(s, from, p.Addresses); err != nil {
			return err
		}
		complete(&port)
		keys, err := v.portsOf(s.Datapath, "Switch_Port", is("switch", refOf(s.ID)))
		if err != nil {
			return err
		}
		given = port.Addresses
		_, err = v.addPort(s, port, keys)
		return err
	})
	if err != nil {
		return nil, err
	}
	return given, nil
}

// poolsOf are the named pools of a switch in that order, or all by name.
func (v *view) poolsOf(s *logical.Switch, names []string) ([]*logical.Pool, error) {
	var all []*logical.Pool
	for _, name := range names {
		p, err := v.poolNamed(s, name)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if len(names) > 0 {
		return all, nil
	}
	if err := v.look(selectOp("Pool", is("switch", refOf(s.ID)))); err != nil {
		return nil, err
	}
	for p := range v.found.PoolsOf(s.ID) {
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, &InvalidError{fmt.Errorf("switch %s has no pool to take an address from: add one with `sluicectl pool add %s NAME CIDR`", s.Name, s.Name)}
	}
	slices.SortFunc(all, func(a, b *logical.Pool) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (v *view) poolNamed(s *logical.Switch, name string) (*logical.Pool, error) {
	if err := v.look(selectOp("Pool", is("switch", refOf(s.ID)))); err != nil {
		return nil, err
	}
	for p := range v.found.PoolsOf(s.ID) {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("switch %s: %w", s.Name, &logical.MissingError{Kind: logical.KindPool, Name: name})
}

// allocate adds to addresses one of each family that they lack and a pool has.
func (v *view) allocate(s *logical.Switch, from []*logical.Pool, addresses []netip.Addr) ([]netip.Addr, error) {
	taken, err := v.claimed(s)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(addresses)
	for _, v4 := range []bool{true, false} {
		var full []string
		found := slices.ContainsFunc(addresses, func(a netip.Addr) bool { return a.Is4() == v4 })
		for _, p := range from {
			if found || p.Prefix.Addr().Is4() != v4 {
				continue
			}
			held, err := v.held(p)
			if err != nil {
				return nil, err
			}
			for _, h := range held {
				taken[h.Address] = true
			}
			var a netip.Addr
			if a, found = FreeAddress(p, taken); found {
				out = append(out, a)
			} else {
				full = append(full, p.Name)
			}
		}
		if !found && full != nil {
			return nil, &PoolFullError{Switch: s.Name, Pools: full}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out, nil
}

// claimed are the addresses that ports of a switch have, those of its routers among
// them.
func (v *view) claimed(s *logical.Switch) (map[netip.Addr]bool, error) {
	rows, err := v.rows("Address", is("switch", refOf(s.ID)))
	if err != nil {
		return nil, err
	}
	taken := make(map[netip.Addr]bool, len(rows))
	for _, row := range rows {
		v.reader.open(row)
		if a, err := netip.ParseAddr(v.reader.text("address")); err == nil { // else it is a MAC
			taken[a] = true
		}
	}
	return taken, v.reader.fault
}

// held are the addresses of a pool that workloads which are no ports have.
func (v *view) held(p *logical.Pool) ([]logical.PoolAddress, error) {
	rows, err := v.rows("Pool_Address", is("pool", refOf(p.ID)))
	if err != nil {
		return nil, err
	}
	return readHeld(&v.reader, rows)
}
