package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// Talkers tells the flows with the most bytes.
func (b backend) Talkers(ctx context.Context, r api.TalkersRequest) (api.Talkers, error) {
	if r.Window > ipfix.LongestWindow {
		return api.Talkers{}, api.Usage("window %s is longer than what is kept: at most %s", r.Window, ipfix.LongestWindow)
	}
	if r.Limit > ipfix.MaxTalkers {
		return api.Talkers{}, api.Usage("limit %d is more than are kept: at most %d", r.Limit, ipfix.MaxTalkers)
	}
	t := b.a.collector.talkers(wholeSlots(cmp.Or(r.Window, time.Minute)), cmp.Or(r.Limit, 20), r.Port)
	if t.Problem != "" {
		t.Fix = b.a.collector.fix(b.a.overlaid())
		return t, nil
	}
	if r.Port == "" || len(t.Talkers) > 0 {
		return t, nil
	}
	return t, b.a.named(ctx, r.Port)
}

// slot is the grain of windows.
const slot = 30 * time.Second

// wholeSlots is a window as it is summed up: not less than was asked for.
func wholeSlots(window time.Duration) time.Duration {
	return max((window+slot-1)/slot, 1) * slot
}

// overlaid says whether this host has a part in a logical network.
func (a *Agent) overlaid() bool {
	overlay, _ := a.overlay()
	return overlay != nil
}

// named says that nothing here goes by a name, as interface or logical port; nil =
// something does, or that is not known.
func (a *Agent) named(ctx context.Context, name string) error {
	o, err := a.observe(ctx)
	if err != nil {
		return nil //nolint:nilerr // what was collected is shown without the switch, too
	}
	for _, r := range o.Rows {
		if r.Table == vswitch.IfaceTable && (r.Name == name || r.Settings[vswitch.IfaceID] == name) {
			return nil
		}
	}
	return api.NotFound("no port %q", name)
}

// fix is what helps where nothing is collected.
func (c *collector) fix(overlay bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inForce != nil && errors.Is(c.problem, syscall.EADDRINUSE) {
		port := c.inForce.Listen.Port()
		return fmt.Sprintf("ss -ulnp 'sport = :%d' tells who has it: end that, or set another monitor.ipfix.listen in the profile", port)
	}
	if c.problem != nil {
		return "the daemon tries again by itself; sluicectl host status, and monitor.ipfix in the profile: docs/ipfix.md"
	}
	if overlay {
		return "set monitor: {ipfix: {mode: ports}} in the profile; docs/ipfix.md"
	}
	return "set monitor: {ipfix: {mode: bridge, bridges: [...]}} in the profile; docs/ipfix.md"
}

func (c *collector) talkers(window time.Duration, limit int, port string) api.Talkers {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := api.Talkers{Mode: string(ipfix.ModeOff), Window: int(window / time.Second), Talkers: []api.Talker{}, Newest: c.newest}
	if c.problem != nil {
		out.Problem = c.problem.Error()
	}
	if c.inForce == nil {
		out.Problem = cmp.Or(out.Problem, "no flow records are collected: monitor.ipfix.mode of the profile is off")
		return out
	}
	out.Mode, out.Sampling = string(c.inForce.Mode), c.inForce.Sampling
	stats := c.decoder.Stats()
	out.Records, out.Lost = stats.Flows, stats.Lost
	keep := func(f *ipfix.Flow) bool { return port == "" || f.Port.Interface == port || f.Port.Logical == port }
	for _, t := range c.account.Talkers.Top(window, limit, c.clock.Now(), keep) {
		source, destination := t.Ends()
		out.Talkers = append(out.Talkers, api.Talker{
			Bridge: t.Port.Bridge, Interface: t.Port.Interface, Port: t.Port.Logical, Direction: t.Direction.String(),
			Protocol: string(t.Protocol), Source: source, Destination: destination, VLAN: int(t.VLAN), Peer: t.Peer,
			Packets: t.Packets, Bytes: t.Bytes, TooMany: t.Doubt, TooLittle: t.Missed,
		})
	}
	return out
}

// tell is what is shown to Prometheus; nil while nothing is asked for.
func (c *collector) tell() *monitor.IPFIX {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inForce == nil {
		return nil
	}
	traffic, hidden := c.account.Traffic.All()
	return &monitor.IPFIX{
		Listening: c.listening, Decoder: c.decoder.Stats(), Drops: c.drops.total, Newest: c.newest,
		Traffic: traffic, Hidden: hidden, Limit: c.inForce.MaxSeries, Exporters: c.exporters,
	}
}
