package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/agent"
	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/internal/host"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes: the unit does not restart after exitUsage.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `Usage: sluiced [flags]

Keeps this host's Open vSwitch as the host profile says. Settings come from
flags, SLUICE_… variables, the settings file and defaults, in this order.
Signals: SIGHUP reads the profile again; SIGTERM ends, and nothing moves.
Exit codes: 0 ended by a signal, 1 failed, 2 wrong flags or settings.
See also: sluicectl(1), docs/operation.md.

Flags:
`

// run is main with its world as values.
func run(args []string, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("sluiced", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage+flags.FlagUsages()) }
	file := flags.String("settings", configs.DefaultSettingsFile, "settings file")
	version := flags.Bool("version", false, "print the version and exit")
	configs.BindFlags(flags)
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "sluiced: %v; see sluiced --help\n", err)
		return exitUsage
	}
	if *version {
		fmt.Fprintln(stdout, "sluiced", build.Version())
		return exitDone
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "sluiced: unknown argument %q: sluiced takes flags only; commands are sluicectl's\n", flags.Arg(0))
		return exitUsage
	}
	settings, err := configs.LoadSettings(flags, *file)
	if err != nil {
		fmt.Fprintf(stderr, "sluiced: %v\n", err)
		return exitUsage
	}
	collectSeldom()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serve(ctx, settings, stderr); err != nil {
		fmt.Fprintf(stderr, "sluiced: %v\n", err)
		if _, is := errors.AsType[settingError](err); is {
			return exitUsage
		}
		return exitFailed
	}
	return exitDone
}

// collectSeldom lets the heap grow to five times what is in use, unless GOGC says
// otherwise. In use are some MiB; at the usual twice of that, one transaction of
// many ports is decoded in three collections, on a core that the switch wants.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// serve makes the listeners and runs the agent until ctx ends.
func serve(ctx context.Context, s configs.Settings, stderr io.Writer) error {
	log, err := newLogger(stderr, strings.ToLower(s.Log.Level.String()), string(s.Log.Format), os.Getenv("JOURNAL_STREAM") != "")
	if err != nil {
		return err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("read the host name: %w", err)
	}
	api, err := listenUnix(ctx, s.API.Socket, s.API.Group, s.API.Mode)
	if err != nil {
		return err
	}
	metrics, err := listenMetrics(ctx, s.Metrics.Listen, tlsFiles{s.Metrics.TLS.Cert, s.Metrics.TLS.Key, s.Metrics.TLS.ClientCA}, log)
	if err != nil {
		return errors.Join(err, api.Close())
	}
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	manager := newNotifier(log)
	notify := manager.tell
	a := agent.New(agent.Options{
		Profile: s.Profile, Vars: s.Vars, Hostname: hostname,
		Database: "unix:" + filepath.Join(s.OVS.RunDir, "db.sock"), RunDir: s.OVS.RunDir,
		Host: host.NewFS("/"), API: api, Metrics: metrics, MetricsURL: metricsURL(s, metrics),
		Network: networkOf(s, log), MetricsWithout: without(s),
		Reload: reload, Log: log, Clock: wallClock{},
		Notify:    func(state string) { notify("STATUS=" + state) },
		Ready:     func() { notify("READY=1") },
		Reloading: func() { notify("RELOADING=1") },
	})
	log.Info("started", "version", build.Version().String(), "profile", s.Profile, "ovs", s.OVS.RunDir)
	// The manager is told to the very end, which may take the agent a while.
	telling, endTelling := context.WithCancel(context.WithoutCancel(ctx))
	told := make(chan struct{})
	go func() { manager.run(telling); close(told) }()
	defer func() { endTelling(); <-told }()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.Run(ctx) })
	group.Go(func() error { return watchdog(ctx, notify, a.Alive, log) })
	<-ctx.Done()
	notify("STOPPING=1")
	return group.Wait()
}
