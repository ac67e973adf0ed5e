package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// collectScrapes are in each window of the scenario.
const collectScrapes = 10

func portsSide(ports int) string { return fmt.Sprintf("%d ports", ports) }

func collectScenario() Scenario {
	small, large := portsSide(scrapedSmall), portsSide(scrapedLarge)
	return Scenario{
		Name: "collect", Issue: 4, Title: "what a scrape costs the switch, with half of the ports connected",
		Method: scrapedWords + "`collect` is how long the daemon read the switch and made the series of what it had read, which is all but the exposition, as it says itself in the metrics of that scrape (`sluice_collector_duration_seconds{collector=\"snapshot\"}`), the median of ten scrapes; a scrape in which any part could not be read is an error. " +
			"`main` is what the scrapes cost the main thread of ovs-vswitchd, by the kernel's account of it in nanoseconds (`/proc/PID/task/PID/schedstat`): that of a window with ten scrapes, without that of a window as long and without any, which goes before, for each scrape and spread over 5 s. " +
			"`series` are the samples of the last scrape.",
		Metrics: []Metric{{"collect", Seconds}, {"main", Cores}, {"series", Count}},
		Sides:   []string{small, large},
		Bars: []Bar{
			{Text: "Half of the ports connected: collecting (all but the exposition) under 3 ms for 64 ports", Metric: "collect", Of: small, Limit: Limit{Below, 0.003}},
			{Text: "Half of the ports connected: collecting (all but the exposition) under 15 ms for 512 ports", Metric: "collect", Of: large, Limit: Limit{Below, 0.015}},
			{Text: "Less than 0.5 % of vswitchd's main thread at a 5 s interval, 64 ports", Metric: "main", Of: small, Limit: Limit{Below, 0.005}},
			{Text: "Less than 0.5 % of vswitchd's main thread at a 5 s interval, 512 ports", Metric: "main", Of: large, Limit: Limit{Below, 0.005}},
		},
		Repeats: Repeats{Least: 3, Most: 7, Budget: 4 * time.Minute},
		Missing: func(env Env) []string { return missingScraped(env, scrapedSmall, scrapedLarge) },
		Prepare: prepareCollect,
	}
}

// scrapedRig is a host of each size.
type scrapedRig map[int]*scrapedHost

func startScrapedRig(ctx context.Context, env Env, sizes ...int) (scrapedRig, error) {
	r := scrapedRig{}
	for _, ports := range sizes {
		h, err := startScraped(ctx, env, ports)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%d ports: %w", ports, err), r.close())
		}
		r[ports] = h
	}
	return r, nil
}

func (r scrapedRig) close() error {
	var errs []error
	for _, h := range r {
		errs = append(errs, h.close())
	}
	return errors.Join(errs...)
}

func prepareCollect(ctx context.Context, env Env) (Rig, error) {
	r, err := startScrapedRig(ctx, env, scrapedSmall, scrapedLarge)
	if err != nil {
		return Rig{}, err
	}
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Close: r.close}
	for ports, h := range r {
		rig.Measure[portsSide(ports)] = h.collect
	}
	return rig, nil
}

// collect takes a window without and a window with scrapes.
func (h *scrapedHost) collect(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pid, err := h.host.VswitchdPID()
	if err != nil {
		return nil, err
	}
	idle, err := mainThread(pid, func() error { return pause(ctx, collectScrapes*scrapeApart) })
	if err != nil {
		return nil, err
	}
	var took []float64
	var last scraped
	busy, err := mainThread(pid, func() error {
		for range collectScrapes {
			if last, err = h.later(ctx, scrapeListener); err != nil {
				return err
			}
			t, err := last.collecting()
			if err != nil {
				return err
			}
			took = append(took, t)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(took)
	return Sample{
		"collect": Summarize(took).Median, "series": last.series(),
		"main": max(0, (busy-idle).Seconds()) / collectScrapes / 5,
	}, nil
}

// mainThread is how long the main thread of a process ran while f did.
func mainThread(pid int, f func() error) (time.Duration, error) {
	before, err := mainThreadRan(pid)
	if err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	after, err := mainThreadRan(pid)
	return after - before, err
}

// mainThreadRan reads the time that a process's first thread has spent on a CPU:
// the first of the three numbers of schedstat (Documentation/scheduler/sched-stats.rst).
func mainThreadRan(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/schedstat", pid, pid))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), " ")
	ns, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("schedstat of process %d: %w", pid, err)
	}
	return time.Duration(ns), nil
}
