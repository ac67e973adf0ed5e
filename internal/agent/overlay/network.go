package overlay

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// Network lays the logical network over this host's switch: it follows the store,
// computes this host's flows, and keeps the integration bridge so. Its methods are safe
// for concurrent use; a nil one is a host without a part in the network, which does
// nothing, is asked for no ports and answers questions with why.
type Network struct {
	opt    Options
	daemon Daemon
	log    *slog.Logger
	clock  Clock
	wake   chan struct{}
	asks   chan func(*laidSwitch) // questions to the one who lays

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
	told   Status
	other  otherStore  // that waits for the operator's word; with filing, too
	memory *store.Laid // that the laid flows are of, nil = not read yet; with filing, too

	// filing is held by who decides which store is laid, and reads or writes it on disk
	// for that. It is taken before mu, which is never held over the disk.
	filing sync.Mutex
	// unwritten is why the memory is not on disk; "" = it is. With filing.
	unwritten string

	// questions is where the switch puts them, answering what they are answered from.
	questions chan *conversation
	answering atomic.Pointer[laidNetwork]
	recorder  *monitor.Recorder
	ways      wayBook

	led  map[string]bool // with mu: the ports that flows on the bridge may lead to; nil = not known
	held bool            // with mu: a pass left others there for them
}

// redial is the pause between attempts at what failed.
const redial = time.Second

// Options say where the logical network is kept.
type Options struct {
	Store store.Options // no Endpoints: the database that the host's own ovsdb-server serves
	Local LocalStore
	// NarrowAbove is how many ports a network may have of which all are read; 0 = any
	// number.
	NarrowAbove int
	// Trim is called when the network has become a good deal larger, to give back what
	// its reading took; nil = nobody.
	Trim func()
}

// networkState is the store's newest snapshot, and what changed since it was
// taken last.
type networkState struct {
	snapshot *logical.Snapshot
	delta    logical.Delta
	since    time.Time // when its generation was seen first
	accepted int       // how often the operator accepted another store before
}

// Poke says that something may be different: the profile, the switch or the store.
func (n *Network) Poke() {
	if n == nil {
		return
	}
	for _, wake := range []chan struct{}{n.wake, n.wakeUnderlay, n.begin} {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// Run follows the store and lays the network until ctx ends. It is called once.
func (n *Network) Run(ctx context.Context) error {
	if n == nil {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.follow(ctx) })
	group.Go(func() error { return n.lay(ctx) })
	group.Go(func() error { return n.tell(ctx) })
	group.Go(func() error { return n.respond(ctx) })
	group.Go(func() error { return n.carry(ctx) })
	return group.Wait()
}

// Snapshot is the newest that the store told of, nil before the first.
func (n *Network) Snapshot() *logical.Snapshot {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next.snapshot
}
