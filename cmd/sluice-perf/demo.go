package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/perf/demo"
)

// demoCommand shows a demonstration host, or checks it.
func demoCommand() *cobra.Command {
	o := demo.Options{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show a demonstration host on a real OVS-DPDK until Ctrl-C",
		Long: `Starts Open vSwitch with DPDK in a network namespace of its own, sluiced with
the shipped demo profile, and two virtio-user guests that send to each other.
The machine's own switch is not touched, and nothing is left behind.

Needs root, the packages of internal/lab/setup/setup.sh and hugepages: "make run"
sees to all of them. sluiced and sluicectl are taken from beside this program.`,
		Example: "  sluice-perf demo\n  sluice-perf demo --check",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			o.Bin, o.Out = filepath.Dir(self), cmd.OutOrStdout()
			return demo.Run(cmd.Context(), o)
		},
	}
	c.Flags().BoolVar(&o.Check, "check", false, "check the demonstration and end")
	return c
}
