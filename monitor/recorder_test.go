package monitor

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestRecorderBeforeTheFirstPass: passes are known to be none; what waits and
// whether the profile is valid is not known.
func TestRecorderBeforeTheFirstPass(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewRecorder(Build{Version: "v1"}))
	got := scrape(t, registry)
	for _, result := range results() {
		if !strings.Contains(got, `sluice_reconcile_passes_total{result="`+string(result)+`"} 0`+"\n") {
			t.Errorf("%s is not shown as 0", result)
		}
	}
	for _, unknown := range []string{"sluice_reconcile_last_pass", "sluice_pending_changes", "sluice_profile_valid"} {
		if strings.Contains(got, unknown) {
			t.Errorf("%s is shown", unknown)
		}
	}
}

func TestRecorder(t *testing.T) {
	r := NewRecorder(Build{})
	var passers sync.WaitGroup
	for range 10 {
		passers.Go(func() {
			r.Pass(ResultFailed, 20*time.Millisecond, time.Unix(1700000000, 500e6))
			r.Pending(Pending{Live: 1, PortRestart: 2, RestartNeeded: 3})
			r.Profile(false)
			r.Answer("dns", AnswerRefused, 2)
			testutil.CollectAndCount(r)
		})
	}
	passers.Wait()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(r)
	got := scrape(t, registry)
	for _, want := range []string{
		`sluice_reconcile_passes_total{result="failed"} 10`,
		`sluice_reconcile_duration_seconds_bucket{le="0.01"} 0`,
		`sluice_reconcile_duration_seconds_bucket{le="0.025"} 10`,
		`sluice_reconcile_duration_seconds_count 10`,
		`sluice_reconcile_last_pass_timestamp_seconds 1.7000000005e+09`,
		`sluice_pending_changes{class="live"} 1`,
		`sluice_pending_changes{class="pmd_recreation"} 0`,
		`sluice_pending_changes{class="port_restart"} 2`,
		`sluice_pending_changes{class="restart_needed"} 3`,
		`sluice_pending_changes{class="take_over"} 0`,
		`sluice_profile_valid 0`,
		`sluice_network_questions_total{kind="dns",result="refused"} 20`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("the scrape lacks %s:\n%s", want, got)
		}
	}
}
