package agent

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
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

// tunnels looks at all that tunnels are made of, twice where one look cannot tell
// whether packets are lost now.
func (a *Agent) tunnels(ctx context.Context) (*tunnelView, error) {
	v, err := a.lookAtTunnels(ctx)
	if err != nil || !v.doubtful() {
		return v, err
	}
	select {
	case <-ctx.Done():
		return v, nil
	case <-a.opt.Clock.After(dropRefresh + time.Second):
	}
	return a.lookAtTunnels(ctx)
}

func (v *tunnelView) doubtful() bool {
	for h := range v.snapshot.Hosts() {
		if h.Name == v.host {
			continue
		}
		f := v.factsOf(h)
		if f.Doubtful() || f.Route != nil && slices.ContainsFunc(v.uplinks[f.Route.Device], func(u uplink) bool { return undecided(u.port) }) {
			return true
		}
	}
	return false
}

// uplinks are the NICs of each bridge with what they lose.
type uplinks map[string][]uplink

type uplink struct {
	port api.Port
	row  vswitch.ObservedRow
}

// uplinks reads the NICs; none where the database is not read.
func (a *Agent) uplinks(ctx context.Context) uplinks {
	s := a.newReading()
	s.together(ctx, part{"interfaces", fresh(s.interfaces)})
	v := view{observed: s.observed, snap: s.snap, drops: a.drops.look(s.snap)}
	found := uplinks{}
	for _, p := range v.ports() {
		switch p.Type {
		case "", "system", "dpdk", "afxdp", "afxdp-nonpmd":
			row, _ := s.observed.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: p.Name})
			found[p.Bridge] = append(found[p.Bridge], uplink{p, row})
		}
	}
	return found
}

// nics are the NICs of a bridge whose link OVS tells.
func (u uplinks) nics(bridge string) []tunnel.NIC {
	var all []tunnel.NIC
	for _, n := range u[bridge] {
		if n.port.Link != "" {
			all = append(all, tunnel.NIC{Name: n.port.Name, Link: n.port.Link == "up"})
		}
	}
	return all
}

// losses are what the NICs of a bridge drop now.
func (u uplinks) losses(bridge string) []api.Reason {
	var all []api.Reason
	for _, n := range u[bridge] {
		reasons, _ := dropReasons(n.port, n.row)
		all = append(all, reasons...)
	}
	return all
}

// unwatched tells of ports whose other end BFD does not hear.
func unwatched(ports []api.Port) []string {
	var all []string
	for _, p := range ports {
		if p.BFD != "" && p.BFD != "up" {
			all = append(all, fmt.Sprintf("port %s: BFD is %s, nothing goes by it: sluicectl tunnel explain %s", p.Name, p.BFD, p.Name))
		}
	}
	return all
}

// bfdReasons says that BFD does not hear the other end of a port.
func bfdReasons(p api.Port) []api.Reason {
	if p.BFD == "" || p.BFD == "up" {
		return nil
	}
	return []api.Reason{{
		What: fmt.Sprintf("BFD on port %s is %s: its other end is not heard, and nothing is sent by it", p.Name, p.BFD),
		Fix:  "sluicectl tunnel explain " + p.Name,
	}}
}
