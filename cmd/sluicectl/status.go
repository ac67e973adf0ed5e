package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) statusCommand() *cobra.Command {
	var watch bool
	var count int
	var foot string
	c := &cobra.Command{
		Use: "status", Short: "Show the host on one screen", Args: cobra.NoArgs,
		Long: `Shows the switch, the profile in force, what waits, bridges, ports with link and
queues, PMD cores with their queues and load, packets a second (with --watch),
and which lookup tier answered. What OVS does not tell is shown as "-".`,
		Example: "  sluicectl host status\n  sluicectl host status --watch",
		RunE: func(c *cobra.Command, _ []string) error {
			if watch {
				return a.watch(c.Context(), count, foot)
			}
			ctx, cancel := a.asking(c)
			defer cancel()
			s, err := a.client().Status(ctx)
			if err != nil {
				return err
			}
			return a.print(s, func() error { return screen{now: s}.write(a.stdout) })
		},
	}
	c.Flags().BoolVarP(&watch, "watch", "w", false, "show it anew every second until Ctrl-C")
	c.Flags().IntVar(&count, "count", 0, "with --watch: end after so many looks, and show only the last")
	// For the demonstration: lines that the screen would wipe away.
	c.Flags().StringVar(&foot, "foot", "", "with --watch: lines to show below")
	_ = c.Flags().MarkHidden("foot") // it is there
	return c
}

// watch shows the screen each second until ctx ends, or the last of count looks.
func (a *app) watch(ctx context.Context, count int, foot string) error {
	client := a.client()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	s := screen{rates: rates{}, foot: foot}
	for look := 1; ; look++ {
		asking, cancel := context.WithTimeout(ctx, a.timeout)
		now, err := client.Status(asking)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		s.was, s.now = s.now, now
		s.rates.look(now.Ports, a.now())
		if count == 0 || look == count {
			if err := a.show(s); err != nil || look == count {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// show draws a screen over the one before.
func (a *app) show(s screen) error {
	if a.output == outputTable && a.terminal(a.stdout) {
		fmt.Fprint(a.stdout, "\x1b[H\x1b[2J")
	}
	return a.print(s.now, func() error { return s.write(a.stdout) })
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the versions of this tool and of the daemon", Args: cobra.NoArgs,
		Long: `Prints which sources this tool and the running daemon were built from. A daemon
that does not answer is no error here.`,
		Example: "  sluicectl version",
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := a.asking(c)
			defer cancel()
			v := versions{Tool: tool()}
			daemon, err := a.client().Version(ctx)
			if err == nil {
				v.Daemon = &daemon
			}
			return a.print(v, func() error {
				fmt.Fprintf(a.stdout, "sluicectl %s\n", line(v.Tool))
				if err != nil {
					fmt.Fprintf(a.stdout, "sluiced   not reached: %v\n", err)
					return nil
				}
				fmt.Fprintf(a.stdout, "sluiced   %s\n", line(daemon))
				return nil
			})
		},
	}
}

// versions is what `version -o json` prints.
type versions struct {
	Tool   api.Version  `json:"sluicectl"`
	Daemon *api.Version `json:"sluiced,omitempty"`
}
