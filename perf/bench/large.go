package bench

import (
	"context"
	"errors"
	"time"
)

// largeRest is between the last flow and what is measured of a daemon at work: it
// binds its ports and gives memory back meanwhile.
const largeRest = 2 * time.Second

// largeChanges are the changes over which the daemon's CPU time is measured.
const largeChanges = 20

func largeScenario() Scenario {
	const text = "50,000 ports, 5,000 hosts: "
	return Scenario{
		Name: "large", Issue: 3,
		Title: "the daemon in a fleet of 50,000 ports on 5,000 hosts",
		Method: fleetMethod + "1,000 switches of 50 ports, one router, 10 ports local. `time` is that of `cold-start`; `memory` is VmRSS two seconds later; `cpu` is the process's CPU clock over 20 changes, " +
			"a port of another host written into the store and taken out again in turn, 250 ms apart, divided by 20.",
		Metrics: []Metric{{"time", Seconds}, {"memory", Bytes}, {"cpu", Seconds}, {"flows", Count}}, Sides: []string{sluicedSide},
		Bars: []Bar{
			{Text: text + "the daemon under 400 MiB", Metric: "memory", Of: sluicedSide, Limit: Limit{Below, 400 << 20}, Judged: ByWorst},
			{Text: text + "one port change under 5 ms of its CPU", Metric: "cpu", Of: sluicedSide, Limit: Limit{Below, 0.005}},
			{Text: text + "cold start under 5 s", Metric: "time", Of: sluicedSide, Limit: Limit{Below, 5}},
		},
		Repeats: Repeats{Least: 2, Most: 4, Budget: 25 * time.Second},
		Missing: missingOverlay,
		Prepare: prepareLarge,
	}
}

func prepareLarge(ctx context.Context, env Env) (Rig, error) {
	h, err := startSluiceHost(ctx, env, fleet50k)
	if err != nil {
		return Rig{}, err
	}
	flows, err := h.settled(ctx)
	if err != nil {
		return Rig{}, errors.Join(err, h.close())
	}
	measure := func(ctx context.Context) (Sample, error) { return h.measureLarge(ctx, flows) }
	return Rig{Measure: map[string]func(context.Context) (Sample, error){sluicedSide: measure}, Close: h.close}, nil
}

func (h *sluiceHost) measureLarge(ctx context.Context, flows int) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := h.daemon.stop(ctx); err != nil {
		return nil, err
	}
	s, err := h.cold(ctx, flows, h.daemon.start)
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, largeRest); err != nil {
		return nil, err
	}
	pid := h.daemon.cmd.Process.Pid
	before, err := usageOf(pid)
	if err != nil {
		return nil, err
	}
	s["memory"] = float64(before.Resident)
	for n := range largeChanges {
		ops := unportOps(changedPort)
		if n%2 == 1 {
			ops = h.fleet.portOps(changedPort, changeHostNumber)
		}
		if err := h.write(ctx, ops); err != nil {
			return nil, err
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return nil, err
		}
	}
	after, err := usageOf(pid)
	s["cpu"] = (after.CPU - before.CPU).Seconds() / largeChanges
	return s, err
}
