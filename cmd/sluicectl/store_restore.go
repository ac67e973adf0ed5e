package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeRestore() *cobra.Command {
	var dry, yes bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Make the logical network as it was saved", Args: cobra.ExactArgs(1),
		Long: `Makes the logical network as store backup saved it, in one transaction: all of it or
nothing. It goes into the store that serves, also a new one after the former was lost.

What stays the same keeps its rows and its numbers. A number that means something
else by now is not taken back: what had it gets another; nor is any number handed
out again of which a host may have flows. What hosts say of themselves stays, and so
do the roles and the addresses at which the store listens.

--dry-run prints the difference: + comes back, ~ changes, - goes.

Exit codes: 0 done, 1 failed, 2 the file is no backup, or nobody said yes, 3 no such
file, 4 it was saved from a store with a later schema.`,
		Example: "  sluicectl store restore sluice-2026-03-01.db --dry-run\n  sluicectl store restore sluice-2026-03-01.db --yes",
		RunE: func(c *cobra.Command, args []string) error {
			text, err := a.read(args[0])
			if err != nil {
				return err
			}
			saved, err := store.ParseSaved(text)
			if err != nil {
				return usagef("%s: %v", args[0], err)
			}
			return a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
				return a.restore(ctx, st, saved, dry, yes)
			})(c, args)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only print what would be done")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) restore(ctx context.Context, st *store.Client, saved *store.Saved, dry, yes bool) error {
	if !dry && !yes {
		steps, err := st.Restore(ctx, saved, true)
		if err != nil {
			return err
		}
		if err := a.agree(yes, "the restore", deleted(steps)); err != nil {
			return err
		}
	}
	steps, err := st.Restore(ctx, saved, dry)
	if err != nil {
		return err
	}
	return a.print(listed(steps), func() error {
		for _, s := range steps {
			fmt.Fprintln(a.stdout, api.Printable(stepText(s)))
		}
		if dry {
			return a.done("nothing was changed")
		}
		return a.done("the logical network is as it was saved")
	})
}

// deleted are the objects that steps delete.
func deleted(steps []store.Step) []string {
	var gone []string
	for _, s := range steps {
		if s.Op == store.StepDelete {
			gone = append(gone, s.Kind+" "+s.Name)
		}
	}
	return gone
}
