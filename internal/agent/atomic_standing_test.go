package agent

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// What OVS refused before, on whatever port, does not make an atomic apply take
// back what it took; it is told all the same.
func TestAtomicApplyBesideAStandingRefusal(t *testing.T) {
	refusingMeters(t)
	r := prepare(t, lab.Options{DPDK: true, Unconfigured: true})
	r.host.Allow(regexp.MustCompile(`Could not create rte meter|Failed to set QoS type egress-policer`))
	limited := strings.Replace(dpdkProfile, "rxQueues: 2}", "rxQueues: 2, rateLimit: {egress: {rate: 1G}}}", 1)
	r.write(limited)
	r.start()
	r.await(monitor.ResultRefused)
	result, err := r.apply(api.ApplyRequest{Profile: r.text(strings.Replace(limited, "rxQueues: 2,", "rxQueues: 2, mtu: 1400,", 1)), Atomic: true})
	if err != nil || len(result.RolledBack) > 0 {
		t.Errorf("apply: %v, rolled back %q", err, result.RolledBack)
	}
	if len(result.Refused) != 1 || !strings.Contains(result.Refused[0], "no limit is in force") {
		t.Errorf("refused is told as %q", result.Refused)
	}
	if got := r.vsctl("get", "Interface", "tap0", "mtu_request"); got != "1400" {
		t.Errorf("mtu_request is %s", got)
	}
}
