package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/agent"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/host"
)

// standalone is how a command works on a host without a daemon.
type standalone struct {
	on       bool
	settings string
}

func (s *standalone) flags(c *cobra.Command) {
	c.Flags().BoolVar(&s.on, "standalone", false, "do it here and now, as root, on a host where no daemon runs")
	c.Flags().StringVar(&s.settings, "settings", configs.DefaultSettingsFile, "with --standalone: the daemon's settings file, for its paths")
}

// backend returns who answers: the daemon, or this process with --standalone.
func (a *app) backend(ctx context.Context, s standalone) (api.Backend, func(), error) {
	if !s.on {
		return a.client(), func() {}, nil
	}
	if _, err := a.client().Version(ctx); err == nil {
		return nil, nil, api.Conflict("a daemon answers: a second writer would work against it").WithFix("leave --standalone out, or stop sluiced first")
	}
	settings, err := configs.LoadSettings(nil, s.settings)
	if err != nil {
		return nil, nil, usagef("%v", err)
	}
	hostname, err := os.Hostname()
	if err != nil {
		return nil, nil, err
	}
	return agent.Standalone(ctx, agent.Options{
		Profile: settings.Profile, Vars: settings.Vars, Hostname: hostname,
		Database: "unix:" + filepath.Join(settings.OVS.RunDir, "db.sock"), RunDir: settings.OVS.RunDir,
		Host: host.NewFS("/"), Clock: wallClock{},
	})
}

// wallClock is the machine's clock.
type wallClock struct{}

func (wallClock) Now() time.Time                         { return time.Now() }
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
