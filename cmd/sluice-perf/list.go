package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/perf/bench"
)

// listed is one scenario as `list -o json` prints it.
type listed struct {
	Name    string         `json:"name"`
	Title   string         `json:"title"`
	Issue   int            `json:"issue"`
	Quick   bool           `json:"quick"`
	Method  string         `json:"method"`
	Metrics []bench.Metric `json:"metrics"`
	Sides   []string       `json:"sides"`
	Bars    []bench.Bar    `json:"bars"`
}

func listCommand(scenarios []bench.Scenario) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the scenarios",
		Long:    "Lists the scenarios: name, issue that set the bars, whether the quick set has it, and what it measures.",
		Example: "  sluice-perf list\n  sluice-perf list -o json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch output {
			case "table":
				return listTable(c, scenarios)
			case "json":
				return listJSON(c, scenarios)
			}
			return usagef(c, "--output %q is none of table, json", output)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	return c
}

func listTable(c *cobra.Command, scenarios []bench.Scenario) error {
	table := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tISSUE\tQUICK\tWHAT")
	for _, s := range scenarios {
		quick := "no"
		if s.Quick {
			quick = "yes"
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", s.Name, s.Issue, quick, s.Title)
	}
	return table.Flush()
}

func listJSON(c *cobra.Command, scenarios []bench.Scenario) error {
	list := []listed{}
	for _, s := range scenarios {
		list = append(list, listed{
			Name: s.Name, Title: s.Title, Issue: s.Issue, Quick: s.Quick, Method: s.Method,
			Metrics: s.Metrics, Sides: s.Sides, Bars: s.Bars,
		})
	}
	enc := json.NewEncoder(c.OutOrStdout())
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}
