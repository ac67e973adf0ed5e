package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/store"
)

// pace is the least time between two changes of the switch: while more comes, it
// is gathered. Each change makes ovs-vswitchd look at all its megaflows anew.
const pace = 100 * time.Millisecond

// network lays the logical network over this host's switch: it follows the store,
// computes this host's flows, and keeps the integration bridge so.
type network struct {
	opt   NetworkOptions
	log   *slog.Logger
	clock Clock
	// overlay is this host's part, nil where the profile has none, and the host's name.
	overlay func() (*logical.Overlay, string)
	observe func(context.Context) (vswitch.Observed, error)
	wake    chan struct{}
	// begin is told, besides wake, while the store is not followed yet.
	begin chan struct{}

	mu     sync.Mutex
	client *store.Client
	next   networkState // what the store holds
	beat   time.Time    // when the store was told last that this host lives
	told   networkStatus
}

// NetworkOptions say where the logical network is kept.
type NetworkOptions struct {
	Store store.Options // no Endpoints: the database that the host's own ovsdb-server serves
	Local LocalStore
}

// networkState is the store's newest snapshot, and what changed since it was
// taken last.
type networkState struct {
	snapshot *logical.Snapshot
	delta    logical.Delta
}

// networkStatus is what the task tells of itself.
type networkStatus struct {
	Store    string // why the store is not followed; "" = it is
	Switch   string // why the switch is not as computed; "" = it is
	Flows    int
	Bundles  int // how often the switch had to be changed
	Problems []string
}

// poke says that something may be different: the profile, the switch or the store.
func (n *network) poke() {
	for _, c := range []chan struct{}{n.wake, n.begin} {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// run follows the store and lays the network until ctx ends.
func (n *network) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.follow(ctx) })
	group.Go(func() error { return n.lay(ctx) })
	return group.Wait()
}

// lay keeps the switch so. The first change after a quiet time is made at once.
func (n *network) lay(ctx context.Context) error {
	sw := &laidSwitch{}
	defer sw.close()
	var last time.Time
	trimmed := 0 // flows, when memory was last trimmed
	again := redial
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
		case <-sw.done():
		case <-n.clock.After(again):
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
		again = redial
		if err == nil { // what changes wakes us; the store wants to hear that we live
			again = store.Live / 3
		}
	}
}

// errNoOverlay says that there is nothing to lay.
var errNoOverlay = errors.New("the profile has no overlay section")

// step makes the switch as the newest snapshot says, and then tells the store what
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
		return false, errors.New("the store has not been read yet")
	}
	here := localOf(o, overlay.Integration)
	here.Host = name
	changed, err = sw.lay(ctx, socketOf(n.opt.Local.RunDir, overlay.Integration), overlay.OptionClass, next, here)
	if err != nil {
		return changed, err
	}
	return changed, n.announce(ctx, next.snapshot, hostOf(o, overlay, name), here.Ports)
}

// take returns the newest snapshot with all that changed since the last call.
func (n *network) take() networkState {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.next
	n.next.delta = nil
	return taken
}

// status is what the task tells of itself now.
func (n *network) status() networkStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told
}

func (n *network) wire() *api.NetworkStatus {
	s := n.status()
	return &api.NetworkStatus{Store: s.Store, Switch: s.Switch, Flows: s.Flows, Bundles: s.Bundles, Problems: s.Problems}
}

// tellSwitch logs what became of a step, when it is another than before.
func (n *network) tellSwitch(sw *laidSwitch, changed bool, err error) {
	text := ""
	if err != nil && !errors.Is(err, errNoOverlay) {
		text = err.Error()
	}
	problems := sw.problems()
	n.mu.Lock()
	was := n.told
	n.told.Switch, n.told.Flows, n.told.Problems = text, sw.flows, problems
	if changed {
		n.told.Bundles++
	}
	n.mu.Unlock()
	if text != was.Switch && text != "" {
		n.log.Warn("logical network", "error", text)
	}
	if text != was.Switch && text == "" && !errors.Is(err, errNoOverlay) {
		n.log.Info("logical network is laid", "flows", sw.flows)
	}
	if fmt.Sprint(problems) != fmt.Sprint(was.Problems) {
		for _, p := range problems {
			n.log.Warn("logical network", "problem", p)
		}
	}
}
