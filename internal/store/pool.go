package store

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// FreeAddress is the least address of a pool that is neither taken nor excluded, nor
// the gateway, nor what names the network or everybody in it: the first of a prefix
// and, in IPv4, the last, where it has more than two. ok is false where there is none.
func FreeAddress(p *logical.Pool, taken map[netip.Addr]bool) (a netip.Addr, ok bool) {
	first, last := Usable(p.Prefix)
	for a = first; a.IsValid() && a.Compare(last) <= 0; a = a.Next() {
		at := slices.IndexFunc(p.Exclude, func(r logical.AddressRange) bool { return r.First.Compare(a) <= 0 && a.Compare(r.Last) <= 0 })
		switch {
		case at >= 0:
			a = p.Exclude[at].Last // a range may be longer than anybody counts to
		case a != p.Gateway && !taken[a]:
			return a, true
		}
	}
	return netip.Addr{}, false
}

// Usable is the first and the last address of a prefix that somebody can have.
func Usable(p netip.Prefix) (first, last netip.Addr) {
	p = p.Masked()
	first, last = p.Addr(), lastOf(p)
	if p.Bits() >= first.BitLen()-1 {
		return first, last
	}
	if first.Is4() {
		last = last.Prev()
	}
	return first.Next(), last
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := range b {
		if keep := p.Bits() - 8*i; keep <= 0 {
			b[i] = 0xff
		} else if keep < 8 {
			b[i] |= 0xff >> keep
		}
	}
	a, _ := netip.AddrFromSlice(b) // as long as it was
	return a
}

// PoolAddresses returns the addresses of pools that workloads hold which are no switch
// ports, by pool and address.
func (c *Client) PoolAddresses(ctx context.Context) ([]logical.PoolAddress, error) {
	results, err := c.transact(ctx, selectOp("Pool_Address"))
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(results[0])
	if err != nil {
		return nil, err
	}
	return readHeld(new(reader), rows)
}

func readHeld(r *reader, rows []value) ([]logical.PoolAddress, error) {
	var all []logical.PoolAddress
	for _, row := range rows {
		r.open(row)
		all = append(all, logical.PoolAddress{
			ID:   logical.ID[logical.PoolAddress](read(r, "_uuid", value.uuid)),
			Pool: ref[logical.Pool](r, "pool"), Address: r.addr("address"), Owner: r.text("owner"),
		})
		if r.fault != nil {
			return nil, r.fault
		}
	}
	slices.SortFunc(all, func(a, b logical.PoolAddress) int {
		return cmp.Or(a.Pool.Compare(b.Pool), a.Address.Compare(b.Address))
	})
	return all, nil
}
