package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// blackhole stands where a next hop would: what matches is dropped.
const blackhole = "blackhole"

func (a *app) lsrCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lsr", Short: "Static routes of logical routers: add, show, del",
		Long: `A static route sends a prefix to a next hop behind a port of the router. Several
of one prefix are equal-cost routes: packets are spread over them.`,
	}
	c.AddCommand(a.lsrAdd(), a.lsrShow(), a.lsrDel())
	return c
}

func (a *app) lsrAdd() *cobra.Command {
	var ecmp logical.ECMPMode
	c := &cobra.Command{
		Use: "add ROUTER NAME CIDR NEXT_HOP [OUT_PORT]", Aliases: []string{"a"}, Short: "Make a static route", Args: cobra.RangeArgs(4, 5),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), nil, nil, nil, routerPortsOfFirst),
		Long: `Makes a static route. The next hop is looked for behind OUT_PORT, never by prefix,
so that networks may overlap. The word "blackhole" in place of a next hop drops what
matches, and needs no port.

Exit codes: 0 done, 2 usage, 3 no such router or port, 4 the route is there.`,
		Example: `  sluicectl lsr add central default 0.0.0.0/0 100.64.0.2 central_to_transit
  sluicectl lsr add central private 10.0.0.0/8 blackhole`,
		RunE: func(c *cobra.Command, args []string) error {
			r := logical.Route{Name: args[1], ECMP: ecmp, Blackhole: args[3] == blackhole}
			var err error
			if r.Prefix, err = parseNetwork("route "+r.Name, args[2]); err != nil {
				return err
			}
			switch {
			case r.Blackhole && len(args) == 5:
				return usagef("route %s: a blackhole has no port: leave %s out", r.Name, args[4])
			case !r.Blackhole && len(args) == 4:
				return usagef("lsr add lacks OUT_PORT: the router's port that leads to %s\n  -> sluicectl lrp show %s", args[3], args[0])
			case !r.Blackhole:
				if r.NextHop, err = parseAddr("route "+r.Name, args[3]); err != nil {
					return err
				}
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				if err := st.AddRoute(ctx, args[0], argument(args, 4), r); err != nil {
					return err
				}
				return a.done("route %s added to router %s", r.Name, args[0])
			})(c, args)
		},
	}
	c.Flags().Var(choice[logical.ECMPMode]{&ecmp, []logical.ECMPMode{logical.ECMPSource, logical.ECMPFlow}}, "ecmp",
		"what is spread over equal routes: source addresses, or flows (default: the router's)")
	return c
}

func (a *app) lsrShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ROUTER [NAME]", Aliases: []string{"s", "list"}, Short: "Show the static routes of a router", Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), routesOfFirst),
		Long: `Shows the static routes of a router, or one of them. Its connected networks are
those of its ports: lrp show.

Exit codes: 0 done, 3 no such router or route.`,
		Example: "  sluicectl lsr show central\n  sluicectl lsr show central default -o yaml",
		RunE: showOfRouter(a, logical.KindRoute, func(r lrView) []lsrView { return r.Routes },
			func(r lsrView) string { return r.Name }, a.showRoutes),
	}
}

func (a *app) lsrDel() *cobra.Command {
	return &cobra.Command{
		Use: "del ROUTER NAME", Aliases: []string{"d"}, Short: "Delete a static route", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), routesOfFirst),
		Long: `Deletes a static route.

Exit codes: 0 done, 3 no such router or route.`,
		Example: "  sluicectl lsr del central default",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			if err := st.DeleteRoute(ctx, args[0], args[1]); err != nil {
				return err
			}
			return a.done("route %s deleted", args[1])
		}),
	}
}
