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

func (a *app) lspCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lsp", Short: "Ports of logical switches: add, set, show, del",
		Long: `A switch port is where a guest is plugged in. The guest's interface, on whichever
host, names it in external_ids:iface-id; so its name is unique over all switches.`,
	}
	c.AddCommand(a.lspAdd(), a.lspSet(), a.lspShow(), a.lspDel())
	return c
}

func (a *app) lspAdd() *cobra.Command {
	f := portFlags{kind: "", security: on}
	c := &cobra.Command{
		Use: "add SWITCH PORT [IP[,IP...]] [MAC] [PEER]", Aliases: []string{"a"}, Short: "Make a port of a switch", Args: cobra.RangeArgs(2, 5),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), nil, nil, nil, ofKind(logical.KindRouterPort)),
		Long: `Makes a port with its addresses, IPv4 and IPv6 as many as it has. Without a MAC (or
with "-") it gets f2:01: and the four bytes of its IPv4 address. On one switch nobody
else can have one of its addresses or its MAC. With a PEER it leads to that router
port: lr link makes both ends at once.

With "auto" for an IP the port gets the least free address of each family that it has
none of and that the switch has a pool for; --pool says which pools.

A guest may send from its own addresses only, unless --security off. With --kind
unknown it sends and takes any; --kind localnet is the physical network of a VLAN
switch; neither has addresses of its own. Behind a --trunk the guest of that port
sends and gets this port's packets with a VLAN tag.

Address 255.255.255.255 or MAC ff:ff:ff:ff:ff:ee makes an outside port, as in
TupleNet; it needs --host and --bridge. patchport add says the same in one line.

Exit codes: 0 done, 2 usage, 3 no such switch, 4 name, address, MAC or tag is taken,
or the pool is full.`,
		Example: `  sluicectl lsp add web vm1 10.1.0.11,fd00:1::11
  sluicectl lsp add web vm3 auto
  sluicectl lsp add web vm2 10.1.0.12 02:00:00:00:00:12 --security off
  sluicectl lsp add web vnf0 --kind unknown
  sluicectl lsp add web vnf0-v7 10.1.0.7 --trunk vnf0 --tag 7`,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := f.port(args)
			if err != nil {
				return err
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				if err := f.resolve(ctx, st, &p); err != nil {
					return err
				}
				if f.auto {
					return a.addFromPools(ctx, st, args[0], p, f.pools)
				}
				if err := st.AddPort(ctx, args[0], p); err != nil {
					return err
				}
				return a.done("port %s added to switch %s", p.Name, args[0])
			})(c, args)
		},
	}
	f.flags(c)
	c.PostRun = a.warnNotYet
	flags := c.Flags()
	flags.Var(choice[logical.PortKind]{&f.kind, []logical.PortKind{logical.PortGuest, logical.PortLocalnet, logical.PortUnknown}}, "kind", "what is behind it (default guest)")
	flags.StringVar(&f.host, "host", "", "`HOST` of an outside port: its name or system-id")
	flags.StringVar(&f.bridge, "bridge", "", "`BRIDGE` of an outside port")
	flags.StringVar(&f.network, "network", "", "`PHYSNET` of a localnet port (default: the switch's)")
	flags.StringSliceVar(&f.pools, "pool", nil, "`POOL` that an auto address comes from; several: again, or with commas")
	flags.StringVar(&f.trunk, "trunk", "", "`PORT` that carries this one tagged")
	flags.Uint16Var(&f.tag, "tag", 0, "with --trunk: its VLAN there, 1 to 4094")
	return c
}

func (a *app) lspSet() *cobra.Command {
	f := portFlags{security: on}
	c := &cobra.Command{
		Use: "set SWITCH PORT", Short: "Change a port of a switch", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), portsOfFirst),
		Long: `Changes what the flags name and leaves the rest. A list is replaced as a whole; an
empty one ("") takes all of it away. A new address does not change the MAC.

Exit codes: 0 done, 2 usage, 3 no such switch or port, 4 address or MAC is taken.`,
		Example: "  sluicectl lsp set web vm1 --address 10.1.0.21 --rate-to 1000000\n  sluicectl lsp set web vm1 --security off",
		RunE: func(c *cobra.Command, args []string) error {
			if !changed(c) {
				return usagef("lsp set: nothing to change: name it with a flag\n  -> sluicectl lsp set --help")
			}
			if err := f.apply(c, &logical.SwitchPort{}); err != nil {
				return err
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				return a.setPort(ctx, st, c, &f, args)
			})(c, args)
		},
	}
	f.flags(c)
	c.PostRun = a.warnNotYet
	c.Flags().StringVar(&f.addresses, "address", "", "`ADDRESSES` it has, with commas")
	c.Flags().StringVar(&f.mac, "mac", "", "its `MAC`")
	return c
}

func (a *app) setPort(ctx context.Context, st *store.Client, c *cobra.Command, f *portFlags, args []string) error {
	n, err := a.network(ctx, st)
	if err != nil {
		return err
	}
	if _, err := portOn(n, args[0], args[1]); err != nil {
		return err
	}
	var meant logical.SwitchPort
	if err := f.resolve(ctx, st, &meant); err != nil {
		return err
	}
	err = st.SetPort(ctx, args[1], func(p *logical.SwitchPort) error {
		if c.Flags().Changed("group") {
			p.Groups = meant.Groups
		}
		return f.apply(c, p)
	})
	if err != nil {
		return err
	}
	return a.done("port %s changed", args[1])
}

// portOn finds a port of a switch.
func portOn(n *logical.Snapshot, sw, name string) (*logical.SwitchPort, error) {
	s := n.SwitchByName(sw)
	if s == nil {
		return nil, &logical.MissingError{Kind: logical.KindSwitch, Name: sw}
	}
	if p := n.PortByName(name); p != nil && p.Switch == s.ID {
		return p, nil
	}
	return nil, fmt.Errorf("switch %s: %w", sw, &logical.MissingError{Kind: logical.KindSwitchPort, Name: name})
}

func (a *app) lspShow() *cobra.Command {
	return &cobra.Command{
		Use: "show SWITCH [PORT]", Aliases: []string{"s", "list"}, Short: "Show the ports of a switch", Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), portsOfFirst),
		Long: `Shows the ports of a switch, or one of them. HOST is where a port is: where the
guest's interface appeared; "-" while it is nowhere.

Exit codes: 0 done, 3 no such switch or port.`,
		Example: "  sluicectl lsp show web\n  sluicectl lsp show web vm1\n  sluicectl lsp show web -o json | jq -r '.[] | select(.host == null) | .name'",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, err := a.network(ctx, st)
			if err != nil {
				return err
			}
			if len(args) == 2 {
				p, err := portOn(n, args[0], args[1])
				if err != nil {
					return err
				}
				return a.showSwitchPort(viewPort(n, p))
			}
			s := n.SwitchByName(args[0])
			if s == nil {
				return &logical.MissingError{Kind: logical.KindSwitch, Name: args[0]}
			}
			all := []lspView{}
			for p := range n.PortsOf(s.ID) {
				all = append(all, viewPort(n, p))
			}
			slices.SortFunc(all, func(x, y lspView) int { return strings.Compare(x.Name, y.Name) })
			return a.table(all, "PORT\tKIND\tKEY\tMAC\tADDRESSES\tSECURITY\tHOST\tLEADS TO", func(row func(...any)) {
				for _, v := range all {
					row(v.Name, v.Kind, v.Key, orDash(v.MAC), joined(v.Addresses), v.guarded(), orDash(v.Host), orDash(v.leads()))
				}
			})
		}),
	}
}

func (a *app) lspDel() *cobra.Command {
	return &cobra.Command{
		Use: "del SWITCH PORT", Aliases: []string{"d"}, Short: "Delete a port of a switch", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), portsOfFirst),
		Long: `Deletes a port: its guest is cut off at once. It is refused while other ports are
carried by it, or a mirror copies it. The router port behind a link stays.

Exit codes: 0 done, 3 no such switch or port, 4 in use.`,
		Example: "  sluicectl lsp del web vm1",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			if err := st.DeletePort(ctx, args[0], args[1]); err != nil {
				return err
			}
			return a.done("port %s deleted", args[1])
		}),
	}
}
