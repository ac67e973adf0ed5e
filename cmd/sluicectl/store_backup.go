package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeBackup() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write the whole database to a new file", Args: cobra.ExactArgs(1),
		Long: `Writes the database of one moment, numbers and what hosts say of themselves
included, to a file that must not be there yet: a database file of Open vSwitch,
which ovsdb-tool reads and ovsdb-server opens. store restore puts it back; ovsdb-client
restore would too, but without care for numbers that hosts have in their flows.

Exit codes: 0 done, 1 failed, 4 the file is there.`,
		Example: "  sluicectl store backup sluice-$(date +%F).db\n  sluicectl store restore sluice-2026-03-01.db",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) (err error) {
			f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return &codeError{exitConflict, args[0] + " is there already: move it away, or write to another name"}
			}
			if err != nil {
				return err
			}
			defer func() {
				err = errors.Join(err, f.Close())
				if err != nil {
					_ = os.Remove(args[0]) // made above, and not complete
				}
			}()
			if err := st.Backup(ctx, f, a.now()); err != nil {
				return err
			}
			if err := f.Sync(); err != nil {
				return err
			}
			return a.done("the store is saved in %s", args[0])
		}),
	}
}
