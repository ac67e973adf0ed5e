package agent

import (
	"sync"
	"testing"
	"time"
)

// TestWhatIsAskedHowOften: scrapes at the same time and within a second cost the switch
// one look, what costs it much is asked every 30 s and shown with its age, also while
// it fails, and another ovs-vswitchd is asked anew.
func TestWhatIsAskedHowOften(t *testing.T) {
	const pools, perf = "netdev-dpdk/get-mempool-info", "dpif-netdev/pmd-perf-show"
	f := newFakeSwitch(t, "3.1.0-dpdk")
	f.furnish()
	scrape := f.agent().scraper()
	asked := func(what string, wantPerf, wantPools int) {
		t.Helper()
		if gotPerf, gotPools := f.times(perf), f.times(pools); gotPerf != wantPerf || gotPools != wantPools {
			t.Errorf("%s: asked %d times for %s and %d times for %s, want %d and %d", what, gotPerf, perf, gotPools, pools, wantPerf, wantPools)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { scrape() })
	}
	all.Wait()
	asked("eight at once", 1, 1)
	f.later(10 * time.Second)
	now := scrape()
	asked("10 s later", 2, 1)
	if age := now[`sluice_collector_age_seconds{collector="mempools"}`]; age < 10 || age > 20 {
		t.Errorf("what is shown of mempools is %v s old, want 10 and a little", age)
	}
	const buffers = `ovs_mempool_buffers{numa="0",pool="ovs3db9564700021580262144"}`
	if now[buffers] != 262144 {
		t.Errorf("%s is %v", buffers, now[buffers])
	}
	f.spoiled(func(string, string) []byte { return answerOf("surprise") })
	f.later(25 * time.Second)
	now = scrape()
	asked("35 s later", 3, 2)
	const failures = `sluice_collector_failures_total{collector="mempools",fault="garbled"}`
	if age := now[`sluice_collector_age_seconds{collector="mempools"}`]; now[buffers] != 262144 || age < 35 || now[failures] != 1 ||
		now[`sluice_collector_success{collector="mempools"}`] != 0 {
		t.Errorf("of a read that failed: %v buffers, %v s old, %v failures", now[buffers], age, now[failures])
	}
	f.later(5 * time.Second)
	if now = scrape(); now[failures] != 1 {
		t.Errorf("nothing was asked, and the failures are %v", now[failures])
	}
	asked("5 s after a failure", 4, 2)
	f.spoiled(nil)
	f.later(30 * time.Second)
	now = scrape()
	asked("30 s after that", 5, 3)
	if age := now[`sluice_collector_age_seconds{collector="mempools"}`]; age > 5 || now[`sluice_collector_success{collector="mempools"}`] != 1 {
		t.Errorf("well again: %v s old", age)
	}
}
