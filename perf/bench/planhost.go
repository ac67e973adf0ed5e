package bench

import (
	"context"
	"errors"
	"path/filepath"
	"time"
)

func planHostScenario() Scenario {
	return Scenario{
		Name: "plan-converged", Issue: 2, Title: "`sluicectl host plan` on a converged host",
		Method: "The built sluicectl asks the running sluiced for a plan, on a lab host with OVS-DPDK, 4 vdevs and 64 vhost ports that is as the profile says. " +
			"Timed from the start of the process to its end; its exit code must say that there is nothing to do.",
		Metrics: []Metric{{"time", Seconds}}, Sides: []string{planCommandSide},
		Bars: []Bar{{
			Text:   "`sluicectl host plan` on a converged host: under 100 ms whole process",
			Metric: "time", Of: planCommandSide, Limit: Limit{Below, 0.100},
		}},
		Repeats: Repeats{Least: 21, Most: 101, Budget: 30 * time.Second}, Quick: true,
		Missing: func(env Env) []string {
			return append(append(missingSwitch(switchMemory), missingBinary(env, "sluiced")...), missingBinary(env, "sluicectl")...)
		},
		Prepare: preparePlanHost,
	}
}

const planCommandSide = "sluicectl host plan"

func preparePlanHost(ctx context.Context, env Env) (_ Rig, err error) {
	r := &managedHost{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	err = r.start(ctx, env, func(p *hostProfile) {
		p.nics, p.guests = numbered("null", applyNICs), numbered("vm", applyGuests)
	})
	if err != nil {
		return Rig{}, err
	}
	measure := func(ctx context.Context) (Sample, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		took, err := timed(func() error {
			return run(ctx, filepath.Join(env.BinDir, "sluicectl"), "--socket", r.daemon.api(), "host", "plan")
		})
		return Sample{"time": took}, err
	}
	return Rig{Measure: map[string]func(context.Context) (Sample, error){planCommandSide: measure}, Close: r.close}, nil
}
