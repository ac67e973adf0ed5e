package agent

import (
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// TestScrapeWhileTheSwitchRestarts: every scrape is answered in its time, a part that
// cannot be read is absent, and all is there again when the switch is.
func TestScrapeWhileTheSwitchRestarts(t *testing.T) {
	r := newRig(t, lab.Options{Dummy: true}, twoBridges)
	r.await(monitor.ResultConverged)
	scrape := r.scraper()
	const flows, bridges = `ovs_bridge_openflow_flows{bridge="br0"}`, `sluice_collector_success{collector="openflow"}`
	if e := scrape(); e[flows] < 1 || e[bridges] != 1 {
		t.Fatalf("at first there are %v flows, %v", e[flows], failures(e))
	}
	stop := make(chan struct{})
	var scraping sync.WaitGroup
	scraping.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			start := time.Now()
			e := scrape()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("a scrape took %v", took)
			}
			if _, shown := e[flows]; !shown && e[bridges] == 1 {
				t.Error("bridges did not tell of their flows, and it is not said that they were not read")
			}
		}
	})
	for range 2 {
		r.step(r.host.StopVswitchd)
		r.step(r.host.StartVswitchd)
	}
	close(stop)
	scraping.Wait()
	r.until("all is there again", func() error {
		if e := scrape(); e[flows] < 1 || e[bridges] != 1 {
			return errors.New("the bridges do not answer")
		}
		return nil
	})
	r.host.Allow(regexp.MustCompile(`\|rconn\||connection dropped`))
}
