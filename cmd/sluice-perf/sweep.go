package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/lab"
)

func sweepCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sweep",
		Short: "Remove what killed runs left behind",
		Long: `Removes what lab hosts left whose owner was killed: processes, network namespaces,
directories. What has a living owner is spared. It prints a line for each thing.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			swept, err := lab.Sweep(c.Context())
			for _, line := range swept {
				fmt.Fprintln(c.OutOrStdout(), line)
			}
			return err
		},
	}
}
