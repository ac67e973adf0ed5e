package agent

import (
	"cmp"
	"context"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// Talkers tells the flows with the most bytes.
func (b backend) Talkers(_ context.Context, r api.TalkersRequest) (api.Talkers, error) {
	if r.Window > ipfix.LongestWindow {
		return api.Talkers{}, api.Usage("window %s is longer than what is kept: at most %s", r.Window, ipfix.LongestWindow)
	}
	if r.Limit > ipfix.MaxTalkers {
		return api.Talkers{}, api.Usage("limit %d is more than are kept: at most %d", r.Limit, ipfix.MaxTalkers)
	}
	return b.a.collector.talkers(cmp.Or(r.Window, time.Minute), cmp.Or(r.Limit, 20), r.Port), nil
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
