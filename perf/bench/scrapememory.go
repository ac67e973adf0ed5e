package bench

import (
	"context"
	"time"
)

const (
	memoryWarm    = 1_000 // scrapes before the first look
	memoryScrapes = 10_000
)

func scrapeMemoryScenario() Scenario {
	return Scenario{
		Name: "scrape-memory", Issue: 4, Title: "the daemon's memory over 10,000 scrapes of 64 ports",
		Method: scrapedWords + "Here, though, they follow one another at once: of those within a second one reads the switch, and all show it. `before` is the daemon's VmRSS after 1,000 scrapes, `after` that after 10,000 more. " +
			"Twentieths are left to the collector of garbage, which takes memory and gives it back as it sees fit.",
		Metrics: []Metric{{"before", Bytes}, {"after", Bytes}, {"growth", Ratio}}, Sides: []string{sluicedSide},
		Bars:    []Bar{{Text: "Memory does not grow over 10,000 scrapes", Metric: "growth", Of: sluicedSide, Limit: Limit{AtMost, 1.05}}},
		Repeats: Repeats{Least: 1, Most: 3, Budget: 2 * time.Minute},
		Missing: func(env Env) []string { return missingScraped(env, scrapedSmall) },
		Prepare: prepareScrapeMemory,
	}
}

func prepareScrapeMemory(ctx context.Context, env Env) (Rig, error) {
	h, err := startScraped(ctx, env, scrapedSmall)
	if err != nil {
		return Rig{}, err
	}
	warm := false
	measure := func(ctx context.Context) (Sample, error) {
		if !warm {
			warm = true
			_, err := h.remembers(ctx, memoryWarm)
			return Sample{}, err // nothing is kept of it
		}
		before, err := h.remembers(ctx, 0)
		if err != nil {
			return nil, err
		}
		after, err := h.remembers(ctx, memoryScrapes)
		return Sample{"before": before, "after": after, "growth": after / before}, err
	}
	return Rig{Measure: map[string]func(context.Context) (Sample, error){sluicedSide: measure}, Close: h.close}, nil
}

// remembers is the daemon's memory after so many scrapes.
func (h *scrapedHost) remembers(ctx context.Context, scrapes int) (float64, error) {
	for range scrapes {
		if _, err := h.scrape(ctx, scrapeListener); err != nil {
			return 0, err
		}
	}
	u, err := usageOf(h.daemon.cmd.Process.Pid)
	return float64(u.Resident), err
}
