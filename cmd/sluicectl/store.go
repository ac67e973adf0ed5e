package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "store", Short: "The store of the logical network: init, status, export, import, backup, schema",
		Long: `The logical network lives in an OVSDB database, Sluice: on one machine in the
ovsdb-server that Open vSwitch runs anyway, for a fleet on a cluster of them.`,
	}
	c.AddCommand(a.storeInit(), a.storeStatus(), a.storeExport(), a.storeImport(), a.storeBackup(), &cobra.Command{
		Use: "schema", Short: "Print the database's schema", Args: cobra.NoArgs,
		Long: `Prints the schema that this program was built with, as ovsdb-tool and ovsdb-client
read it. Needs no store.`,
		Example: "  sluicectl store schema > sluice.ovsschema\n  ovsdb-tool create sluice.db sluice.ovsschema",
		RunE:    func(*cobra.Command, []string) error { return a.write(store.Schema()) },
	})
	return c
}

func (a *app) storeInit() *cobra.Command {
	var here bool
	c := &cobra.Command{
		Use: "init", Short: "Make the host's own store", Args: cobra.NoArgs,
		Long: `Makes the empty database sluice.db beside Open vSwitch's conf.db, owned like it,
and adds it to the running ovsdb-server. A store that is there stays as it is; one
that ovsdb-server forgot in a restart is added again. Run it as root, on the host.

Exit codes: 0 it is there, 1 failed, 2 usage.`,
		Example: "  sluicectl store init --local",
		RunE: func(c *cobra.Command, _ []string) error {
			if !here {
				return usagef("store init makes the host's own store: say --local")
			}
			settings, err := configs.LoadSettings(nil, configs.DefaultSettingsFile)
			if err != nil {
				return usagef("%v", err)
			}
			ctx, cancel := a.asking(c)
			defer cancel()
			return a.initLocal(ctx, settings.OVS)
		},
	}
	c.Flags().BoolVar(&here, "local", false, "in the ovsdb-server of this host")
	return c
}

func (a *app) initLocal(ctx context.Context, ovs configs.OVSSettings) error {
	server := unixctl.New(ovs.RunDir, "ovsdb-server")
	conf, err := confDB(ctx, server)
	if err != nil {
		return api.Unavailable("%w", err).WithFix("start Open vSwitch, or be root; its run directory is taken to be %s", ovs.RunDir)
	}
	dir := cmp.Or(ovs.DBDir, filepath.Dir(conf))
	if err := store.EnsureLocal(ctx, server, filepath.Join(dir, "sluice.db"), conf); err != nil {
		return err
	}
	return a.done("the store is served at unix:%s", filepath.Join(ovs.RunDir, "db.sock"))
}

func (a *app) storeStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show the store: where it is, how large, who follows it", Args: cobra.NoArgs,
		Long: `Shows which store answers, its generation (one more with each change), what is in
it, rows that nobody can use, and how far each host has come: GENERATION is the one
whose flows the host has in its switch.`,
		Example: "  sluicectl store status\n  sluicectl store status --store ssl:10.0.0.1:6642 --ca ca.pem --cert me.pem --key me.key",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			n, faults, err := st.Load(ctx)
			if err != nil {
				return err
			}
			said, err := st.Statuses(ctx)
			if err != nil {
				return err
			}
			return a.showStatus(n, faults, said)
		}),
	}
}

// statusView is what store status prints.
type statusView struct {
	Generation uint64         `json:"generation"`
	Objects    map[string]int `json:"objects"`
	Unusable   []string       `json:"unusable"`
	Hosts      []hostState    `json:"hosts"`
}

// hostState is how far a host has come.
type hostState struct {
	Host       string    `json:"host"`
	Generation uint64    `json:"generation"`
	LastSeen   time.Time `json:"lastSeen"`
}

func (a *app) showStatus(n *logical.Snapshot, faults []store.Fault, said []logical.HostStatus) error {
	v := statusView{Generation: n.Generation(), Objects: map[string]int{}, Unusable: []string{}, Hosts: []hostState{}}
	for k := logical.KindHost; k <= logical.KindTrace; k++ {
		if c := n.Len(k); c > 0 && k != logical.KindDatapath {
			v.Objects[k.String()] = c
		}
	}
	for _, f := range faults {
		v.Unusable = append(v.Unusable, f.Error())
	}
	for _, s := range said {
		v.Hosts = append(v.Hosts, hostState{Host: s.Host, Generation: s.Generation, LastSeen: s.LastSeen})
	}
	return a.print(v, func() error {
		fmt.Fprintf(a.stdout, "generation %d\n", v.Generation)
		for _, k := range sortedKeys(v.Objects) {
			fmt.Fprintf(a.stdout, "  %-16s %d\n", k, v.Objects[k])
		}
		for _, f := range v.Unusable {
			fmt.Fprintf(a.stdout, "unusable: %s\n", api.Printable(f))
		}
		if len(v.Hosts) == 0 {
			return nil
		}
		slices.SortFunc(v.Hosts, func(x, y hostState) int { return cmp.Compare(x.Host, y.Host) })
		return a.table(v, "HOST\tGENERATION\tLAST SEEN", func(row func(...any)) {
			for _, h := range v.Hosts {
				row(h.Host, h.Generation, a.ago(h.LastSeen))
			}
		})
	})
}

// ago is a time as people tell it.
func (a *app) ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return a.now().Sub(t).Round(time.Second).String() + " ago"
}
