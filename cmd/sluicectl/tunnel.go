package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) tunnelCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "tunnel", Short: "Tunnels to other hosts: show, explain",
		Long: `Shows this host's ways to the other hosts of the logical network, and says why one is
not reached: Open vSwitch drops what it cannot send into a tunnel without a word.`,
	}
	c.AddCommand(a.tunnelShow(), a.tunnelExplain())
	return c
}

func (a *app) tunnelShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Aliases: []string{"s", "list"}, Short: "Show the ways to all other hosts", Args: cobra.NoArgs,
		Long: `Lists the other hosts with their tunnel addresses; how packets go there (the switch's
own route, the MAC of the next hop, the MTU of what they leave by); what BFD says where
it watches; how many packets were sent; when the host told last that it lives; and the
gravest of what is wrong. A MAC that no packet needed lately is not known: "-".

Exit codes: 0 nothing is wrong, 4 no logical network here, 5 something is.`,
		Example: "  sluicectl tunnel show\n  sluicectl tunnel show -o json | jq -r '.[] | select(.reasons != []) | .host'",
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := a.asking(c)
			defer cancel()
			all, err := a.client().Tunnels(ctx)
			if err != nil {
				return err
			}
			well := true
			for _, t := range all {
				well = well && len(t.Reasons) == 0
			}
			err = a.table(all, "HOST\tADDRESS\tBFD\tROUTE\tNEXT HOP\tMTU\tPACKETS\tSEEN\tPROBLEM", func(row func(...any)) {
				for _, t := range all {
					row(t.Host, orDash(t.Address), orDash(t.BFD), orDash(wayThere(t)), orDash(t.Neighbour), orDash(positive(t.MTU)), counted(t.Packets), a.ago(t.LastSeen), problem(t))
				}
			})
			if err != nil {
				return err
			}
			return verdict(false, well)
		},
	}
}

// wayThere is "br-phy" or "br-phy via 10.0.0.254".
func wayThere(t api.Tunnel) string {
	if t.Gateway != "" {
		return t.Device + " via " + t.Gateway
	}
	return t.Device
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func counted(n *uint64) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatUint(*n, 10)
}

// problem is the first reason, and how many more there are.
func problem(t api.Tunnel) string {
	switch n := len(t.Reasons); n {
	case 0:
		return "-"
	case 1:
		return t.Reasons[0].What
	default:
		return fmt.Sprintf("%s (and %d more)", t.Reasons[0].What, n-1)
	}
}

func (a *app) tunnelExplain() *cobra.Command {
	return &cobra.Command{
		Use: "explain HOST", Short: "Say in words why another host is not reached", Args: cobra.ExactArgs(1), ValidArgsFunction: a.peerNames,
		Long: `Looks at all that a tunnel packet to another host (by its name, system-id or tunnel
address) meets, and says what keeps it from arriving, each with its remedy: the tunnel
port and the tunnel option of the bridge, the switch's own route, the answer to ARP or
neighbour solicitation, BFD, the MTU, who takes packets off the wire here; that the other
host is not in the store, silent or behind; that packets go and none come.

Exit codes: 0 nothing is wrong, 3 no such host, 4 no logical network here,
5 something is.`,
		Example: "  sluicectl tunnel explain nfv-02\n  sluicectl tunnel explain 172.16.0.2",
		RunE: func(c *cobra.Command, args []string) error {
			ctx, cancel := a.asking(c)
			defer cancel()
			t, err := a.client().Tunnel(ctx, args[0])
			if err != nil {
				return err
			}
			if err := a.print(t, func() error { return a.explainTunnel(t) }); err != nil {
				return err
			}
			return verdict(false, len(t.Reasons) == 0)
		},
	}
}

func (a *app) explainTunnel(t api.Tunnel) error {
	var b strings.Builder
	for _, r := range t.Reasons {
		fmt.Fprintf(&b, "%s\n", api.Printable(r.What))
		if r.Fix != "" {
			fmt.Fprintf(&b, "  -> %s\n", api.Printable(r.Fix))
		}
	}
	if len(t.Reasons) == 0 {
		fmt.Fprintf(&b, "host %s: nothing is wrong: %s from %s by %s, next hop %s, MTU %s, %s packets sent, seen %s\n",
			api.Printable(t.Host), t.Address, orDash(t.Source), orDash(wayThere(t)), orDash(t.Neighbour), orDash(positive(t.MTU)), counted(t.Packets), a.ago(t.LastSeen))
	}
	for _, u := range t.Unknown {
		fmt.Fprintf(&b, "not known: %s\n", api.Printable(u))
	}
	return a.write([]byte(b.String()))
}

// peerNames completes the names of other hosts by asking the daemon.
func (a *app) peerNames(c *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), min(a.timeout, completing))
	defer cancel()
	all, err := a.client().Tunnels(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, t := range all {
		if strings.HasPrefix(t.Host, prefix) {
			names = append(names, t.Host)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
