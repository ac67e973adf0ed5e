package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) poolCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "pool", Short: "Address pools of logical switches: add, show, del",
		Long: `A pool is a prefix that lsp add takes addresses from where it is told "auto" instead
of one: the least that is free. Giving one out is one transaction with the port that
gets it: no address is given out twice, by whichever machine.`,
	}
	c.AddCommand(a.poolAdd(), a.poolShow(), a.poolDel())
	return c
}

func (a *app) poolAdd() *cobra.Command {
	var gateway, exclude string
	c := &cobra.Command{
		Use: "add SWITCH POOL CIDR", Aliases: []string{"a"}, Short: "Make a pool of a switch", Args: cobra.ExactArgs(3),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), nil, nil),
		Long: `Makes a pool. Never given out are the first address of the prefix, the last of an
IPv4 one, the gateway, what is excluded, and what a port of the switch has: so the
address of a router that is linked needs not be said. Pools of one switch do not
overlap; there may be one of each family and more.

Exit codes: 0 done, 2 usage, 3 no such switch, 4 the name or a part of it is taken.`,
		Example: "  sluicectl pool add web web4 10.1.0.0/24 --exclude 10.1.0.1-10.1.0.9\n  sluicectl pool add web web6 fd00:1::/64",
		RunE: func(c *cobra.Command, args []string) error {
			p := logical.Pool{Name: args[1]}
			var err error
			if p.Prefix, err = parseNetwork("pool "+p.Name, args[2]); err != nil {
				return err
			}
			if gateway != "" {
				if p.Gateway, err = parseAddr("--gateway", gateway); err != nil {
					return err
				}
			}
			if p.Exclude, err = parseRanges("--exclude", exclude); err != nil {
				return err
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				if err := st.AddPool(ctx, args[0], p); err != nil {
					return err
				}
				return a.done("pool %s added to switch %s", p.Name, args[0])
			})(c, args)
		},
	}
	c.Flags().StringVar(&gateway, "gateway", "", "`IP` that is somebody's whom no port says")
	c.Flags().StringVar(&exclude, "exclude", "", "`RANGES` that are not given out, FIRST-LAST or one address, with commas")
	return c
}

// parseRanges reads ranges with commas between them and puts them in order.
func parseRanges(what, text string) ([]logical.AddressRange, error) {
	var all []logical.AddressRange
	for _, word := range split(text) {
		first, last, ok := strings.Cut(word, "-")
		if !ok {
			last = first
		}
		var r logical.AddressRange
		var err error
		if r.First, err = parseAddr(what, first); err != nil {
			return nil, err
		}
		if r.Last, err = parseAddr(what, last); err != nil {
			return nil, err
		}
		if r.Last.Less(r.First) || r.First.Is4() != r.Last.Is4() {
			return nil, usagef("%s: %s is no range: write FIRST-LAST, the smaller first", what, word)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(x, y logical.AddressRange) int { return x.First.Compare(y.First) })
	return all, nil
}

func (a *app) poolShow() *cobra.Command {
	return &cobra.Command{
		Use: "show [SWITCH [POOL]]", Aliases: []string{"s", "list"}, Short: "Show pools, and who has addresses of one", Args: cobra.RangeArgs(0, 2),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), poolsOfFirst),
		Long: `Shows all pools, or those of a switch, with how many addresses are taken and which is
given out next; or one pool with everybody who has an address of it, whether it was given
out or said.

Exit codes: 0 done, 3 no such switch or pool.`,
		Example: "  sluicectl pool show\n  sluicectl pool show web web4",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, err := a.network(ctx, st)
			if err != nil {
				return err
			}
			held, err := st.PoolAddresses(ctx)
			if err != nil {
				return err
			}
			pools, err := poolsNamed(n, args)
			if err != nil {
				return err
			}
			all := []poolView{}
			for _, p := range pools {
				all = append(all, viewPool(n, p, held))
			}
			if len(args) == 2 {
				return a.showPool(all[0])
			}
			slices.SortFunc(all, func(x, y poolView) int {
				return strings.Compare(x.Switch+"/"+x.Name, y.Switch+"/"+y.Name)
			})
			return a.table(all, "SWITCH\tPOOL\tPREFIX\tGATEWAY\tEXCLUDED\tTAKEN\tNEXT", func(row func(...any)) {
				for _, v := range all {
					row(v.Switch, v.Name, v.Prefix, orDash(v.Gateway), orDash(strings.Join(v.Exclude, ",")), len(v.Taken), orDash(v.Next))
				}
			})
		}),
	}
}

// poolsNamed are all pools, those of a switch, or one of it.
func poolsNamed(n *logical.Snapshot, args []string) ([]*logical.Pool, error) {
	var all []*logical.Pool
	if len(args) == 0 {
		return slices.Collect(n.Pools()), nil
	}
	s := n.SwitchByName(args[0])
	if s == nil {
		return nil, &logical.MissingError{Kind: logical.KindSwitch, Name: args[0]}
	}
	for p := range n.PoolsOf(s.ID) {
		if len(args) == 1 || p.Name == args[1] {
			all = append(all, p)
		}
	}
	if len(args) == 2 && len(all) == 0 {
		return nil, fmt.Errorf("switch %s: %w", s.Name, &logical.MissingError{Kind: logical.KindPool, Name: args[1]})
	}
	return all, nil
}

func (a *app) showPool(v poolView) error {
	return a.table(v, "ADDRESS\tOWNER", func(row func(...any)) {
		for _, t := range v.Taken {
			row(t.Address, t.Owner)
		}
	})
}

func (a *app) poolDel() *cobra.Command {
	return &cobra.Command{
		Use: "del SWITCH POOL", Aliases: []string{"d"}, Short: "Delete a pool of a switch", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), poolsOfFirst),
		Long: `Deletes a pool. Ports keep the addresses they have of it. It is refused while a workload
that is no port holds one.

Exit codes: 0 done, 3 no such switch or pool, 4 in use.`,
		Example: "  sluicectl pool del web web4",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			if err := st.DeletePool(ctx, args[0], args[1]); err != nil {
				return err
			}
			return a.done("pool %s deleted", args[1])
		}),
	}
}
