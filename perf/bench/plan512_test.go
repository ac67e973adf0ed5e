package bench

import (
	"testing"

	"github.com/sluice-nfv/sluice/internal/plan"
)

// BenchmarkPlan512 is what scenario plan512 measures, for profiling:
//
//	go test ./perf/bench -run '^$' -bench Plan512 -cpuprofile cpu.prof
func BenchmarkPlan512(b *testing.B) {
	inputs, err := planInputs(planProfile().text())
	if err != nil {
		b.Fatal(err)
	}
	for side, in := range inputs {
		b.Run(side, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p := plan.Make(in); p.Converged() != (side == convergedHost) {
					b.Fatalf("%d changes", len(p.Changes))
				}
			}
		})
	}
}

// The scenario plans what it says: 512 ports, and nothing where all is as wanted.
func TestPlanInputs(t *testing.T) {
	r, err := Run(t.Context(), func() Scenario {
		s := planScenario()
		s.Repeats = Repeats{Least: 1, Most: 1}
		return s
	}(), env())
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range r.Sides {
		if len(side.Samples["plan"]) != 1 || side.Samples["plan"][0] <= 0 {
			t.Errorf("%s: samples %v", side.Name, side.Samples)
		}
	}
	profile, err := planProfile().parse()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(profile.Bridges[0].Ports) + len(profile.VHost.Ports); n != 512 {
		t.Errorf("%d ports", n)
	}
}
