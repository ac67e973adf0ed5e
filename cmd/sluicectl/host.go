package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
)

func (a *app) hostCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "host", Short: "The host profile: reference, check, plan, apply, status, adopt, release",
		Long: `A host profile is one YAML file that says what this host's Open vSwitch shall
be: /etc/sluice/host.yaml. The daemon makes it so and keeps it so.`,
	}
	c.AddCommand(
		&cobra.Command{
			Use: "reference", Short: "Print a profile with every key, its default and what it costs", Args: cobra.NoArgs,
			Long: `Prints a host profile in which every key is explained and has its default. Keep
what you need: an absent section owns nothing. The daemon reads it from
/etc/sluice/host.yaml. Needs no daemon.`,
			Example: "  sluicectl host reference > host.yaml",
			RunE:    func(*cobra.Command, []string) error { return a.write(configs.Reference()) },
		},
		&cobra.Command{
			Use: "schema", Short: "Print the profile's JSON Schema, for editors", Args: cobra.NoArgs,
			Long: `Prints the JSON Schema of the host profile. Editors complete and check a profile
with it; a yaml-language-server takes it from a first line of
  # yaml-language-server: $schema=host.schema.json`,
			Example: "  sluicectl host schema > host.schema.json",
			RunE:    func(*cobra.Command, []string) error { return a.write(configs.Schema()) },
		},
		a.factsCommand(), a.checkCommand(), a.planCommand(), a.applyCommand(),
		a.statusCommand(), a.adoptCommand(), a.releaseCommand(),
	)
	return c
}

func (a *app) write(text []byte) error {
	_, err := a.stdout.Write(text)
	return err
}

func (a *app) factsCommand() *cobra.Command {
	var alone standalone
	c := &cobra.Command{
		Use: "facts", Short: "Print what a plan must know of this host, as JSON", Args: cobra.NoArgs,
		Long: `Prints the host's CPUs, NUMA nodes, hugepages and NICs, the versions of OVS and
DPDK, the database's schema and rows. "host plan --facts" reads it anywhere.`,
		Example: "  sluicectl host facts > facts.json\n  sluicectl host plan -f host.yaml --facts facts.json",
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := a.asking(c)
			defer cancel()
			daemon, end, err := a.backend(ctx, alone)
			if err != nil {
				return err
			}
			defer end()
			facts, err := daemon.Facts(ctx)
			if err != nil {
				return err
			}
			return a.print(facts, func() error {
				enc := json.NewEncoder(a.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(facts)
			})
		},
	}
	alone.flags(c)
	return c
}
