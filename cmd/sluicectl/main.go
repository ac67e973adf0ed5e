// Command sluicectl is the operator's tool: it plans, applies, shows and
// explains what sluiced does on this host.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now, terminal: terminal, tool: runTool}
	os.Exit(run(ctx, os.Args[1:], w))
}

// world is what the tool touches besides the daemon.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	terminal       func(any) bool // do people sit at this reader or writer
	root           string         // stands before the paths of a member of the store; "" = /
	tool           runner         // runs the programs that such a member takes
}

// app is one call of the tool.
type app struct {
	world
	socket  string
	stores  storeFlags
	output  output
	noColor bool
	timeout time.Duration
}

const (
	defaultSocket = "/run/sluice/api.sock"
	socketVar     = "SLUICE_API_SOCKET"
)

const about = `sluicectl plans, applies, shows and explains what sluiced makes of this host's
Open vSwitch with DPDK. It asks the daemon over a unix socket; plans from a
facts file need neither a daemon nor root.

Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict or refused,
5 there is something to do (host plan, host check, check).

The logical network (ls, lsp, lr, lrp, lsr, patchport, pool, ch, check, topology,
trace --simulate, store) is read and written in the store that --store or
$SLUICE_STORE names, else in the one of the daemon's settings, else in the host's own
database. flows, tunnel, trace and talkers ask the daemon.`

// run makes one call of the tool and returns its exit code.
func run(ctx context.Context, args []string, w world) int {
	a := &app{world: w, output: outputTable}
	root := a.command()
	root.SetArgs(args)
	return a.exit(root.ExecuteContext(ctx))
}

// command is the whole tree of commands.
func (a *app) command() *cobra.Command {
	w := a.world
	root := &cobra.Command{
		Use: "sluicectl", Short: "Plan, apply and explain an OVS-DPDK host", Long: about,
		SilenceErrors: true, SilenceUsage: true, DisableAutoGenTag: true, Version: line(tool()),
	}
	root.Flags().Bool("version", false, "print the version of this tool; the command of that name tells the daemon's too")
	root.SetVersionTemplate("sluicectl {{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringVar(&a.socket, "socket", "", "API socket of the daemon (default "+defaultSocket+", or $"+socketVar+")")
	flags.VarP(&a.output, "output", "o", "form of the output: table, json or yaml")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours on a terminal")
	flags.DurationVar(&a.timeout, "timeout", 30*time.Second, "how long a question to the daemon or the store may take")
	a.stores.flags(flags)
	root.AddCommand(a.hostCommand(), a.portCommand(), a.versionCommand(), a.perfCommand(), a.completionCommand())
	root.AddCommand(a.lsCommand(), a.lspCommand(), a.patchportCommand(), a.lrCommand(), a.lrpCommand(), a.lsrCommand(), a.chCommand(), a.networkCheckCommand(), a.topologyCommand(), a.storeCommand())
	root.AddCommand(a.poolCommand(), a.flowsCommand(), a.tunnelCommand(), a.traceCommand(), a.metricsCommand(), a.talkersCommand())
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	root.SetFlagErrorFunc(wrongFlag)
	mustName(root)
	return root
}

// client returns a client of the daemon.
func (a *app) client() *api.Client { return api.Dial(a.socketPath()) }

// socketPath is the daemon's socket: flag, then environment, then default.
func (a *app) socketPath() string {
	socket := a.socket
	if socket == "" {
		socket = a.getenv(socketVar)
	}
	if socket == "" {
		socket = defaultSocket
	}
	return socket
}

// asking bounds one question.
func (a *app) asking(c *cobra.Command) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), a.timeout)
}
