package pmd_test

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/pmd"
)

func TestEMCThrash(t *testing.T) {
	was := []pmd.Tiers{{Core: 1, Passes: 1_000_000, EMC: 900_000, Megaflow: 100_000}, {Core: 2, Passes: 5_000_000, EMC: 5_000_000}}
	next := func(core int, passes, emc, smc, megaflow uint64) pmd.Tiers {
		i := core - 1
		return pmd.Tiers{Core: core, Passes: was[i].Passes + passes, EMC: was[i].EMC + emc, SMC: was[i].SMC + smc, Megaflow: was[i].Megaflow + megaflow}
	}
	for name, tt := range map[string]struct {
		is      []pmd.Tiers
		inverse uint64
		smc     bool
		want    string // in what is said and how to mend it; empty = nothing
	}{
		"all in the cache":           {[]pmd.Tiers{next(1, 1e6, 990_000, 0, 10_000)}, 100, false, ""},
		"most past the cache":        {[]pmd.Tiers{next(1, 1e6, 100_000, 0, 900_000)}, 100, false, "core 1 (10 % cache, 90 % megaflow)"},
		"mend it by SMC":             {[]pmd.Tiers{next(1, 1e6, 100_000, 0, 900_000)}, 100, false, "cpu.lookup.smc: true"},
		"SMC is on":                  {[]pmd.Tiers{next(1, 1e6, 100_000, 100_000, 800_000)}, 100, true, "emcInverseProbability: 0"},
		"SMC answers":                {[]pmd.Tiers{next(1, 1e6, 100_000, 600_000, 300_000)}, 100, true, ""},
		"only one of two":            {[]pmd.Tiers{next(1, 1e6, 1e6, 0, 0), next(2, 1e6, 0, 0, 1e6)}, 100, false, "packets: core 2 (0 % cache"},
		"the cache is off":           {[]pmd.Tiers{next(1, 1e6, 0, 0, 1e6)}, 0, false, ""},
		"upcalls are something else": {[]pmd.Tiers{next(1, 1e6, 100_000, 0, 100_000)}, 100, false, ""},
		"little traffic":             {[]pmd.Tiers{next(1, 99_999, 0, 0, 99_999)}, 100, false, ""},
		"cleared meanwhile":          {[]pmd.Tiers{{Core: 1, Passes: 900_000, Megaflow: 900_000}}, 100, false, ""},
		"a new thread":               {[]pmd.Tiers{{Core: 7, Passes: 9_000_000, Megaflow: 9_000_000}}, 100, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := pmd.EMCThrash(was, tt.is, tt.inverse, tt.smc)
			if tt.want == "" {
				if len(got) > 0 {
					t.Errorf("says %+v", got)
				}
				return
			}
			if len(got) != 1 || !strings.Contains(got[0].What+got[0].Fix, tt.want) {
				t.Errorf("says %+v, want %s", got, tt.want)
			}
		})
	}
}
