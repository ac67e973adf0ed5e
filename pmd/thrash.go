package pmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// emcEntries is the size of a thread's exact-match cache (lib/dpif-netdev-private-dfc.h,
// EM_FLOW_HASH_ENTRIES, OVS 2.17 to 4.0).
const emcEntries = 8192

const (
	// thrashPasses are the fewest passes of a thread that say something.
	thrashPasses = 100_000
	// thrashBelow is the share of passes that the caches must answer not to be in vain.
	thrashBelow = 0.5
)

// Tiers are the passes of one thread since it started, by the tier that answered.
type Tiers struct {
	Core                       int
	Passes, EMC, SMC, Megaflow uint64
}

// EMCThrash tells of threads whose exact-match cache is filled with flows and
// answers less than half of the passes while the megaflows answer as many: more
// flows than it holds are active, and each new entry puts out one that was wanted.
// It compares what threads counted at two times; threads whose counters ran
// backwards, or that had little to do, are left out. inverse is
// emc-insert-inv-prob, 0 = nothing is inserted; smc is smc-enable.
func EMCThrash(was, is []Tiers, inverse uint64, smc bool) []finding.Finding {
	if inverse == 0 {
		return nil
	}
	var cores []string
	for _, now := range is {
		i := slices.IndexFunc(was, func(t Tiers) bool { return t.Core == now.Core })
		if i < 0 {
			continue
		}
		d, ok := now.since(was[i])
		if !ok || d.Passes < thrashPasses {
			continue
		}
		caches, megaflows := float64(d.EMC+d.SMC)/float64(d.Passes), float64(d.Megaflow)/float64(d.Passes)
		if caches < thrashBelow && megaflows >= thrashBelow {
			cores = append(cores, fmt.Sprintf("core %d (%.0f %% cache, %.0f %% megaflow)", d.Core, 100*caches, 100*megaflows))
		}
	}
	if len(cores) == 0 {
		return nil
	}
	f := finding.Finding{
		Severity: finding.Warning, Code: "emc-thrash", Path: "cpu.lookup",
		What: fmt.Sprintf("the exact-match cache answers few of the packets: %s; more flows are active than its %d entries hold, or they are too short to get one", strings.Join(cores, ", "), emcEntries),
		Cost: "each packet searches the cache in vain, and then the subtables of the megaflows",
		Fix:  "set cpu.lookup.smc: true, which holds 1,048,576 flows a thread; or cpu.lookup.emcInverseProbability higher, so that fewer entries are put out",
	}
	if smc {
		f.Fix = "SMC is on already: set cpu.lookup.emcInverseProbability: 0, which saves the search of the exact-match cache, or spread the flows over more PMDs"
	}
	return []finding.Finding{f}
}

// since is what was counted between two times; false = a counter ran backwards.
func (t Tiers) since(was Tiers) (Tiers, bool) {
	if t.Passes < was.Passes || t.EMC < was.EMC || t.SMC < was.SMC || t.Megaflow < was.Megaflow {
		return Tiers{}, false
	}
	return Tiers{t.Core, t.Passes - was.Passes, t.EMC - was.EMC, t.SMC - was.SMC, t.Megaflow - was.Megaflow}, true
}
