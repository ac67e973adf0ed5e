package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// dropsPage is where the causes are described.
const dropsPage = "docs/drops.md#"

// lossy looks at a port a second time where the first look cannot tell whether its
// drops go on: nobody looked at it in the minute before.
func (b backend) lossy(ctx context.Context, p api.Port) api.Port {
	if !undecided(p) {
		return p
	}
	o, err := b.a.observe(ctx)
	if err != nil {
		return p
	}
	select {
	case <-ctx.Done():
		return p
	case <-b.a.opt.Clock.After(max(statsInterval(o), dropRefresh) + time.Second):
	}
	if again, err := b.Port(ctx, p.Name); err == nil {
		return again
	}
	return p
}

// undecided says whether packets were dropped and it is not known when. What OVS
// counts in its totals alone is a cause only once it was looked at twice.
func undecided(p api.Port) bool {
	for _, d := range p.Drops {
		if d.Recent != nil {
			return false
		}
	}
	return len(p.Drops) > 0 || p.Counters["tx_dropped"] > 0
}

// dropReasons says what a port loses now, and as notes what it lost before.
func dropReasons(p api.Port, r vswitch.ObservedRow) (reasons, notes []api.Reason) {
	for _, d := range p.Drops {
		c := causeOf(d)
		what := fmt.Sprintf("port %s dropped packets: %s, %d since its counters began", p.Name, titleOf(d), d.Packets)
		if d.Recent == nil || *d.Recent == 0 {
			notes = append(notes, api.Reason{What: what + ceased(d), Fix: dropsPage + anchorOf(d)})
			continue
		}
		what = fmt.Sprintf("port %s drops %s %s: %s, %d in the last %d s, %d since its counters began: %s",
			p.Name, perSecond(d), wayOf(d), titleOf(d), *d.Recent, d.Seconds, d.Packets, c.Means)
		reason := api.Reason{What: what + inForce(d, p, r), Fix: c.Do + " " + dropsPage + anchorOf(d)}
		if harmless(d, p) {
			notes = append(notes, reason)
			continue
		}
		reasons = append(reasons, reason)
	}
	return reasons, notes
}

// causeOf is what the table of causes has of a drop.
func causeOf(d api.Drop) monitor.DropCause {
	for _, c := range monitor.DropCauses() {
		if c.Scope == monitor.DropPort && c.Cause == d.Cause && string(c.Direction) == d.Direction {
			return c
		}
	}
	return monitor.DropCause{}
}

// titleOf is the cause as docs/drops.md calls it.
func titleOf(d api.Drop) string { return d.Direction + " " + d.Cause }

// anchorOf is its heading there.
func anchorOf(d api.Drop) string { return strings.ReplaceAll(titleOf(d), " ", "-") }

func perSecond(d api.Drop) string {
	rate := float64(*d.Recent) / float64(max(d.Seconds, 1))
	if rate >= 10 {
		return fmt.Sprintf("%.0f packets/s", rate)
	}
	return fmt.Sprintf("%.1f packets/s", rate)
}

func ceased(d api.Drop) string {
	if d.Recent == nil {
		return ""
	}
	return fmt.Sprintf(", none in the last %d s", d.Seconds)
}

// wayOf says whose packets a drop ends, from OVS's side.
func wayOf(d api.Drop) string {
	if d.Direction == string(monitor.Rx) {
		return "that come from it"
	}
	return "on the way to it"
}

// harmless are drops of a kernel device of the switch's own: what is flooded to it
// while it is down, or what its host does not understand.
func harmless(d api.Drop, p api.Port) bool {
	return p.Type == "internal" && d.Cause == "device" && d.Direction == string(monitor.Tx)
}

// inForce is the limit that a drop is by, as the database has it.
func inForce(d api.Drop, p api.Port, r vswitch.ObservedRow) string {
	switch titleOf(d) {
	case "tx mtu_exceeded":
		if p.MTU != nil {
			return fmt.Sprintf(" Its MTU is %d.", *p.MTU)
		}
	case "rx qos":
		const key = "ingress_policing_rate"
		rate := r.Settings[key]
		switch {
		case rate == "":
		case r.Mark.Owns(key):
			return " Its limit is the profile's, " + key + "=" + rate + " kbit/s."
		default:
			return fmt.Sprintf(" Its limit, %s=%s kbit/s, is not the profile's: `ovs-vsctl set Interface %s %s=0` takes it off.", key, rate, r.Name, key)
		}
	}
	return ""
}

// besides tells what the switch as a whole dropped in the last minute: packets of
// which OVS does not tell the port.
func (a *Agent) besides(ctx context.Context) []api.Reason {
	text, err := a.ctl.Call(ctx, "coverage/show")
	if err != nil {
		return nil // why the switch is silent is told elsewhere
	}
	rates, err := appctl.ParseCoverageRates(strings.NewReader(text))
	if err != nil {
		return nil // the scrape tells of it
	}
	var notes []api.Reason
	for _, c := range monitor.DropCauses() {
		if rate := rates[c.Counter]; c.Scope == monitor.DropProcess && rate > 0 {
			notes = append(notes, api.Reason{
				What: fmt.Sprintf("the switch as a whole dropped %.1f packets/s in the last minute by %s; OVS does not tell of which port: %s", rate, c.Cause, c.Means),
				Fix:  c.Look + " " + dropsPage + c.Cause,
			})
		}
	}
	return slices.Clip(notes)
}
