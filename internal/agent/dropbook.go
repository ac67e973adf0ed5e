package agent

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/monitor"
)

// Looks at the drops of ports are kept so far apart, and no longer than so, that a
// few of them tell what was lost lately.
const (
	dropPause  = 10 * time.Second
	dropMemory = time.Minute
	// dropRefresh is how often OVS writes statistics where nothing says otherwise.
	dropRefresh = 5 * time.Second
)

// dropBook remembers what ports dropped a moment ago: a counter alone does not tell
// whether it still counts. It is safe for concurrent use; its zero value is ready.
type dropBook struct {
	mu     sync.Mutex
	ledger monitor.DropLedger
	looks  []dropLook // oldest first
}

// dropLook is what was counted at one time.
type dropLook struct {
	at      time.Time
	packets map[dropOf]uint64 // those that are not 0
}

// dropOf is a cause at an interface.
type dropOf struct {
	port, cause string
	direction   monitor.Direction
}

// keep takes in a snapshot where the newest look is old enough.
func (b *dropBook) keep(s monitor.Snapshot) {
	b.mu.Lock()
	n := len(b.looks)
	due := n == 0 || s.Taken.Sub(b.looks[n-1].at) >= dropPause
	b.mu.Unlock()
	if due {
		b.look(s)
	}
}

// look takes in a snapshot, and returns the causes that dropped packets by
// interface, the greatest first. What was dropped lately is told against the oldest
// look that is kept, once OVS must have written its statistics anew since.
func (b *dropBook) look(s monitor.Snapshot) map[string][]api.Drop {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks = slices.DeleteFunc(b.looks, func(l dropLook) bool { return s.Taken.Sub(l.at) > dropMemory || l.at.After(s.Taken) })
	now := dropLook{s.Taken, map[dropOf]uint64{}}
	found := monitor.Drops(monitor.DropInput{Interfaces: s.Interfaces, Unexplained: b.ledger.Look(s)})
	drops := map[string][]api.Drop{}
	for _, d := range found {
		if d.Packets == 0 {
			continue
		}
		of := dropOf{d.Interface, d.Cause, d.Direction}
		now.packets[of] = d.Packets
		out := api.Drop{Direction: string(d.Direction), Cause: d.Cause, Packets: d.Packets}
		if age := b.age(s); age > 0 {
			recent := sinceThen(b.looks[0].packets[of], d.Packets)
			out.Recent, out.Seconds = &recent, int(age/time.Second)
		}
		drops[d.Interface] = append(drops[d.Interface], out)
	}
	for _, all := range drops {
		slices.SortStableFunc(all, func(x, y api.Drop) int {
			return cmp.Or(cmp.Compare(lately(y), lately(x)), cmp.Compare(y.Packets, x.Packets))
		})
	}
	if n := len(b.looks); n == 0 || s.Taken.Sub(b.looks[n-1].at) >= dropPause {
		b.looks = append(b.looks, now)
	}
	return drops
}

// age is how long before the snapshot the oldest look was; 0 = too short a time.
func (b *dropBook) age(s monitor.Snapshot) time.Duration {
	if len(b.looks) == 0 {
		return 0
	}
	age := s.Taken.Sub(b.looks[0].at)
	if age < max(s.Internals.StatsInterval, dropRefresh) {
		return 0
	}
	return age
}

// sinceThen is the growth of a counter, which may have begun anew.
func sinceThen(was, now uint64) uint64 {
	if now < was {
		return now
	}
	return now - was
}

func lately(d api.Drop) uint64 {
	if d.Recent == nil {
		return 0
	}
	return *d.Recent
}
