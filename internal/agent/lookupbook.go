package agent

import (
	"strconv"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/pmd"
)

const (
	// lookupWindow is the shortest time that the tiers of lookups are compared over.
	lookupWindow = 10 * time.Second
	// lookupsOld is when what was compared tells nothing any more.
	lookupsOld = 5 * time.Minute
)

// lookupBook remembers at which tiers lookups ended, as scrapes and status happened
// to read it: whoever judges asks the switch nothing. Its zero value is empty. Safe
// for concurrent use.
type lookupBook struct {
	mu       sync.Mutex
	began    []pmd.Tiers // what the window under way began with
	since    time.Time
	was, is  []pmd.Tiers // the window that ended last
	compared time.Time   // when it did; zero = none has
}

// look writes down what threads counted.
func (b *lookupBook) look(threads []monitor.PMDSample, now time.Time) {
	var tiers []pmd.Tiers
	for _, p := range threads {
		if !p.Main && p.Lookups != nil && p.Passes != nil {
			tiers = append(tiers, pmd.Tiers{Core: p.Core, Passes: *p.Passes, EMC: p.Lookups.EMC, SMC: p.Lookups.SMC, Megaflow: p.Lookups.Megaflow})
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch age := now.Sub(b.since); {
	case b.since.IsZero() || age > lookupsOld:
	case age < lookupWindow:
		return
	default:
		b.was, b.is, b.compared = b.began, tiers, now
	}
	b.began, b.since = tiers, now
}

// findings judge the newest window by what the database asks of the caches.
func (b *lookupBook) findings(o vswitch.Observed, now time.Time) []finding.Finding {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.compared.IsZero() || now.Sub(b.compared) > lookupsOld {
		return nil
	}
	root, _ := o.Row(vswitch.Root)
	inverse := uint64(100) // OVS's own
	if n, err := strconv.ParseUint(root.Settings["other_config:emc-insert-inv-prob"], 10, 32); err == nil {
		inverse = n
	}
	return pmd.EMCThrash(b.was, b.is, inverse, root.Settings["other_config:smc-enable"] == "true")
}
