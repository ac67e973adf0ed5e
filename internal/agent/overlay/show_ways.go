package overlay

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/api"
)

// Looks at the tunnels' counters tell of a while of at least wayPause: OVS adds to
// flows what megaflows counted each half second or so (max-revalidator).
const (
	wayPause  = 3 * time.Second
	wayMemory = time.Minute
)

// wayBook remembers what the tunnels' flows counted a moment ago. It is safe for
// concurrent use; its zero value is ready.
type wayBook struct {
	mu    sync.Mutex
	looks []wayLook // oldest first
}

type wayLook struct {
	at     time.Time
	counts map[logical.ID[logical.Host]]count
}

// look takes in what was counted at a time.
func (b *wayBook) look(at time.Time, counts map[logical.ID[logical.Host]]count) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks = slices.DeleteFunc(b.looks, func(l wayLook) bool { return at.Sub(l.at) > wayMemory || l.at.After(at) })
	if n := len(b.looks); n == 0 || at.Sub(b.looks[n-1].at) >= wayPause {
		b.looks = append(b.looks, wayLook{at, maps.Clone(counts)})
	}
}

// lately is what a host's counters went up by since the oldest look that is kept.
func (b *wayBook) lately(host logical.ID[logical.Host], at time.Time, now count) tunnel.Lately {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.looks) == 0 || at.Sub(b.looks[0].at) < wayPause {
		return tunnel.Lately{}
	}
	was := b.looks[0].counts[host]
	return tunnel.Lately{Sent: sinceThen(was.sent, now.sent), Received: sinceThen(was.received, now.received), Over: at.Sub(b.looks[0].at)}
}

// sinceThen is what a counter went up by, one that began anew all it has.
func sinceThen(was, now uint64) uint64 {
	if now < was {
		return now
	}
	return now - was
}

// lookAgain is the pause before a second look: OVS counts anew at ports each 5 s
// (other_config:stats-update-interval).
const lookAgain = 6 * time.Second

// tunnels looks at all that tunnels are made of, twice where one look cannot tell
// whether packets are lost now.
func (n *Network) tunnels(ctx context.Context) (*tunnelView, error) {
	v, err := n.lookAtTunnels(ctx)
	if err != nil || !v.doubtful() {
		return v, err
	}
	select {
	case <-ctx.Done():
		return v, nil
	case <-n.clock.After(lookAgain):
	}
	return n.lookAtTunnels(ctx)
}

func (v *tunnelView) doubtful() bool {
	for h := range v.snapshot.Hosts() {
		if h.Name == v.host {
			continue
		}
		f := v.factsOf(h)
		if f.Doubtful() || f.Route != nil && slices.ContainsFunc(v.uplinks[f.Route.Device], func(u Uplink) bool { return u.Undecided }) {
			return true
		}
	}
	return false
}

// nics are the NICs of a bridge whose link OVS tells.
func (v *tunnelView) nics(bridge string) []tunnel.NIC {
	var all []tunnel.NIC
	for _, u := range v.uplinks[bridge] {
		if u.Link != "" {
			all = append(all, tunnel.NIC{Name: u.Name, Link: u.Link == "up"})
		}
	}
	return all
}

// losses are what the NICs of a bridge drop now.
func (v *tunnelView) losses(bridge string) []api.Reason {
	var all []api.Reason
	for _, u := range v.uplinks[bridge] {
		all = append(all, u.Losses...)
	}
	return all
}
