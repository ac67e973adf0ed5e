package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
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
		Use: "list [NAME...]", Short: "List the metrics that the daemon can show", Args: cobra.ArbitraryArgs,
		Long: `Lists every metric that a daemon of this release can show, with its type, unit,
set, the OVS release that tells it first, and labels; of those that are named also
what they mean and where they come from. json and yaml have all of it of each. Asks
nobody: what this host shows now is at the daemon's /metrics. markdown prints
docs/metrics.md. An unknown name is exit code 3.`,
		Example: "  sluicectl metrics list\n  sluicectl metrics list ovs_drops_total\n  sluicectl metrics list --output markdown",
		RunE:    func(_ *cobra.Command, names []string) error { return a.listMetrics(form, names) },
	}
	for _, m := range monitor.Table() {
		c.ValidArgs = append(c.ValidArgs, m.Name)
	}
	c.Flags().VarP(&form, "output", "o", "form of the output: table, json, yaml or markdown")
	oneOf(c, "output", "table", "json", "yaml", "markdown")
	return c
}

func (a *app) listMetrics(form metricsOutput, names []string) error {
	metrics, err := metricsNamed(monitor.Table(), names)
	if err != nil {
		return err
	}
	if form == outputMarkdown {
		return monitor.WriteMarkdown(a.stdout, metrics)
	}
	a.output = output(form)
	return a.print(metrics, func() error {
		if len(names) > 0 {
			return a.describeMetrics(metrics)
		}
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tTYPE\tUNIT\tSET\tSINCE\tLABELS")
		for _, m := range metrics {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.Name, m.Type, cmp.Or(string(m.Unit), "-"), m.Set, cmp.Or(m.Since, "-"), orDash(strings.Join(m.Labels, ",")))
		}
		return w.Flush()
	})
}

// metricsNamed returns those of the names, in their order; without names all.
func metricsNamed(all []monitor.Metric, names []string) ([]monitor.Metric, error) {
	if len(names) == 0 {
		return all, nil
	}
	at := map[string]monitor.Metric{}
	for _, m := range all {
		at[m.Name] = m
	}
	var named []monitor.Metric
	for _, name := range names {
		m, ok := at[name]
		if !ok {
			return nil, api.NotFound("there is no metric %q: sluicectl metrics list has them all", name)
		}
		named = append(named, m)
	}
	return named, nil
}

// describeMetrics prints everything that is known of metrics.
func (a *app) describeMetrics(metrics []monitor.Metric) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for i, m := range metrics {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\n", m.Name)
		for _, field := range [][2]string{
			{"type", string(m.Type)},
			{"unit", string(m.Unit)},
			{"labels", strings.Join(m.Labels, ", ")},
			{"set", string(m.Set)},
			{"meaning", m.Help},
			{"source", m.Source},
			{"since", cmp.Or(m.Since, "all that Sluice supports, OVS 2.17 and later")},
		} {
			fmt.Fprintf(w, "  %s\t%s\n", field[0], orDash(field[1]))
		}
	}
	return w.Flush()
}
