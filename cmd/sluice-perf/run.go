package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/perf/bench"
)

// runOptions are the flags of run.
type runOptions struct {
	all, quick, strict, report bool
	results, bin, output       string
}

func runCommand(scenarios []bench.Scenario) *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run NAME... | --all",
		Short: "Run scenarios and hold them against their bars",
		Long: `Runs scenarios one after the other and prints for each the sides with median and
spread, and its bars: met, not met, or not measured with the reason. Every sample
goes to NAME.json in the directory of --results.

While the spread of a ratio straddles its bar, more samples are taken, up to the
scenario's budget. One process measures at a time.

Most scenarios need root, Open vSwitch with DPDK and 256 MiB of free hugepages of
2 MiB; "make bench" sees to all of them. sluiced and sluicectl are taken from
beside this program (--bin).`,
		Example: `  sluice-perf run apply plan512
  sluice-perf run --all --quick
  sluice-perf run --all --report`,
		RunE: func(c *cobra.Command, args []string) error {
			chosen, err := choose(c, scenarios, args, o)
			if err != nil {
				return err
			}
			return o.run(c, scenarios, chosen)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, "run every scenario; with --quick those of the quick set")
	f.BoolVar(&o.quick, "quick", false, "take as few samples as make sense")
	f.BoolVar(&o.strict, "strict", false, "a bar that is not measured counts as not met")
	f.BoolVar(&o.report, "report", false, "write the results into docs/performance.md, as report does")
	f.StringVar(&o.results, "results", "bench-results", "directory for the samples")
	f.StringVar(&o.bin, "bin", "", "directory of sluiced and sluicectl (default: that of this program)")
	f.StringVarP(&o.output, "output", "o", "table", "table or json")
	return c
}

// choose finds the scenarios that were asked for.
func choose(c *cobra.Command, scenarios []bench.Scenario, names []string, o runOptions) ([]bench.Scenario, error) {
	switch {
	case o.output != "table" && o.output != "json":
		return nil, usagef(c, "--output %q is none of table, json", o.output)
	case o.all && len(names) > 0:
		return nil, usagef(c, "--all and names exclude each other")
	case !o.all && len(names) == 0:
		return nil, usagef(c, "name scenarios, or say --all; there are %s", bench.Names(scenarios))
	}
	var chosen []bench.Scenario
	for _, s := range scenarios {
		if o.all && (s.Quick || !o.quick) {
			chosen = append(chosen, s)
		}
	}
	for _, name := range names {
		s, ok := bench.Find(scenarios, name)
		if !ok {
			return nil, &codedError{fmt.Errorf("no scenario %q; there are %s", name, bench.Names(scenarios)), exitNotFound}
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// run runs the chosen ones of all scenarios.
func (o runOptions) run(c *cobra.Command, all, chosen []bench.Scenario) error {
	release, err := bench.Lock()
	if err != nil {
		return err
	}
	// The kernel gives the lock up with the process at the latest.
	defer func() { _ = release() }()
	if o.bin == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		o.bin = filepath.Dir(self)
	}
	env := bench.Env{BinDir: o.bin, Quick: o.quick, Progress: func(line string) { fmt.Fprintln(c.ErrOrStderr(), line) }}
	var results []bench.Result
	var errs []error
	for _, s := range chosen {
		r, err := bench.Run(c.Context(), s, env)
		results, errs = append(results, r), append(errs, err)
		if o.output == "table" {
			errs = append(errs, bench.Print(c.OutOrStdout(), s.Title, r))
		}
		if c.Context().Err() != nil {
			break // what was interrupted replaces no older result
		}
		errs = append(errs, r.Save(o.results))
	}
	if o.output == "json" {
		enc := json.NewEncoder(c.OutOrStdout())
		enc.SetIndent("", "  ")
		errs = append(errs, enc.Encode(results))
	}
	if o.report && c.Context().Err() == nil {
		errs = append(errs, report(all, o.results, publishedData, publishedPage))
	}
	return o.conclude(c.Context(), results, errs)
}

// conclude turns the results into what the command returns.
func (o runOptions) conclude(ctx context.Context, results []bench.Result, errs []error) error {
	for _, r := range results {
		switch s := r.State(); {
		case s == bench.NotMet, s == bench.NotMeasured && o.strict:
			errs = append(errs, fmt.Errorf("%s: a bar is %s", r.Scenario, s))
		case s == bench.Met, s == bench.NotMeasured:
		}
	}
	return errors.Join(append(errs, context.Cause(ctx))...)
}
