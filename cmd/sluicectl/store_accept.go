package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) storeAccept() *cobra.Command {
	var dry, yes bool
	c := &cobra.Command{
		Use: "accept", Short: "Have this host follow another store than the one its flows are of", Args: cobra.NoArgs,
		Long: `A daemon whose store was replaced, by an empty one, by another or by an old copy,
leaves what is laid as it is: packets go on, and host status says so. Where the right
store comes back, the daemon goes on by itself. Where the new one is meant, this is how
to say so: the bridge becomes as that store says, and what it does not have goes.

Each host is told by itself, and remembers it.

Exit codes: 0 done, or no other store waits, 1 failed, 2 no terminal to ask on and no
--yes, 4 refused, for instance because yet another store came meanwhile.`,
		Example: "  sluicectl store accept --dry-run\n  sluicectl store accept --yes",
		RunE: func(c *cobra.Command, _ []string) error {
			asked, err := a.client().AcceptStore(c.Context(), api.AcceptStoreRequest{DryRun: true})
			if err != nil {
				return err
			}
			if !asked.Waited || dry {
				return a.print(asked, func() error { return a.otherStore(asked) })
			}
			if err := a.agreeStore(asked, yes); err != nil {
				return err
			}
			result, err := a.client().AcceptStore(c.Context(), api.AcceptStoreRequest{Store: asked.Store})
			if err != nil {
				return err
			}
			return a.print(result, func() error { return a.done("the store that is followed: %s", result.Store) })
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only tell which store waits")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// otherStore tells of both stores.
func (a *app) otherStore(r api.AcceptStoreResult) error {
	if !r.Waited {
		return a.done("no other store waits: %s is followed", r.Store)
	}
	return a.done("laid:  %s\nwaits: %s, with %d switches and %d ports", r.Laid, r.Store, r.Switches, r.Ports)
}

// agreeStore shows both stores, and asks.
func (a *app) agreeStore(r api.AcceptStoreResult, yes bool) error {
	if yes {
		return nil
	}
	if !a.terminal(a.stdin) {
		return usagef("store %s, with %d switches and %d ports, waits: say --yes, there is no terminal to ask on", r.Store, r.Switches, r.Ports)
	}
	fmt.Fprintf(a.stderr, "laid:  %s\nwaits: %s, with %d switches and %d ports\nFollow it? What it does not have goes from this host. [y/N] ", r.Laid, r.Store, r.Switches, r.Ports)
	return a.confirmed()
}
