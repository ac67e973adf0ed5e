package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) talkersCommand() *cobra.Command {
	req := api.TalkersRequest{}
	c := &cobra.Command{
		Use: "talkers", Short: "Show the flows with the most bytes", Args: cobra.NoArgs,
		Long: `Lists the flows with the most bytes of the last minutes, as the daemon's collector adds
up the flow records that Open vSwitch exports (monitor.ipfix of the profile): packets
and bytes are what was sampled, times the sampling. Each flow stands where it was seen:
rx into the switch by an interface, tx out of it. A packet that goes from one port to
another is seen at both. PEER is the host at the other end of the tunnel. BYTES are from
the Ethernet header on.

A flow is exact as long as there are fewer than 1,024 in half a minute; with more,
"+-" says how far off it may be.

Exit codes: 0 done, 3 no such port, 4 nothing is collected.`,
		Example: "  sluicectl talkers --window 5m\n  sluicectl talkers --port vm-1 -o json | jq -r '.talkers[].destination'",
		RunE: func(c *cobra.Command, _ []string) error {
			if req.Limit < 1 {
				return usagef("--limit %d is out of range; valid: 1 to 1024", req.Limit)
			}
			ctx, cancel := a.asking(c)
			defer cancel()
			t, err := a.client().Talkers(ctx, req)
			if err != nil {
				return a.nearest(c, req.Port, err)
			}
			if err := a.print(t, func() error { return a.showTalkers(t) }); err != nil {
				return err
			}
			return collects(t)
		},
	}
	c.Flags().DurationVar(&req.Window, "window", time.Minute, "how far back, at most 10m; rounded up to half minutes")
	c.Flags().IntVar(&req.Limit, "limit", 20, "how many flows, 1 to 1024")
	c.Flags().StringVar(&req.Port, "port", "", "only at this interface or logical port")
	_ = c.RegisterFlagCompletionFunc("port", func(c *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		return a.portNames(c, nil, prefix)
	}) // the flag is there
	return c
}

// collects is the exit code where nothing is collected.
func collects(t api.Talkers) error {
	if t.Problem == "" {
		return nil
	}
	return api.Conflict("%s", t.Problem).WithFix("%s", t.Fix)
}

func (a *app) showTalkers(t api.Talkers) error {
	if t.Problem != "" && len(t.Talkers) == 0 {
		return nil
	}
	var b strings.Builder
	table(&b, "INTERFACE\tPORT\tDIR\tPROTOCOL\tSOURCE\tDESTINATION\tPEER\tPACKETS\tBYTES\t+-", func(row func(...any)) {
		for _, x := range t.Talkers {
			row(orDash(x.Interface), orDash(x.Port), x.Direction, x.Protocol+vlan(x.VLAN), x.Source, x.Destination, orDash(x.Peer), x.Packets, x.Bytes, orDash(positive(int(max(x.TooMany, x.TooLittle)))))
		}
	})
	newest := "none came yet"
	if !t.Newest.IsZero() {
		newest = "the newest " + a.ago(t.Newest)
	}
	fmt.Fprintf(&b, "\nmode %s, 1 in %d packets, last %s; %d records, %s, %d lost\n", t.Mode, t.Sampling, time.Duration(t.Window)*time.Second, t.Records, newest, t.Lost)
	return a.write([]byte(b.String()))
}

func vlan(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" vlan %d", n)
}
