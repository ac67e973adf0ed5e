package bench

import (
	"context"
	"errors"
	"time"
)

const (
	restGuests = 64
	restQuiet  = 30 * time.Second // before the first window
	restWindow = 30 * time.Second // the daemon looks again every 30 s: one pass in each
	restBar    = "Daemon at rest with 64 ports: "
)

func restScenario() Scenario {
	return Scenario{
		Name: "rest", Issue: 2, Title: "the daemon at rest, with 64 vhost ports",
		Method: "The built sluiced on a lab host with OVS-DPDK, PMD threads sleeping when idle, has made a bridge with 64 vhost ports, is converged, and is left alone for 30 s, " +
			"its metrics listener open and not asked. Then windows of 30 s, which is how often the daemon looks again by itself: `memory` is VmRSS at the end of each, `cpu` the process's CPU clock over the window " +
			"(utime and stime of all threads, in nanoseconds), which takes in the daemon's own timer and OVS's writing of statistics. " +
			"`children` counts children that exist, and is 1 more if any ever was: the kernel adds up the page faults of children that were waited for " +
			"(`cminflt`, `cmajflt`), from the start of the process, so the making of the ports is covered too. " +
			"That the binary holds no code for it is kept by a test: `os/exec` may not be imported there.",
		Metrics: []Metric{{"memory", Bytes}, {"cpu", Cores}, {"children", Count}}, Sides: []string{sluicedSide},
		Bars: []Bar{
			{Text: restBar + "under 40 MiB resident", Metric: "memory", Of: sluicedSide, Limit: Limit{Below, 40 << 20}, Judged: ByWorst},
			{Text: restBar + "under 0.5 % of a core", Metric: "cpu", Of: sluicedSide, Limit: Limit{Below, 0.005}},
			{Text: "Nothing is exec'ed by the daemon", Metric: "children", Of: sluicedSide, Limit: Limit{AtMost, 0}, Judged: ByWorst},
		},
		Repeats: Repeats{Least: 3, Most: 6, Budget: 2 * time.Minute},
		Missing: func(env Env) []string { return append(missingSwitch(switchMemory), missingBinary(env, "sluiced")...) },
		Prepare: prepareRest,
	}
}

func prepareRest(ctx context.Context, env Env) (_ Rig, err error) {
	r := &managedHost{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if err := r.start(ctx, env, func(p *hostProfile) { p.guests = numbered("vm", restGuests) }); err != nil {
		return Rig{}, err
	}
	quiet := false
	measure := func(ctx context.Context) (Sample, error) {
		if !quiet {
			quiet = true
			if err := pause(ctx, restQuiet); err != nil {
				return nil, err
			}
			return Sample{}, nil // the warm-up: nothing is kept of it
		}
		return measureRest(ctx, r.daemon.cmd.Process.Pid)
	}
	return Rig{Measure: map[string]func(context.Context) (Sample, error){sluicedSide: measure}, Close: r.close}, nil
}

// measureRest watches a process for one window.
func measureRest(ctx context.Context, pid int) (Sample, error) {
	began := time.Now()
	before, err := usageOf(pid)
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, restWindow); err != nil {
		return nil, err
	}
	after, err := usageOf(pid)
	if err != nil {
		return nil, err
	}
	children := float64(after.Children)
	if after.ChildFaults > 0 {
		children++
	}
	return Sample{
		"memory": float64(after.Resident), "children": children,
		"cpu": (after.CPU - before.CPU).Seconds() / time.Since(began).Seconds(),
	}, nil
}
