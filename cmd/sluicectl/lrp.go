package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) lrpCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lrp", Short: "Ports of logical routers: add, show, del",
		Long: `A router port has the router's address in a network. Its peer is a switch port
of kind router; each names the other. lr link makes both at once.`,
	}
	c.AddCommand(a.lrpAdd(), a.lrpShow(), a.lrpDel())
	return c
}

func (a *app) lrpAdd() *cobra.Command {
	var mtu uint16
	c := &cobra.Command{
		Use: "add ROUTER PORT CIDR[,CIDR...] [MAC] [PEER]", Aliases: []string{"a"}, Short: "Make a port of a router", Args: cobra.RangeArgs(3, 5),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), nil, nil, nil, ofKind(logical.KindSwitchPort)),
		Long: `Makes a router port. CIDR is the router's own address with the length of the
network, IPv4 and IPv6 as many as it has. Without a MAC (or with "-") it gets f2:01:
and the four bytes of its IPv4 address. The networks of a router's ports may overlap.

Exit codes: 0 done, 2 usage, 3 no such router, 4 the name or the peer is taken.`,
		Example: "  sluicectl lrp add central c-web 10.1.0.1/24\n  sluicectl lrp add central c-web 10.1.0.1/24 - web-c --mtu 8900",
		RunE: func(c *cobra.Command, args []string) error {
			p := logical.RouterPort{Name: args[1], Peer: argument(args, 4), MTU: mtu}
			var err error
			if p.Networks, err = parseCIDRs("port "+p.Name, args[2]); err != nil {
				return err
			}
			if text := argument(args, 3); text != "" && text != "-" {
				if p.MAC, err = parseMAC("port "+p.Name, text); err != nil {
					return err
				}
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				if err := st.AddRouterPort(ctx, args[0], p); err != nil {
					return err
				}
				return a.done("port %s added to router %s", p.Name, args[0])
			})(c, args)
		},
	}
	c.Flags().Uint16Var(&mtu, "mtu", 0, "MTU in `BYTES`: larger packets are answered with ICMP; 0 is whatever the switches carry")
	return c
}

func (a *app) lrpShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ROUTER [PORT]", Aliases: []string{"s", "list"}, Short: "Show the ports of a router", Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), routerPortsOfFirst),
		Long: `Shows the ports of a router, or one of them. SWITCH is what the port is connected
to: "-" where its peer is missing or names another.

Exit codes: 0 done, 3 no such router or port.`,
		Example: "  sluicectl lrp show central\n  sluicectl lrp show central central_to_web -o json",
		RunE: showOfRouter(a, logical.KindRouterPort, func(r lrView) []lrpView { return r.Ports },
			func(p lrpView) string { return p.Name }, a.showRouterPorts),
	}
}

func (a *app) lrpDel() *cobra.Command {
	return &cobra.Command{
		Use: "del ROUTER PORT", Aliases: []string{"d"}, Short: "Delete a port of a router", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(ofKind(logical.KindRouter), routerPortsOfFirst),
		Long: `Deletes a router port. It is refused while routes or NAT go through it. The switch
port behind it stays and leads nowhere: check lists it.

Exit codes: 0 done, 3 no such router or port, 4 in use.`,
		Example: "  sluicectl lrp del central central_to_web",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			if err := st.DeleteRouterPort(ctx, args[0], args[1]); err != nil {
				return err
			}
			return a.done("port %s deleted", args[1])
		}),
	}
}
