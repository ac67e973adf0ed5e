package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// networkExporter is the program of the openstack-network-exporter project.
const networkExporter = "openstack-network-exporter"

// The sides of the scrape scenario, for a number of ports.
func scrapeSides(ports int) (ours, constant, exporter string) {
	return "sluiced, " + portsSide(ports), "client_golang, as " + portsSide(ports), networkExporter + ", " + portsSide(ports)
}

func scrapeScenario() Scenario {
	s := Scenario{
		Name: "scrape", Issue: 4, Title: "a whole scrape, with half of the ports connected",
		Method: scrapedWords + "Timed from the request to the last byte of the answer. Beside it client_golang serves as many series that never change, with the same names, labels and values, made beforehand from what sluiced showed, " +
			"by its own handler in the harness's process: so its scrapes change no process, and are asked for after the same pause. " +
			"openstack-network-exporter, where it is in the path, runs in the host with all of its metric sets, and reads the same switch. `series` are the samples of the answer.",
		Metrics: []Metric{{"scrape", Seconds}, {"series", Count}},
		Repeats: Repeats{Least: 15, Most: 41, Budget: 4 * time.Minute},
		Missing: func(env Env) []string { return missingScraped(env, scrapedSmall, scrapedLarge) },
		Prepare: prepareScrape,
	}
	for _, ports := range []int{scrapedSmall, scrapedLarge} {
		ours, constant, exporter := scrapeSides(ports)
		s.Sides = append(s.Sides, ours, constant, exporter)
		s.Bars = append(s.Bars,
			Bar{Text: "The whole scrape at most 1.5 times client_golang serving as many constant series, " + portsSide(ports), Metric: "scrape", Of: ours, Against: constant, Limit: Limit{AtMost, 1.5}},
			Bar{Text: "The whole scrape under half of openstack-network-exporter's, " + portsSide(ports), Metric: "scrape", Of: ours, Against: exporter, Limit: Limit{Below, 0.5}})
	}
	return s
}

func prepareScrape(ctx context.Context, env Env) (_ Rig, err error) {
	r, err := startScrapedRig(ctx, env, scrapedSmall, scrapedLarge)
	if err != nil {
		return Rig{}, err
	}
	var closers []func() error
	closeAll := func() error {
		var errs []error
		for _, c := range closers {
			errs = append(errs, c())
		}
		return errors.Join(append(errs, r.close())...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll())
		}
	}()
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}, Missing: map[string]string{}, Close: closeAll}
	for ports, h := range r {
		ours, beside, exporter := scrapeSides(ports)
		rig.Measure[ours] = h.scraping(scrapeListener)
		first, err := h.later(ctx, scrapeListener)
		if err != nil {
			return Rig{}, err
		}
		c, err := constantOf(first)
		if err != nil {
			return Rig{}, err
		}
		address, closer, err := c.serve(h.host)
		if err != nil {
			return Rig{}, err
		}
		closers = append(closers, closer)
		rig.Measure[beside] = h.scraping(address)
		if _, err := exec.LookPath(networkExporter); err != nil {
			rig.Missing[exporter] = networkExporter + " is not in the path"
			continue
		}
		if err := h.startExporter(ctx); err != nil {
			return Rig{}, err
		}
		rig.Measure[exporter] = h.scraping(exporterListener)
	}
	return rig, nil
}

// scraping takes a sample at an address.
func (h *scrapedHost) scraping(address string) func(context.Context) (Sample, error) {
	return func(ctx context.Context) (Sample, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		s, err := h.later(ctx, address)
		if err == nil && address == scrapeListener {
			_, err = s.collecting()
		}
		return Sample{"scrape": s.took.Seconds(), "series": s.series()}, err
	}
}

const exporterListener = "127.0.0.1:1981"

// startExporter starts the exporter in the host and returns when it answers. Its
// settings are those of config/config.go of its release 0.2.0, by a file: it panics on
// settings in the environment.
func (h *scrapedHost) startExporter(ctx context.Context) error {
	settings := fmt.Sprintf("metric-sets: [base, errors, perf, counters, debug]\nhttp-listen: %q\novs-rundir: %[2]q\novsdb-rundir: %[2]q\novn-rundir: %[2]q\n", exporterListener, h.host.RunDir())
	file := h.host.Path("exporter.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil {
		return err
	}
	c := h.host.Command(context.WithoutCancel(ctx), networkExporter)
	c.Env = append(os.Environ(), "OPENSTACK_NETWORK_EXPORTER_YAML="+file)
	if err := c.Start(); err != nil {
		return err
	}
	return lab.Until(ctx, fmt.Sprintf("%s answers", networkExporter), func(ctx context.Context) error {
		_, err := h.scrape(ctx, exporterListener)
		return err
	})
}
