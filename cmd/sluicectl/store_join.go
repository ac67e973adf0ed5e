package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) storeJoin() *cobra.Command {
	var m memberSpec
	var dry bool
	c := &cobra.Command{
		Use: "join", Short: "Make this machine one more member of a fleet's store", Args: cobra.NoArgs,
		Long: `Makes this machine a member of the cluster of which the members at --from are, under
the unit sluice-store.service, and waits until it has the data. With ssl:, --ca,
--cert and --key name the files that it shows and trusts. Three members survive the
loss of one, five that of two; an even number is no better than one less.

Run it as root, on the machine. What fails before the unit runs is taken back; a
join that lasts longer than --timeout goes on, store status tells how far it is.

Exit codes: 0 it is a member, 1 failed, 2 usage, 4 the machine is a member already.`,
		Example: "  sluicectl store join --address ssl:10.0.0.2:6644 --from ssl:10.0.0.1:6644 \\\n" +
			"    --ca ca.pem --cert store2.pem --key store2.key",
		RunE: func(c *cobra.Command, _ []string) error {
			if m.address == "" || len(m.from) == 0 {
				return usagef("store join needs --address of this machine and --from of a member\n  -> sluicectl store join --address ssl:10.0.0.2:6644 --from ssl:10.0.0.1:6644")
			}
			m.tls = a.stores.tls
			ctx, cancel := a.asking(c)
			defer cancel()
			return a.join(ctx, &m, dry)
		},
	}
	c.Flags().StringVar(&m.address, "address", "", "where other members reach this one: ssl:HOST:PORT or tcp:HOST:PORT")
	c.Flags().StringSliceVar(&m.from, "from", nil, "addresses of members, at least of one that is up")
	c.Flags().BoolVar(&dry, "dry-run", false, "only print what would be done")
	return c
}

func (a *app) join(ctx context.Context, m *memberSpec, dry bool) error {
	if err := m.check(); err != nil {
		return err
	}
	if err := a.free(); err != nil {
		return err
	}
	if err := reached(ctx, m.from); err != nil {
		return err
	}
	return a.take(ctx, dry, append(a.memberSteps(m), step{
		words: "wait until the member has the data",
		do:    func(ctx context.Context) error { return a.serving(ctx, false) },
		stays: true,
	}))
}
