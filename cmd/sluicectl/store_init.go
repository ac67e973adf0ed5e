package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeInit() *cobra.Command {
	var here, dry bool
	var m memberSpec
	port := uint16(6642)
	c := &cobra.Command{
		Use: "init", Short: "Make a store: the host's own, or the first member of a fleet's", Args: cobra.NoArgs,
		Long: `With --local: makes the empty database sluice.db beside Open vSwitch's conf.db,
owned like it, and adds it to the running ovsdb-server. A store that is there stays
as it is; one that ovsdb-server forgot in a restart is added again.

With --address: makes this machine the first member of a cluster of ovsdb-servers,
under the unit sluice-store.service. Other members reach it at that address; with
ssl:, --ca, --cert and --key name the files that it shows and trusts. Hosts connect to
--port of every member, with certificates in the role of a host: each may write only
what it says of itself. Root on a member, over its own socket, may write everything.

Run it as root, on the machine. What fails takes back what was done before it.

Exit codes: 0 it is there, 1 failed, 2 usage, 4 the machine is a member already.`,
		Example: "  sluicectl store init --local\n" +
			"  sluicectl store init --address ssl:10.0.0.1:6644 \\\n    --ca ca.pem --cert store1.pem --key store1.key --dry-run",
		RunE: func(c *cobra.Command, _ []string) error {
			if here == (m.address != "") {
				return usagef("store init makes the host's own store (--local), or a fleet's (--address ssl:HOST:PORT)")
			}
			ctx, cancel := a.asking(c)
			defer cancel()
			if !here {
				m.tls = a.stores.tls
				return a.initFleet(ctx, &m, port, dry)
			}
			if dry {
				return a.done("serve sluice.db beside conf.db in this host's ovsdb-server\nnothing was changed")
			}
			settings, err := configs.LoadSettings(nil, configs.DefaultSettingsFile)
			if err != nil {
				return usagef("%v", err)
			}
			return a.initLocal(ctx, settings.OVS)
		},
	}
	c.Flags().BoolVar(&here, "local", false, "in the ovsdb-server of this host")
	c.Flags().StringVar(&m.address, "address", "", "where other members reach this one: ssl:HOST:PORT or tcp:HOST:PORT")
	c.Flags().Uint16Var(&port, "port", port, "where hosts connect, the same on every member")
	c.Flags().BoolVar(&dry, "dry-run", false, "only print what would be done")
	return c
}

func (a *app) initFleet(ctx context.Context, m *memberSpec, port uint16, dry bool) error {
	if err := m.check(); err != nil {
		return err
	}
	if err := a.free(); err != nil {
		return err
	}
	target, role := "ptcp:", ""
	if strings.HasPrefix(m.address, "ssl:") {
		target, role = "pssl:", store.RoleHost
	}
	target += strconv.Itoa(int(port))
	if strings.Contains(m.address, "[") {
		target += ":[::]" // for IPv4 too
	}
	words := "listen for hosts on " + target
	if role != "" {
		words += ", in the role " + role
	} else {
		words += ", without certificates: whoever reaches it may write everything"
	}
	steps := append(a.memberSteps(m), step{
		words: "wait until the member leads its cluster",
		do:    func(ctx context.Context) error { return a.serving(ctx, true) },
	}, step{
		words: words,
		do: func(ctx context.Context) error {
			c, err := a.member()
			if err != nil {
				return err
			}
			defer c.Close()
			return c.Listen(ctx, target, role)
		},
	})
	return a.take(ctx, dry, steps)
}
