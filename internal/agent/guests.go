package agent

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
	"github.com/sluice-nfv/sluice/vhost"
)

// withGuests plans, looks for the guests that OVS denies and the changes would
// disturb, and plans again where there may be some.
func (a *Agent) withGuests(ctx context.Context, db *ovsdb.Client, in plan.Input) (plan.Plan, vswitch.Observed) {
	p := plan.Make(in)
	if names := plan.Doubtful(p.Changes, in.Observed); len(names) > 0 {
		in.Observed = a.lookForGuests(ctx, db, in.Observed, names)
		p = plan.Make(in)
	}
	return p, in.Observed
}

// lookForGuests looks further than the status of vhost interfaces whose guests OVS
// denies (plan.Denied), by name, and returns the observation with what it found.
// The status may be old after a restart of ovs-vswitchd, see docs/operation.md.
func (a *Agent) lookForGuests(ctx context.Context, db *ovsdb.Client, o vswitch.Observed, names []string) vswitch.Observed {
	if len(names) == 0 || a.running() != nil { // without a switch no guest has packets to lose
		return o
	}
	counters, err := db.Statistics(ctx)
	o.Rows = slices.Clone(o.Rows)
	for i, r := range o.Rows {
		if r.Table != vswitch.IfaceTable || r.Status == nil || !slices.Contains(names, r.Name) {
			continue
		}
		status := *r.Status
		switch trace := a.guests.of(r.Name, a.now()); {
		case trace == awaited:
			status.Guest = "its guest was connected before ovs-vswitchd started anew, and may be about to come back"
		case trace == left:
		case err != nil:
			status.Guest = fmt.Sprintf("whether packets have passed it could not be read: %v", err)
		default:
			status.Guest = passed(counters[r.Name])
		}
		o.Rows[i].Status = &status
	}
	return o
}

// passed says of the counters of a vhost interface that it has had a guest; "" =
// it has not. They begin when ovs-vswitchd makes the interface, and those to and
// from the guest stay away as long as there is none; before OVS 3.1, and for up to
// 5 s since, they stay when it has left.
func passed(counters map[string]int64) string {
	rx, tx := counters["rx_packets"], counters["tx_packets"]
	if rx+tx <= 0 {
		return ""
	}
	return fmt.Sprintf("%d packets came from its guest and %d went there since ovs-vswitchd made the port", rx, tx)
}

// guestBook remembers what the database said of guests while this daemon looked.
// Its zero value is empty. Safe for concurrent use.
type guestBook struct {
	mu        sync.Mutex
	pid       int       // of the ovs-vswitchd that runs
	since     time.Time // the first look at it
	connected map[string]bool
	denied    map[string]bool // some look at it found no guest
	came      map[string]bool // and a later one found one
	before    map[string]bool // connected when the ovs-vswitchd before went, or about to come back to it
}

// trace is what the book knows of a guest that OVS denies.
type trace string

const (
	unknown trace = ""
	// awaited: it was connected to the ovs-vswitchd before this one, and has not
	// had the time to come back.
	awaited trace = "awaited"
	// left: this ovs-vswitchd said so of its coming and then of its going. One
	// whose status is stuck never tells of the coming.
	left trace = "left"
)

// comeBack is how long after a start of ovs-vswitchd the guests of the one before
// may need: it looks for them every second (lib/vhost/socket.c of DPDK,
// vhost_user_client_reconnect), after EAL and the ports have started. What the
// process before wrote of them is gone by then.
const comeBack = 20 * time.Second

// look writes down what the database says while process pid runs.
func (b *guestBook) look(o vswitch.Observed, pid int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if pid != b.pid {
		b.before = b.expected(now)
		b.pid, b.since = pid, now
		b.denied, b.came = map[string]bool{}, map[string]bool{}
	}
	b.connected = map[string]bool{}
	for _, r := range o.Rows {
		switch {
		case r.Status == nil || !vhost.Is(r):
		case !vhost.Connected(r):
			b.denied[r.Name] = true
		default:
			b.connected[r.Name] = true
			if b.denied[r.Name] || now.Sub(b.since) >= comeBack {
				b.came[r.Name] = true
			}
		}
	}
}

// expected are the guests that the next ovs-vswitchd may see: the connected ones of
// this, and those that had not had the time to come back to it. One that came and left
// is not among them.
func (b *guestBook) expected(now time.Time) map[string]bool {
	all := maps.Clone(b.connected)
	if now.Sub(b.since) >= comeBack {
		return all
	}
	for name := range b.before {
		if !b.came[name] {
			all[name] = true
		}
	}
	return all
}

// of returns what is known of the guest of an interface that OVS denies.
func (b *guestBook) of(name string, now time.Time) trace {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.came[name]:
		return left
	case b.before[name] && now.Sub(b.since) < comeBack:
		return awaited
	}
	return unknown
}
