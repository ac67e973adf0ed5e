package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// pace is the least time between two changes of the switch: while more comes, it
// is gathered. Each change makes ovs-vswitchd look at all its megaflows anew.
const pace = 100 * time.Millisecond

// redialBridge is the pause between attempts to reach the bridge: no packet passes
// while it has no flows.
const redialBridge = 200 * time.Millisecond

// network lays the logical network over this host's switch: it follows the store,
// computes this host's flows, and keeps the integration bridge so.
type network struct {
	opt   NetworkOptions
	log   *slog.Logger
	clock Clock
	// overlay is this host's part, nil where the profile has none, and the host's name.
	overlay func() (*logical.Overlay, string)
	observe func(context.Context) (vswitch.Observed, error)
	pass    func(reason string) // asks for a pass, which makes ports
	wake    chan struct{}
	asks    chan func(*laidSwitch) // questions to the one who lays

	news chan struct{}
	// wakeUnderlay is wake for carry.
	wakeUnderlay chan struct{}
	here         map[string]openflow.Port // of tell alone: the interfaces that were announced last
	twice        []string                 // of lay alone: ports that other hosts have, too
	narrow       narrowing                // of lay alone
	// begin is told, besides wake, while the store is not followed yet.
	begin chan struct{}

	mu     sync.Mutex
	client *store.Client
	next   networkState // what the store holds
	asked  askedPorts
	latest *announcement // what the store is to be told, nil before the first
	beat   time.Time     // when the store is to be told again that this host lives
	told   networkStatus
	other  otherStore  // that waits for the operator's word
	memory *store.Laid // that the laid flows are of; nil = not read yet
	// unwritten is why the memory is not on disk; "" = it is.
	unwritten string

	// questions is where the switch puts them, answering what they are answered from.
	questions chan *conversation
	answering atomic.Pointer[laidNetwork]
	recorder  *monitor.Recorder
	// sampling is how ports are sampled for IPFIX.
	sampling func() flows.Sampling

	led  map[string]bool // with mu: the ports that flows on the bridge may lead to; nil = not known
	held bool            // with mu: a pass left others there for them
}

// NetworkOptions say where the logical network is kept.
type NetworkOptions struct {
	Store store.Options // no Endpoints: the database that the host's own ovsdb-server serves
	Local LocalStore
	// NarrowAbove is how many ports a network may have of which all are read; 0 = any
	// number.
	NarrowAbove int
}

// networkState is the store's newest snapshot, and what changed since it was
// taken last.
type networkState struct {
	snapshot *logical.Snapshot
	delta    logical.Delta
	since    time.Time // when its generation was seen first
}

// poke says that something may be different: the profile, the switch or the store.
func (n *network) poke() {
	for _, wake := range []chan struct{}{n.wake, n.wakeUnderlay, n.begin} {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// run follows the store and lays the network until ctx ends.
func (n *network) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.follow(ctx) })
	group.Go(func() error { return n.lay(ctx) })
	group.Go(func() error { return n.tell(ctx) })
	group.Go(func() error { return n.respond(ctx) })
	group.Go(func() error { return n.carry(ctx) })
	return group.Wait()
}

// lay keeps the switch so. The first change after a quiet time is made at once.
func (n *network) lay(ctx context.Context) error {
	sw := &laidSwitch{listen: n.listen}
	defer sw.close()
	var last time.Time
	var others feud
	var mend <-chan time.Time // when what others did is put right
	due := n.clock.After(redial)
	trimmed := 0 // flows, when memory was last trimmed
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-n.asks:
			f(sw)
			continue
		case <-n.wake:
		case <-sw.done():
		case <-sw.changedByOthers():
			if mend == nil {
				mend = n.clock.After(others.wait(n.clock.Now()))
			}
			continue
		case <-mend:
			mend, sw.stale = nil, true
		case <-due:
			sw.look = true
		}
		if wait := pace - n.clock.Now().Sub(last); wait > 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-n.clock.After(wait):
			}
		}
		changed, err := n.step(ctx, sw)
		if ctx.Err() != nil {
			return nil
		}
		if changed {
			last = n.clock.Now()
		}
		n.tellSwitch(sw, changed, err)
		if sw.flows > 2*trimmed {
			trim()
			trimmed = sw.flows
		}
		again := redial
		switch {
		case err == nil: // what changes wakes us
			again = lookAt
		case sw.away():
			again = redialBridge
		}
		due = n.clock.After(again)
	}
}

// errNoOverlay says that there is nothing to lay.
var errNoOverlay = errors.New("the profile has no overlay section")

// errStoreUnread says that there is nothing to lay yet, as after each start. That the
// store cannot be reached is told by who reads it.
var errStoreUnread = errors.New("the store has not been read yet")

// step makes the switch as the newest snapshot says, and then has the store told what
// is here: a port is bound when its flows are in.
func (n *network) step(ctx context.Context, sw *laidSwitch) (changed bool, err error) {
	overlay, name := n.overlay()
	if overlay == nil {
		sw.close()
		return false, errNoOverlay
	}
	o, err := n.observe(ctx)
	if err != nil {
		return false, err
	}
	next := n.take()
	if next.snapshot == nil {
		if sw.bare.look(ctx, n.clock.Now(), n.opt.Local.RunDir, overlay.Integration); sw.bare.known {
			sw.flows = sw.bare.held
		}
		return false, errStoreUnread
	}
	sw.bare = bare{}
	here := localOf(o, overlay.Integration)
	here.local.Host, here.local.Sampling = name, n.sampling()
	leads := n.avoid(&here.local)
	changed, err = sw.lay(ctx, socketOf(n.opt.Local.RunDir, overlay.Integration), overlay.OptionClass, next, here)
	if err != nil {
		n.lives(announcement{snapshot: next.snapshot, host: hostOf(o, overlay, name)})
		return changed, err
	}
	n.leads(leads)
	n.laid(announcement{true, next.snapshot, hostOf(o, overlay, name), here.local.Ports, here.away})
	n.remember(next.snapshot)
	n.answering.Store(&laidNetwork{next.snapshot, here.local})
	n.twice = twice(next.snapshot, name)
	return changed, n.narrow.follow(next.snapshot, sw.compiler.Need(), n.narrowTo)
}

// narrowTo narrows what is read of the store.
func (n *network) narrowTo(r *store.Reach) error {
	n.mu.Lock()
	client := n.client
	n.mu.Unlock()
	return client.Narrow(r)
}

// take returns the newest snapshot with all that changed since the last call.
func (n *network) take() networkState {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.next
	n.next.delta = nil
	return taken
}

// snapshot is the newest that the store told of, nil before the first.
func (n *network) snapshot() *logical.Snapshot {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next.snapshot
}
