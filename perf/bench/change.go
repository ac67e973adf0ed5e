package bench

import (
	"context"
	"errors"
	"time"
)

// largeSide is the daemon in the large fleet.
const largeSide = "sluiced, 50,000 ports"

// changeRest is how long nothing may have changed before a change, and after it.
const changeRest = 300 * time.Millisecond

func changeScenario() Scenario {
	const quietly = "On a quiet system, to the first packet delivered "
	under := func(text, metric, side string, limit float64) Bar {
		return Bar{Text: text, Metric: metric, Of: side, Beside: ovnSide, Limit: Limit{Below, limit}}
	}
	flat := func(what, metric string) Bar {
		return Bar{Text: what + ": flat from 5,000 to 50,000 ports", Metric: metric, Of: largeSide, Against: sluicedSide, Limit: Limit{AtMost, 1.5}}
	}
	return Scenario{
		Name: "change", Issue: 3,
		Title: "one change of a quiet network, to the first packet delivered and to the last flow",
		Method: fleetMethod + "One side has 50,000 ports on 5,000 hosts. `local-packet`: a local port's device gets its iface-id in the Open_vSwitch database; the clock starts before that transaction is sent, " +
			"and stops when a packet that a guest on another switch sends every millisecond arrives there, through the router. " +
			"`remote-packet`: a port on another host is written into the store with its binding (of OVN: its chassis into its Port_Binding in the southbound database, which is less); the clock starts before that transaction is sent, " +
			"and stops when the packet leaves by the underlay's NIC, in the tunnel. `local-flow` and `remote-flow` stop at the last change of the number of flows. " +
			"Before each, the number of flows has rested for 0.3 s, which is thrice as long as the daemon gathers changes.",
		Metrics: []Metric{{"local-packet", Seconds}, {"local-flow", Seconds}, {"remote-packet", Seconds}, {"remote-flow", Seconds}},
		Sides:   []string{sluicedSide, largeSide, ovnSide},
		Bars: []Bar{
			under(quietly+"of a local port that is bound: median under 50 ms", "local-packet", sluicedSide, 0.050),
			under("On a quiet system, to the last flow of a local port that is bound: median under 50 ms", "local-flow", sluicedSide, 0.050),
			under(quietly+"to a remote port that is added: under 30 ms from commit in the store", "remote-packet", sluicedSide, 0.030),
			flat("First packet of a local port", "local-packet"), flat("First packet to a remote port", "remote-packet"),
			flat("Last flow of a local port", "local-flow"), flat("Last flow of a remote port", "remote-flow"),
		},
		Repeats: Repeats{Least: 7, Most: 9, Budget: time.Minute},
		Missing: missingOverlay,
		Prepare: prepareChange,
	}
}

// changeHost is what a change is measured on: a host of a fleet, and how its side
// adds a port of another host and takes it away.
type changeHost struct {
	*overlayHost
	from, to, nic *tap // of two local ports on different switches, and the underlay's
	add, remove   func(context.Context) error
	added         int // the port that add adds
}

func (h *changeHost) open(ctx context.Context, added int) (err error) {
	h.added = added
	for _, t := range []struct {
		tap    **tap
		device string
	}{{&h.from, tapOf(h.local(0))}, {&h.to, tapOf(h.local(1))}, {&h.nic, underlayNIC}} {
		if *t.tap, err = openTap(h.Host, t.device); err != nil {
			return err
		}
	}
	return h.neighbour(ctx, changeHostNumber)
}

// changeHostNumber is the host that remote ports come to.
const changeHostNumber = 7

func (h *overlayHost) local(n int) int { return h.fleet.local()[n] }

func (h *changeHost) measure(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := Sample{}
	local := h.local(1)
	for _, c := range []struct {
		name     string
		undo, do func(context.Context) error
		to       *tap
		port     int
	}{
		{"local", h.binding(local, false), h.binding(local, true), h.to, local},
		{"remote", h.remove, h.add, h.nic, h.added},
	} {
		if err := c.undo(ctx); err != nil {
			return nil, err
		}
		if _, _, err := h.lastChange(ctx, changeRest, func(int) bool { return true }); err != nil {
			return nil, err
		}
		packet, flow, err := h.timeChange(ctx, c.do, c.to, c.port)
		if err != nil {
			return nil, err
		}
		s[c.name+"-packet"], s[c.name+"-flow"] = packet.Seconds(), flow.Seconds()
	}
	return s, nil
}

func (h *changeHost) binding(port int, bound bool) func(context.Context) error {
	return func(ctx context.Context) error { return h.bind(ctx, port, bound) }
}

// timeChange does a change and returns how long it took until the first packet for
// the port arrived, and until the last flow.
func (h *changeHost) timeChange(ctx context.Context, do func(context.Context) error, to *tap, port int) (packet, flow time.Duration, err error) {
	type seen struct {
		at  time.Time
		err error
	}
	flows, packets := make(chan seen, 1), make(chan seen, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		at, err := firstArrival(ctx, h.from, to, routed(h.local(0), addressOf(port)).frame(), isFor(port))
		packets <- seen{at, err}
	}()
	began := time.Now()
	if err := do(ctx); err != nil {
		cancel()
		<-packets
		return 0, 0, err
	}
	go func() {
		_, at, err := h.lastChange(ctx, changeRest, func(int) bool { return true })
		flows <- seen{at, err}
	}()
	p, f := <-packets, <-flows
	return p.at.Sub(began), f.at.Sub(began), errors.Join(p.err, f.err)
}
