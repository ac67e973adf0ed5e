package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeUpgrade() *cobra.Command {
	var dry, yes bool
	c := &cobra.Command{
		Use: "upgrade", Short: "Give the store the schema of this release, while it serves", Args: cobra.NoArgs,
		Long: `Converts the store from the schema of an earlier release to that of this one. What
is in it stays, unless the new schema has no place for it: then it is asked for. Hosts
go on forwarding; they read the store anew. Older daemons go on with a converted store.

--dry-run prints the difference: + comes, - goes with what is in it.

Exit codes: 0 done, or nothing to do, 1 failed, 2 no terminal to ask on and no --yes,
4 the store is of a later release, or the certificate may not do it.`,
		Example: "  sluicectl store upgrade --dry-run\n  sluicectl store upgrade",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			return a.upgrade(ctx, st, dry, yes)
		}),
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only print what would be done")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) upgrade(ctx context.Context, st *store.Client, dry, yes bool) error {
	u, err := st.PlanUpgrade(ctx)
	var newer *store.NewerError
	if errors.As(err, &newer) {
		return api.Conflict("%w", err)
	}
	if err != nil {
		return err
	}
	if !u.Needed() {
		return a.done("the store has schema %s: nothing to do", u.To)
	}
	if err := a.done("schema %s -> %s", u.From, u.To); err != nil {
		return err
	}
	for _, w := range u.Added {
		if err := a.done("+ %s", w); err != nil {
			return err
		}
	}
	for _, w := range u.Removed {
		if err := a.done("- %s", w); err != nil {
			return err
		}
	}
	if dry {
		return a.done("nothing was changed")
	}
	if err := a.agree(yes, fmt.Sprintf("schema %s", u.To), u.Removed); err != nil {
		return err
	}
	if err := st.Convert(ctx); err != nil {
		return err
	}
	return a.done("the store has schema %s", u.To)
}
