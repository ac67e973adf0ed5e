package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/perf/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitMet      = 0
	exitFailed   = 1 // a run failed, or a bar is not met
	exitUsage    = 2
	exitNotFound = 3
)

// run is main with its world as values.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(stderr, "sluice-perf: %v\n", err)
	}
	var coded *codedError
	switch {
	case err == nil:
		return exitMet
	case errors.As(err, &coded):
		return coded.code
	}
	return exitFailed
}

// codedError is an error with an exit code of its own.
type codedError struct {
	error
	code int
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "sluice-perf",
		Short: "Measure Sluice side by side with other ways of doing the same job",
		Long: `sluice-perf measures Sluice side by side with other ways of doing the same job,
in one run on this machine, and holds the results against the project's bars.

Every measurement is a scenario. Its sides warm up once and are then measured in
turn; what counts are ratios of measurements taken one right after the other,
shown as median and spread. A side that is not installed is left out, and said
so. Scenarios run real switches in network namespaces of their own: the
machine's own Open vSwitch is not touched, and nothing is left behind.

Progress goes to standard error, results to standard output and, with every
sample and a description of the machine, to files in bench-results/.

Exit codes: 0 every measured bar is met, 1 a run failed or a bar is not met,
2 wrong usage, 3 no such scenario.
See also: docs/performance.md; sluicectl perf runs this program.`,
		Example: `  sluice-perf list
  sluice-perf run plan512
  sluice-perf run --all --quick
  sluice-perf run --all && sluice-perf report`,
		Version:           build.Version().String(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usagef(c, "%v", err) })
	root.AddCommand(append(commands(bench.Scenarios()), demoCommand())...)
	root.Args = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef(c, "unknown command %q", args[0])
		}
		return nil
	}
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return root
}

// commands are the verbs, over these scenarios.
func commands(scenarios []bench.Scenario) []*cobra.Command {
	return []*cobra.Command{listCommand(scenarios), runCommand(scenarios), reportCommand(scenarios), sweepCommand()}
}

// usagef is an error in how a command was called.
func usagef(c *cobra.Command, format string, args ...any) error {
	return &codedError{fmt.Errorf("%s; `%s --help` tells more", fmt.Sprintf(format, args...), c.CommandPath()), exitUsage}
}

// noArgs refuses arguments as wrong usage.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef(c, "unexpected argument %q", args[0])
	}
	return nil
}
