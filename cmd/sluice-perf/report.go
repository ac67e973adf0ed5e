package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/perf/bench"
)

// The files that report writes, from the root of the repository.
const (
	publishedData = "docs/performance.json"
	publishedPage = "docs/performance.md"
)

func reportCommand(scenarios []bench.Scenario) *cobra.Command {
	var results, data, page string
	c := &cobra.Command{
		Use:   "report",
		Short: "Write the newest results into docs/performance.md",
		Long: `Takes the results of the newest runs into --data, in place of older ones of the
same scenarios, and writes the tables of --page anew from it, between the page's
markers. Nothing is measured. A test keeps page and data together.`,
		Example: "  sluice-perf run --all && sluice-perf report",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			return report(scenarios, results, data, page)
		},
	}
	f := c.Flags()
	f.StringVar(&results, "results", "bench-results", "directory with the samples of runs")
	f.StringVar(&data, "data", publishedData, "file that keeps the published results")
	f.StringVar(&page, "page", publishedPage, "page whose tables are written")
	return c
}

func report(scenarios []bench.Scenario, dir, data, page string) error {
	newer, err := bench.Load(dir, scenarios)
	if err != nil {
		return err
	}
	old, err := bench.ReadAll(data)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	merged := bench.Merge(scenarios, old, newer)
	next, err := bench.ReplacePage(string(text), bench.RenderPage(scenarios, merged))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	if err := bench.WriteAll(data, merged); err != nil {
		return err
	}
	return os.WriteFile(page, []byte(next), 0o644)
}
