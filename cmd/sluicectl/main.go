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
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now}
	os.Exit(run(ctx, os.Args[1:], w))
}

// world is what the tool touches besides the daemon.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
}

// app is one call of the tool.
type app struct {
	world
	socket  string
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
5 there is something to do (host plan, host check).`

func run(ctx context.Context, args []string, w world) int {
	a := &app{world: w, output: outputTable}
	root := &cobra.Command{
		Use: "sluicectl", Short: "Plan, apply and explain an OVS-DPDK host", Long: about,
		SilenceErrors: true, SilenceUsage: true, DisableAutoGenTag: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.socket, "socket", "", "API socket of the daemon (default "+defaultSocket+", or $"+socketVar+")")
	flags.VarP(&a.output, "output", "o", "form of the output: table, json or yaml")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours on a terminal")
	flags.DurationVar(&a.timeout, "timeout", 30*time.Second, "how long a question to the daemon may take")
	root.AddCommand(a.hostCommand(), a.portCommand(), a.versionCommand(), a.perfCommand())
	root.SetArgs(args)
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%v; see `%s --help`", err, c.CommandPath())
	})
	return a.exit(root.ExecuteContext(ctx))
}

// client returns a client of the daemon.
func (a *app) client() *api.Client {
	socket := a.socket
	if socket == "" {
		socket = a.getenv(socketVar)
	}
	if socket == "" {
		socket = defaultSocket
	}
	return api.Dial(socket)
}

// asking bounds one question.
func (a *app) asking(c *cobra.Command) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), a.timeout)
}
