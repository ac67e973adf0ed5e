package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// notYet ends the help of a flag whose setting is kept and carried out by nothing.
const notYet = "; kept, and not in force yet"

// warnNotYet says on standard error which of the flags that were given are not in
// force, so that nobody takes "changed" for more than it is.
func (a *app) warnNotYet(c *cobra.Command, _ []string) {
	var given []string
	c.Flags().Visit(func(f *pflag.Flag) {
		if strings.Contains(f.Usage, "not in force yet") && !slices.Contains([]string{"0", string(logical.EgressEdge)}, f.Value.String()) {
			given = append(given, "--"+f.Name)
		}
	})
	if len(given) > 0 {
		fmt.Fprintf(a.stderr, "kept, and not in force yet: %s\n", strings.Join(given, ", "))
	}
}
