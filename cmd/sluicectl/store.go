package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "store", Short: "The store of the logical network: cluster, upgrade, export, import, backup, restore",
		Long: `The logical network lives in an OVSDB database, Sluice: on one machine in the
ovsdb-server that Open vSwitch runs anyway, for a fleet on a cluster of them.`,
	}
	c.AddCommand(a.storeInit(), a.storeJoin(), a.storeLeave(), a.storeStatus(), a.storeUpgrade(),
		a.storeExport(), a.storeImport(), a.storeBackup(), a.storeRestore(), a.storeAccept(), &cobra.Command{
			Use: "schema", Short: "Print the database's schema", Args: cobra.NoArgs,
			Long: `Prints the schema that this program was built with, as ovsdb-tool and ovsdb-client
read it. Needs no store.`,
			Example: "  sluicectl store schema > sluice.ovsschema\n  ovsdb-tool create sluice.db sluice.ovsschema",
			RunE:    func(*cobra.Command, []string) error { return a.write(store.Schema()) },
		})
	return c
}

func (a *app) initLocal(ctx context.Context, ovs configs.OVSSettings) error {
	server := unixctl.New(ovs.RunDir, "ovsdb-server")
	if _, err := server.Call(ctx, "version"); err != nil {
		return api.Unavailable("%w", err).WithFix("start Open vSwitch, or be root; its run directory is taken to be %s", ovs.RunDir)
	}
	file, like, err := store.LocalFiles("/", ovs.RunDir, ovs.DBDir)
	if err != nil {
		return api.Conflict("%w", err)
	}
	if err := store.EnsureLocal(ctx, server, file, like); err != nil {
		return err
	}
	return a.done("the store is served at unix:%s", filepath.Join(ovs.RunDir, "db.sock"))
}
