package main

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// chView is a host of the fleet as show prints it.
type chView struct {
	Name       string            `json:"name"`
	SystemID   string            `json:"systemID"`
	Index      logical.HostIndex `json:"index"`
	Addresses  []netip.Addr      `json:"addresses"`
	Role       logical.HostRole  `json:"role"`
	Mode       logical.HostMode  `json:"mode"`
	Provider   []string          `json:"provider"`
	Drained    bool              `json:"drained"`
	Ports      []string          `json:"ports"` // that are there
	Generation uint64            `json:"generation"`
	LastSeen   *time.Time        `json:"lastSeen,omitempty"`
}

func viewHost(n *logical.Snapshot, h *logical.Host, said []logical.HostStatus) chView {
	v := chView{
		Name: h.Name, SystemID: h.SystemID, Index: h.Index, Addresses: listed(h.Addresses), Role: h.Role, Mode: h.Mode,
		Provider: listed(h.Provider), Drained: h.Drained, Ports: []string{},
	}
	for b := range n.BindingsOn(h.Name) {
		if p := n.Port(b.Port); p != nil && n.Bound(p.ID) == b {
			v.Ports = append(v.Ports, p.Name)
		}
	}
	slices.Sort(v.Ports)
	for _, s := range said {
		if s.Host == h.Name {
			v.Generation, v.LastSeen = s.Generation, &s.LastSeen
		}
	}
	return v
}

// lives says whether the host spoke of itself lately.
func (v chView) lives(now time.Time) bool {
	return v.LastSeen != nil && now.Sub(*v.LastSeen) <= store.Live
}

// state is what others make of the host.
func (v chView) state(now time.Time) string {
	switch {
	case v.LastSeen == nil: // it registered, and its first word is not due yet
		return "new"
	case !v.lives(now):
		return "silent"
	case v.Drained:
		return "drained"
	}
	return "up"
}

func (a *app) chCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "ch", Short: "Hosts of the fleet (chassis): list, show, drain, del",
		Long: `Hosts register themselves in the store once their flows are in. HOST is a host's
name, the system-id of its Open vSwitch or its tunnel address.`,
	}
	c.AddCommand(a.chList(), a.chShow(), a.chDrain(), a.chDel())
	return c
}

func (a *app) chList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all hosts", Args: cobra.NoArgs,
		Long: `Lists the hosts of the fleet: up, drained, new when a host registered and has yet to
say its first word, or silent when it said nothing for a minute; how many ports are
there; and the generation of the store whose flows are in its switch.`,
		Example: "  sluicectl ch list",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			n, said, err := a.fleet(ctx, st)
			if err != nil {
				return err
			}
			all := []chView{}
			for h := range n.Hosts() {
				all = append(all, viewHost(n, h, said))
			}
			slices.SortFunc(all, func(x, y chView) int { return strings.Compare(x.Name, y.Name) })
			return a.table(all, "HOST\tSTATE\tROLE\tADDRESSES\tPROVIDER\tPORTS\tGENERATION\tLAST SEEN", func(row func(...any)) {
				for _, v := range all {
					row(v.Name, v.state(a.now()), v.Role, joined(v.Addresses), orDash(strings.Join(v.Provider, ",")), len(v.Ports), v.Generation, a.seen(v))
				}
			})
		}),
	}
}

func (a *app) seen(v chView) string {
	if v.LastSeen == nil {
		return a.ago(time.Time{})
	}
	return a.ago(*v.LastSeen)
}

func (a *app) fleet(ctx context.Context, st *store.Client) (*logical.Snapshot, []logical.HostStatus, error) {
	n, err := a.network(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	said, err := st.Statuses(ctx)
	return n, said, err
}

// hostNamed takes a name, a system-id or a tunnel address.
func hostNamed(n *logical.Snapshot, name string) (*logical.Host, error) {
	h := n.HostByName(name)
	if at, err := netip.ParseAddr(name); h == nil && err == nil {
		h = n.HostByAddress(at)
	}
	if h == nil {
		return nil, &logical.MissingError{Kind: logical.KindHost, Name: name}
	}
	return h, nil
}

func (a *app) chShow() *cobra.Command {
	return &cobra.Command{
		Use: "show HOST", Aliases: []string{"s"}, Short: "Show one host", Args: cobra.ExactArgs(1), ValidArgsFunction: a.complete(ofKind(logical.KindHost)),
		Long: `Shows a host of the fleet and the ports that are there.

Exit codes: 0 done, 3 no such host.`,
		Example: "  sluicectl ch show edge1",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, said, err := a.fleet(ctx, st)
			if err != nil {
				return err
			}
			h, err := hostNamed(n, args[0])
			if err != nil {
				return err
			}
			v := viewHost(n, h, said)
			return a.table(v, "FIELD\tVALUE", func(row func(...any)) {
				row("name", v.Name)
				row("system-id", orDash(v.SystemID))
				row("index", v.Index)
				row("addresses", joined(v.Addresses))
				row("state", v.state(a.now()))
				row("role", v.Role)
				row("mode", v.Mode)
				row("provider", orDash(strings.Join(v.Provider, ",")))
				row("ports", orDash(strings.Join(v.Ports, ",")))
				row("generation", v.Generation)
				row("last seen", a.seen(v))
			})
		}),
	}
}

func (a *app) chDrain() *cobra.Command {
	var end bool
	c := &cobra.Command{
		Use: "drain HOST", Short: "Let others no longer choose a host as an edge", Args: cobra.ExactArgs(1), ValidArgsFunction: a.complete(ofKind(logical.KindHost)),
		Long: `Takes an edge out of what others choose from, while it goes on forwarding what
still reaches it: no packet is lost. Do so before maintenance, and --end it after.

Exit codes: 0 done, 3 no such host.`,
		Example: "  sluicectl ch drain edge1\n  sluicectl ch drain edge1 --end",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, err := st.Find(ctx, store.Wanted{Kind: logical.KindHost, Name: args[0]})
			if err != nil {
				return err
			}
			h, err := hostNamed(n, args[0])
			if err != nil {
				return err
			}
			if err := st.DrainHost(ctx, h.Name, !end); err != nil {
				return err
			}
			if end {
				return a.done("host %s takes traffic again", h.Name)
			}
			return a.done("host %s is drained", h.Name)
		}),
	}
	c.Flags().BoolVar(&end, "end", false, "let others choose it again")
	return c
}

func (a *app) chDel() *cobra.Command {
	var yes, force bool
	c := &cobra.Command{
		Use: "del HOST", Aliases: []string{"d"}, Short: "Remove a host that is gone", Args: cobra.ExactArgs(1), ValidArgsFunction: a.complete(ofKind(logical.KindHost)),
		Long: `Removes a host and says of its ports that they are nowhere, once you said yes where
there are any. One that still runs registers itself again: stop sluiced there first.
A host that is up, or drained, is refused unless you --force it.

Exit codes: 0 done, 2 no terminal to ask on and no --yes, 3 no such host, 4 it is up.`,
		Example: "  sluicectl ch del nfv-07\n  sluicectl ch del 10.0.0.7 --yes",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, said, err := a.fleet(ctx, st)
			if err != nil {
				return err
			}
			h, err := hostNamed(n, args[0])
			if err != nil {
				return err
			}
			v := viewHost(n, h, said)
			if v.lives(a.now()) && !force {
				return api.Conflict("host %s is up (seen %s), and would register itself again", h.Name, a.seen(v)).
					WithFix("stop sluiced there first; --force removes it all the same")
			}
			if err := a.agree(yes, "host "+h.Name, each("the binding of port ", v.Ports)); err != nil {
				return err
			}
			if err := st.DeleteHost(ctx, h.Name); err != nil {
				return err
			}
			return a.done("host %s removed", h.Name)
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&force, "force", false, "remove a host that is up")
	return c
}
