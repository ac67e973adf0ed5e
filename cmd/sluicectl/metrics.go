package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/monitor"
)

// metricsOutput is the form of the table of metrics: one of output's, or markdown.
// It is a flag's value.
type metricsOutput output

const outputMarkdown metricsOutput = "markdown"

func (o *metricsOutput) String() string { return string(*o) }

// Type names the flag's value in help texts.
func (*metricsOutput) Type() string { return "FORM" }

// Set takes a form by name.
func (o *metricsOutput) Set(text string) error {
	if text == string(outputMarkdown) {
		*o = outputMarkdown
		return nil
	}
	if (*output)(o).Set(text) != nil {
		return fmt.Errorf("%q is none of table, json, yaml, markdown", text)
	}
	return nil
}

func (a *app) metricsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "metrics", Short: "What sluiced shows to Prometheus",
		Long: "What sluiced shows to Prometheus. Needs no daemon.",
	}
	c.AddCommand(a.metricsListCommand())
	return c
}

func (a *app) metricsListCommand() *cobra.Command {
	form := metricsOutput(outputTable)
	c := &cobra.Command{
		Use: "list", Short: "List every metric that the daemon can show", Args: cobra.NoArgs,
		Long: `Lists every metric that a daemon of this release can show, with its type, unit,
labels, meaning, set, source and the OVS release that tells it first. Asks nobody:
what this host shows now is at the daemon's /metrics. markdown prints docs/metrics.md.`,
		Example: "  sluicectl metrics list\n  sluicectl metrics list --output markdown",
		RunE:    func(*cobra.Command, []string) error { return a.listMetrics(form) },
	}
	c.Flags().VarP(&form, "output", "o", "form of the output: table, json, yaml or markdown")
	oneOf(c, "output", "table", "json", "yaml", "markdown")
	return c
}

func (a *app) listMetrics(form metricsOutput) error {
	metrics := monitor.Table()
	if form == outputMarkdown {
		return monitor.WriteMarkdown(a.stdout, metrics)
	}
	a.output = output(form)
	return a.print(metrics, func() error {
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tTYPE\tSET\tSINCE\tLABELS")
		for _, m := range metrics {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Name, m.Type, m.Set, cmp.Or(m.Since, "-"), cmp.Or(strings.Join(m.Labels, ","), "-"))
		}
		return w.Flush()
	})
}
