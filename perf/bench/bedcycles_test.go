package bench

import (
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/pmd"
)

func TestCyclesPerPacket(t *testing.T) {
	perf := func(packets, used uint64, busy float64, since time.Duration) pmd.Perf {
		return pmd.Perf{RxPackets: &packets, UsedCycles: &used, BusyPercent: &busy, Duration: since}
	}
	for _, c := range []struct {
		what   string
		perf   pmd.Perf
		cycles float64
		ok     bool
	}{
		{"idle cycles are not the packets'", perf(10_000, 2_000_000, 90, 2*time.Millisecond), 180, true},
		{"few packets", perf(bedPackets-1, 2_000_000, 100, 2*time.Millisecond), 0, false},
		{"not cleared yet", perf(10_000, 2_000_000, 100, 5*time.Millisecond), 0, false},
		{"nothing known", pmd.Perf{}, 0, false},
	} {
		if cycles, ok := cyclesPerPacket(c.perf, 3*time.Millisecond); cycles != c.cycles || ok != c.ok {
			t.Errorf("%s: %v %v, want %v %v", c.what, cycles, ok, c.cycles, c.ok)
		}
	}
}
