package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/audit"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) networkCheckCommand() *cobra.Command {
	var quiet bool
	c := &cobra.Command{
		Use: "check", Short: "Find conflicts and leftovers in the logical network", Args: cobra.NoArgs,
		Long: `Finds what is wrong with the logical network though each change of it was allowed:
addresses and MACs that several ports claim, ports bound twice or nowhere, links with
one end, routes into nothing and unreachable next hops, addresses outside their
subnets, overlapping networks of a router, silent hosts that have ports, rows that
nobody can use. Changes nothing.

Errors: the network does not do what it says. Warnings: it will not work for
somebody. Notes (info) may be meant so.

Exit codes: 0 nothing, or notes only, 5 errors or warnings.`,
		Example: "  sluicectl check\n  sluicectl check --quiet -o json",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			n, faults, err := st.Load(ctx)
			if err != nil {
				return err
			}
			in := audit.Input{Network: n, Now: a.now(), Live: store.Live}
			for _, f := range faults {
				in.Unusable = append(in.Unusable, f)
			}
			if in.Said, err = st.Statuses(ctx); err != nil {
				return err
			}
			return a.showFindings(audit.Check(in), quiet)
		}),
	}
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no notes")
	return c
}

func (a *app) showFindings(found []finding.Finding, quiet bool) error {
	all := []api.Finding{}
	clean := true
	for _, f := range found {
		if f.Severity == finding.Info && quiet {
			continue
		}
		clean = clean && f.Severity == finding.Info
		all = append(all, api.Finding{Severity: api.Severity(f.Severity), Code: f.Code, Path: f.Path, What: f.What, Fix: f.Fix})
	}
	err := a.print(all, func() error {
		if len(all) == 0 {
			_, err := fmt.Fprintln(a.stdout, "nothing is wrong")
			return err
		}
		told := make([]api.Finding, len(all))
		for i, f := range all {
			f.Path = "" // the words name the object
			told[i] = f
		}
		return api.WriteFindings(a.stdout, told, a.text())
	})
	if err != nil {
		return err
	}
	return verdict(false, clean)
}
