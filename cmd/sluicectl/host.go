package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
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

func (a *app) adoptCommand() *cobra.Command {
	var req api.AdoptRequest
	c := &cobra.Command{
		Use: "adopt", Short: "Describe the running host as a profile, and own what it names", Args: cobra.NoArgs,
		Long: `Writes the profile that describes this host's Open vSwitch as it is, installs it
as the daemon's profile (a former one stays beside it) and marks what it names
as owned. No setting changes; no packet meets it. What a profile cannot say is
listed and left alone.`,
		Example: "  sluicectl host adopt --dry-run\n  sluicectl host adopt",
		RunE: func(c *cobra.Command, _ []string) error {
			result, err := a.client().Adopt(c.Context(), req)
			if err != nil {
				return err
			}
			return a.print(result, func() error { return a.adopted(result) })
		},
	}
	c.Flags().BoolVar(&req.DryRun, "dry-run", false, "only print the profile and what would be owned")
	return c
}

func (a *app) releaseCommand() *cobra.Command {
	var req api.ReleaseRequest
	c := &cobra.Command{
		Use: "release", Short: "Give the host back: own nothing, put back what take-overs replaced", Args: cobra.NoArgs,
		Long: `Drops every mark of ownership from the database and puts back the values that
take-overs had replaced. Everything else stays as it runs. The profile is set
aside (its name gets .former), so that the daemon takes nothing again.`,
		Example: "  sluicectl host release --dry-run\n  sluicectl host release",
		RunE: func(c *cobra.Command, _ []string) error {
			result, err := a.client().Release(c.Context(), req)
			if err != nil {
				return err
			}
			return a.print(result, func() error { return api.WriteChanges(a.stdout, result.Changes, a.text()) })
		},
	}
	c.Flags().BoolVar(&req.DryRun, "dry-run", false, "only list what would be given back")
	return c
}
