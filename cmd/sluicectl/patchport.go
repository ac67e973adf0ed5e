package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) patchportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "patchport", Short: "Outside ports, patched to a physical bridge of a host: add, del",
		Long: `An outside port joins a logical switch to a physical bridge of one host: how an
edge reaches the world outside. The host makes the patch once the bridge is there.`,
	}
	c.AddCommand(&cobra.Command{
		Use: "add SWITCH PORT HOST PEER_BRIDGE", Aliases: []string{"a"}, Short: "Join a switch to a physical bridge of a host", Args: cobra.ExactArgs(4),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), nil, ofKind(logical.KindHost)),
		Long: `Makes an outside port. HOST is a host's name or the system-id of its Open vSwitch;
it may register later.

Exit codes: 0 done, 2 usage, 3 no such switch, 4 the name is taken.`,
		Example: "  sluicectl patchport add outside out1 edge1 br-ex",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			p := logical.SwitchPort{Name: args[1], Kind: logical.PortOutside, Host: args[2], Bridge: args[3]}
			if err := configs.CheckBridgeName(p.Bridge); err != nil {
				return usagef("port %s: bridge %v", p.Name, err)
			}
			if err := st.AddPort(ctx, args[0], p); err != nil {
				return err
			}
			n, err := st.Find(ctx, store.Wanted{Kind: logical.KindHost, Name: p.Host})
			if err == nil && n.HostByName(p.Host) == nil {
				fmt.Fprintf(a.stderr, "no host %s has registered yet\n", api.Printable(p.Host))
			}
			return a.done("outside port %s added to switch %s", p.Name, args[0])
		}),
	}, &cobra.Command{
		Use: "del SWITCH PORT", Aliases: []string{"d"}, Short: "Delete an outside port", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch), portsOfFirst),
		Long: `Deletes an outside port; its host takes the patch away. A port of another kind is
refused: lsp del deletes those.

Exit codes: 0 done, 3 no such switch or port, 4 it is no outside port.`,
		Example: "  sluicectl patchport del outside out1",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			p, err := findPort(ctx, st, args[0], args[1])
			if missing, ok := errors.AsType[*logical.MissingError](err); ok && missing.Kind == logical.KindSwitchPort {
				n, readErr := a.network(ctx, st)
				if readErr != nil || n.PortByName(args[1]) != nil {
					return err
				}
				return noOutside(n, missing, args)
			}
			if err != nil {
				return err
			}
			if p.Kind != logical.PortOutside {
				return api.Conflict("port %s is a %s port, no outside port", p.Name, p.Kind).WithFix("sluicectl lsp del %s %s", args[0], p.Name)
			}
			if err := st.DeletePort(ctx, args[0], p.Name); err != nil {
				return err
			}
			return a.done("outside port %s deleted", p.Name)
		}),
	})
	return c
}

// outsideOfFirst are the outside ports of the switch that the first argument names.
func outsideOfFirst(n *logical.Snapshot, args []string) []string {
	var names []string
	if sw := n.SwitchByName(args[0]); sw != nil {
		for p := range n.PortsOf(sw.ID) {
			if p.Kind == logical.PortOutside {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

// noOutside names the outside ports that look like one that is not there.
func noOutside(n *logical.Snapshot, e *logical.MissingError, args []string) error {
	near := slices.DeleteFunc(outsideOfFirst(n, args), func(name string) bool { return !alike(name, e.Name) })
	slices.Sort(near)
	if len(near) > 0 {
		return api.NotFound("switch %s: %v; did you mean %s?", args[0], e, strings.Join(near, ", "))
	}
	return api.NotFound("switch %s: %v", args[0], e).WithFix("%s", listing(e))
}
