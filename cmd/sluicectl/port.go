package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) portCommand() *cobra.Command {
	c := &cobra.Command{Use: "port", Short: "Ports: list, show, explain", Long: "Lists and explains the ports of this host's Open vSwitch."}
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List all ports", Args: cobra.NoArgs,
			Long: `Lists the ports of all bridges: link (of a vhost port: whether a guest is
connected), queues the guest or the NIC agreed to of those expected, MTU, packets
and drops since the port was made with the cause of most of them, and the PMD
cores that poll it. What Open vSwitch does not tell is shown as "-".`,
			Example: "  sluicectl port list\n  sluicectl port list -o json | jq '.[] | select(.connected == false) | .name'",
			RunE: func(c *cobra.Command, _ []string) error {
				ctx, cancel := a.asking(c)
				defer cancel()
				ports, err := a.client().Ports(ctx)
				if err != nil {
					return err
				}
				a.old(ports...)
				return a.print(ports, func() error {
					var b strings.Builder
					screen{now: api.Status{Ports: ports}}.ports(&b)
					return a.write([]byte(strings.TrimPrefix(b.String(), "\n")))
				})
			},
		},
		&cobra.Command{
			Use: "show NAME", Short: "Show one port with its counters", Args: cobra.ExactArgs(1), ValidArgsFunction: a.portNames,
			Long: `Shows what Open vSwitch tells of one port, and every counter by the name it has in
Interface.statistics.

Exit codes: 0 done, 1 failed, 3 no such port.`,
			Example: "  sluicectl port show vm1-eth0",
			RunE: func(c *cobra.Command, args []string) error {
				ctx, cancel := a.asking(c)
				defer cancel()
				p, err := a.client().Port(ctx, args[0])
				if err != nil {
					return a.nearest(c, args[0], err)
				}
				a.old(p)
				return a.print(p, func() error { return a.showPort(p) })
			},
		},
		&cobra.Command{
			Use: "explain NAME", Short: "Say in words why a port does or does not pass packets", Args: cobra.ExactArgs(1), ValidArgsFunction: a.portNames,
			Long: `Looks at the port's row, what OVS reports of it, its socket and directories (which
it never connects to), who polls its queues and what the guest negotiated, and
says what keeps packets from passing, each with its remedy; of a port with an
iface-id also whether it is the port of the logical network that it means to be.
Then what is lost at it: each cause of ovs_drops_total with how many packets a
second it ends now, what that means and what helps. Where nobody looked at the port
in the minute before that takes some seconds more: OVS counts anew every 5. "besides"
are drops that ceased, and what the switch as a whole drops of no port that it tells.
NAME is the port's in Open vSwitch or in the logical network.

Exit codes: 0 nothing is wrong, 3 no such port, 5 something is.`,
			Example: "  sluicectl port explain vm1-eth0",
			RunE: func(c *cobra.Command, args []string) error {
				ctx, cancel := a.asking(c)
				defer cancel()
				e, err := a.client().Explain(ctx, args[0])
				if err != nil {
					return a.nearest(c, args[0], err)
				}
				if err := a.print(e, func() error { return a.explain(e) }); err != nil {
					return err
				}
				return verdict(false, e.Healthy)
			},
		},
	)
	return c
}

// old warns of ports that nobody keeps up to date.
func (a *app) old(ports ...api.Port) {
	for _, p := range ports {
		if p.Stale != "" {
			fmt.Fprintf(a.stderr, "sluicectl: %s: what is shown may be old\n", api.Printable(p.Stale))
			return // one reason is true of all
		}
	}
}

func (a *app) explain(e api.Explanation) error {
	if e.Healthy {
		fmt.Fprintf(a.stdout, "port %s: nothing is wrong: %s, queues %s, polled by core %s\n", e.Port.Name, link(e.Port), queues(e.Port), cores(e.Port))
	}
	a.because(e.Reasons)
	if len(e.Notes) > 0 {
		fmt.Fprint(a.stdout, "besides:\n")
		a.because(e.Notes)
	}
	return nil
}

// because prints reasons with their remedies.
func (a *app) because(reasons []api.Reason) {
	for _, r := range reasons {
		fmt.Fprintf(a.stdout, "%s\n", api.Printable(r.What))
		if r.Fix != "" {
			fmt.Fprintf(a.stdout, "  -> %s\n", api.Printable(r.Fix))
		}
	}
}

func (a *app) showPort(p api.Port) error {
	var b strings.Builder
	table(&b, "FIELD\tVALUE", func(row func(...any)) {
		row("name", p.Name)
		row("bridge", p.Bridge)
		row("type", orDash(p.Type))
		row("owner", orDash(p.Owner))
		row("link", link(p))
		row("error", orDash(p.Error))
		row("queues", queues(p))
		row("MTU", number(p.MTU))
		row("socket", orDash(p.Socket))
		row("polled by", orDash(strings.Join(p.PolledBy, ", ")))
		for _, d := range p.Drops {
			row("dropped by "+cause(d), d.Packets)
		}
		for _, name := range slices.Sorted(maps.Keys(p.Counters)) {
			row(name, p.Counters[name])
		}
	})
	return a.write([]byte(b.String()))
}

// portNames completes port names by asking the daemon.
func (a *app) portNames(c *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := a.asking(c)
	defer cancel()
	ports, err := a.client().Ports(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, p := range ports {
		if strings.HasPrefix(p.Name, prefix) {
			names = append(names, p.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// nearest adds names that look alike to an error about an unknown port.
func (a *app) nearest(c *cobra.Command, name string, err error) error {
	if api.CodeOf(err) != api.CodeNotFound {
		return err
	}
	ctx, cancel := a.asking(c)
	defer cancel()
	ports, listErr := a.client().Ports(ctx)
	if listErr != nil {
		return err
	}
	var near []string
	for _, p := range ports {
		if alike(p.Name, name) {
			near = append(near, p.Name)
		}
	}
	if len(near) == 0 {
		return api.NotFound("%v", err).WithFix("sluicectl port list")
	}
	return api.NotFound("%v; did you mean %s?", err, strings.Join(near, ", "))
}
