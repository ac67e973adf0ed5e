package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) lrCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lr", Short: "Logical routers: add, set, link, show, del",
		Long: `A logical router works on every host at once, unless it is pinned to hosts: then it
works on the first of them that lives, and is an edge router. Its ports are the
noun lrp, its static routes lsr.`,
	}
	c.AddCommand(a.lrAdd(), a.lrSet(), a.lrLink(), a.lrShow(), a.lrDel())
	return c
}

// routerFlags are what add and set can say of a router.
type routerFlags struct {
	ttl    logical.TTLMode
	ecmp   logical.ECMPMode
	egress logical.Egress
}

func (f *routerFlags) flags(c *cobra.Command) {
	flags := c.Flags()
	flags.Var(choice[logical.TTLMode]{&f.ttl, []logical.TTLMode{logical.TTLFull, logical.TTLOnce, logical.TTLNone}}, "ttl",
		"where TTLs are decremented: at every router, at the first, nowhere (default full).\nfull costs a datapath flow for each TTL that comes")
	flags.Var(choice[logical.ECMPMode]{&f.ecmp, []logical.ECMPMode{logical.ECMPSource, logical.ECMPFlow}}, "ecmp",
		"what is spread over equal routes: source addresses, or flows (default source)")
	flags.Var(choice[logical.Egress]{&f.egress, []logical.Egress{logical.EgressEdge, logical.EgressLocal, logical.EgressLocalOrEdge}}, "egress",
		"where packets leave for the outside (default edge); local and local-else-edge are\nkept, and not in force yet")
}

func (f *routerFlags) apply(r *logical.Router) {
	if f.ttl != "" {
		r.TTL = f.ttl
	}
	if f.ecmp != "" {
		r.ECMP = f.ecmp
	}
	if f.egress != "" {
		r.Egress = f.egress
	}
}

func (a *app) lrAdd() *cobra.Command {
	var f routerFlags
	c := &cobra.Command{
		Use: "add ROUTER [HOST...]", Aliases: []string{"a"}, Short: "Make a logical router", Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: a.complete(nil, ofKind(logical.KindHost), ofKind(logical.KindHost), ofKind(logical.KindHost)),
		Long: `Makes a logical router. With hosts, by name or system-id and the preferred first, it
is pinned: an edge router.

Exit codes: 0 done, 2 usage, 4 there is a router of that name.`,
		Example: "  sluicectl lr add central\n  sluicectl lr add edge-r1 edge1 edge2\n  sluicectl lr add fast --ttl none",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			r := logical.Router{Name: args[0], Hosts: args[1:]}
			f.apply(&r)
			if err := st.AddRouter(ctx, r); err != nil {
				return err
			}
			return a.done("router %s added", r.Name)
		}),
	}
	f.flags(c)
	c.PostRun = a.warnNotYet
	return c
}

func (a *app) lrSet() *cobra.Command {
	var f routerFlags
	var unpin bool
	c := &cobra.Command{
		Use: "set ROUTER [HOST...]", Short: "Change a logical router", Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), ofKind(logical.KindHost), ofKind(logical.KindHost), ofKind(logical.KindHost)),
		Long: `Changes what is named and leaves the rest. Hosts replace those it was pinned to.

Exit codes: 0 done, 2 usage, 3 no such router.`,
		Example: "  sluicectl lr set edge-r1 edge2 edge1\n  sluicectl lr set central --ttl once\n  sluicectl lr set edge-r1 --unpin",
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && !changed(c):
				return usagef("lr set: nothing to change: name hosts, or a flag\n  -> sluicectl lr set --help")
			case len(args) > 1 && unpin:
				return usagef("lr set: --unpin takes the hosts away that you name: leave one of the two out")
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				err := st.SetRouter(ctx, args[0], func(r *logical.Router) error {
					f.apply(r)
					if len(args) > 1 || unpin {
						r.Hosts = slices.Clone(args[1:])
					}
					return nil
				})
				if err != nil {
					return err
				}
				return a.done("router %s changed", args[0])
			})(c, args)
		},
	}
	f.flags(c)
	c.PostRun = a.warnNotYet
	c.Flags().BoolVar(&unpin, "unpin", false, "let it work on every host")
	return c
}

func (a *app) lrLink() *cobra.Command {
	var names string
	c := &cobra.Command{
		Use: "link ROUTER SWITCH CIDR[,CIDR...] [MAC]", Short: "Connect a router and a switch", Args: cobra.RangeArgs(3, 4),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), ofKind(logical.KindSwitch)),
		Long: `Makes both ends of a link: the router's port ROUTER_to_SWITCH and the switch's
SWITCH_to_ROUTER. CIDR is the router's own address on the switch with the length of
the network, IPv4 and IPv6 as many as it has. Without a MAC it gets f2:01: and the
four bytes of its IPv4 address.

Exit codes: 0 done, 2 usage, 3 no such router or switch, 4 something is taken.`,
		Example: "  sluicectl lr link central web 10.1.0.1/24,fd00:1::1/64\n  sluicectl lr link central db 10.2.0.1/24 02:00:00:00:02:01 --port-names c-db,db-c",
		RunE: func(c *cobra.Command, args []string) error {
			l := store.Link{Router: args[0], Switch: args[1]}
			var err error
			if l.Networks, err = parseCIDRs("link", args[2]); err != nil {
				return err
			}
			if text := argument(args, 3); text != "" {
				if l.MAC, err = parseMAC("link", text); err != nil {
					return err
				}
			}
			if names != "" {
				pair := split(names)
				if len(pair) != 2 {
					return usagef("--port-names: %q: write ROUTER_PORT,SWITCH_PORT", names)
				}
				l.RouterPort, l.SwitchPort = pair[0], pair[1]
			}
			return a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
				if err := st.AddLink(ctx, l); err != nil {
					return err
				}
				return a.done("router %s linked to switch %s", l.Router, l.Switch)
			})(c, args)
		},
	}
	c.Flags().StringVar(&names, "port-names", "", "`ROUTER_PORT,SWITCH_PORT`: names of the two ends")
	return c
}

func (a *app) lrShow() *cobra.Command {
	return &cobra.Command{
		Use: "show [ROUTER]", Aliases: []string{"s", "list"}, Short: "Show logical routers", Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter)),
		Long: `Shows all routers, or one with its ports and static routes. KEY is the number of
the router in flows.

Exit codes: 0 done, 3 no such router.`,
		Example: "  sluicectl lr show\n  sluicectl lr show central -o yaml",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, err := a.network(ctx, st)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				r := n.RouterByName(args[0])
				if r == nil {
					return &logical.MissingError{Kind: logical.KindRouter, Name: args[0]}
				}
				return a.showRouter(viewRouter(n, r))
			}
			all := []lrView{}
			for r := range n.Routers() {
				all = append(all, viewRouter(n, r))
			}
			slices.SortFunc(all, func(x, y lrView) int { return strings.Compare(x.Name, y.Name) })
			return a.table(all, "ROUTER\tKEY\tHOSTS\tTTL\tECMP\tEGRESS\tPORTS\tROUTES", func(row func(...any)) {
				for _, v := range all {
					row(v.Name, v.Key, orDash(strings.Join(v.Hosts, ",")), v.TTL, v.ECMP, v.Egress, len(v.Ports), len(v.Routes))
				}
			})
		}),
	}
}

func (a *app) lrDel() *cobra.Command {
	var recursive, yes bool
	c := &cobra.Command{
		Use: "del ROUTER", Aliases: []string{"d"}, Short: "Delete a logical router", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter)),
		Long: `Deletes a router. While it has ports or routes it is refused; with -r those go too,
and both ends of its links, once you said yes.

Exit codes: 0 done, 2 no terminal to ask on and no --yes, 3 no such router, 4 in use.`,
		Example: "  sluicectl lr del central\n  sluicectl lr del -r central --yes",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			if recursive && !yes {
				n, err := a.network(ctx, st)
				if err != nil {
					return err
				}
				if r := n.RouterByName(args[0]); r != nil {
					v := viewRouter(n, r)
					if err := a.agree(yes, "router "+r.Name, v.parts()); err != nil {
						return err
					}
				}
			}
			if err := st.DeleteRouter(ctx, args[0], recursive); err != nil {
				return err
			}
			return a.done("router %s deleted", args[0])
		}),
	}
	recursiveFlags(c, &recursive, &yes)
	return c
}
