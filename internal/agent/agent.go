// Package agent is the daemon without its main: the tasks, the reconcile loop
// and the connections they hold. It alone talks to the database, the control
// sockets and the host; the decisions are made by the pure packages it calls.
package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// Options is what a daemon is started with. Fields without a note are required.
type Options struct {
	Profile  string // path of the host profile
	Vars     string // path of the profile's variables; may not exist
	Hostname string // default name of a profile that has none

	Database string // "unix:/var/run/openvswitch/db.sock"
	RunDir   string // of ovs-vswitchd: where its control socket is

	Host host.FS // the host's root

	// API and Metrics are listeners that Run serves and closes; nil = none.
	API     net.Listener
	Metrics net.Listener
	// MetricsURL is what status tells of Metrics.
	MetricsURL string

	// Network says where the logical network is kept; nil = the overlay section of a
	// profile is not carried out.
	Network *NetworkOptions
	// Reload delivers SIGHUP; nil = none.
	Reload <-chan os.Signal
	// Notify tells the service manager a state in words; nil = nobody.
	Notify func(state string)
	// Ready is called after the first pass, and after the first one that follows a
	// SIGHUP; Reloading is called when one came. nil = nobody.
	Ready, Reloading func()

	Log   *slog.Logger // nil = discard
	Clock Clock
	// Every is the pause after which a pass looks again although nothing
	// called; 0 = 30 s.
	Every time.Duration
	// MetricsWithout are the sets of metrics that are not shown.
	MetricsWithout []monitor.Set
	// ListenUDP opens the socket for flow records where the profile says; nil = in the
	// daemon's own network namespace.
	ListenUDP func(netip.AddrPort) (*net.UDPConn, error)
}

// Clock is time as the agent sees it.
type Clock interface {
	Now() time.Time
	// After returns a channel that gets the time once d has passed.
	After(d time.Duration) <-chan time.Time
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Every == 0 {
		o.Every = 30 * time.Second
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	if o.Reloading == nil {
		o.Reloading = func() {}
	}
	if o.ListenUDP == nil {
		o.ListenUDP = listenIPFIX
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
}

// Agent is a running daemon. Its methods are safe for concurrent use.
type Agent struct {
	opt      Options
	log      *slog.Logger
	profile  *profileKeeper
	db       *session
	ctl      *unixctl.Client
	recorder *monitor.Recorder
	release  atomic.Pointer[releaseOf] // of OVS, as the switch told it last
	held     held
	guests   guestBook
	network  *network // nil without Options.Network

	began time.Time
	wake  chan string // one slot: why the next pass runs
	turn  turn        // one writer at a time
	owed  atomic.Bool // the next pass ends with Ready
	// warned has the commands whose replies could not be read, which was warned of.
	warned sync.Map
	state  stateBox
	vhosts vhostBook

	lookups lookupBook
	// collector takes the flow records that OVS exports.
	collector *collector
	drops     dropBook
	ways      wayBook
}

// New returns an agent that does nothing until Run.
func New(opt Options) *Agent {
	opt.defaults()
	a := &Agent{opt: opt, log: opt.Log, began: opt.Clock.Now(), wake: make(chan string, 1), turn: newTurn()}
	a.owed.Store(true)
	a.ctl = unixctl.New(opt.RunDir, "ovs-vswitchd")
	a.db = &session{endpoint: opt.Database, log: opt.Log, clock: opt.Clock, wake: a.wakeUp}
	a.profile = &profileKeeper{path: opt.Profile, vars: opt.Vars, hostname: opt.Hostname, now: a.now, wake: a.wakeUp}
	v := build.Version()
	a.recorder = monitor.NewRecorder(monitor.Build{Version: v.Version, Revision: v.Revision, Go: v.Go})
	if opt.Network != nil {
		a.network = &network{
			opt: *opt.Network, log: opt.Log, clock: opt.Clock, overlay: a.overlay, observe: a.observed, pass: a.wakeUp,
			wake: make(chan struct{}, 1), wakeUnderlay: make(chan struct{}, 1), begin: make(chan struct{}, 1), news: make(chan struct{}, 1),
			questions: make(chan *conversation, 1), recorder: a.recorder, asks: make(chan func(*laidSwitch)),
			narrow: narrowing{above: opt.Network.NarrowAbove}, sampling: a.sampling,
		}
	}
	a.collector = a.newCollector()
	a.recorder.IPFIX(a.collector.tell)
	return a
}

func (a *Agent) now() time.Time { return a.opt.Clock.Now() }

// wakeUp asks for a pass; while one is asked for already, the first reason stays.
func (a *Agent) wakeUp(reason string) {
	if a.network != nil {
		a.network.poke()
	}
	select {
	case a.wake <- reason:
	default:
	}
}

// task is one long-lived activity. Run returns nil when ctx ends.
type task struct {
	name string
	run  func(context.Context) error
}

// lastWords is how long a write under way may take to end, or to roll back, when
// the daemon is told to stop: below systemd's 90 seconds.
const lastWords = 70 * time.Second

// Run works until ctx ends or a task fails. It returns nil on a cancelled ctx.
// What it changed on the host stays as it is: a daemon that ends moves no packet.
// The database session ends last, when nobody writes any more.
func (a *Agent) Run(ctx context.Context) error {
	if err := a.profile.load(); err != nil {
		a.log.Error("no profile in force, nothing will be touched", "error", err)
	}
	session, endSession := context.WithCancel(context.WithoutCancel(ctx))
	defer endSession()
	sessionEnded := make(chan error, 1)
	go func() { sessionEnded <- a.db.run(session) }()
	err := a.work(ctx)
	last, cancel := context.WithTimeout(session, lastWords)
	defer cancel()
	if err := a.turn.take(last); err != nil {
		a.log.Error("a write was still under way at the end: the next start looks at everything anew")
	}
	endSession()
	return errors.Join(err, <-sessionEnded)
}

// work runs the tasks until ctx ends or one of them fails.
func (a *Agent) work(ctx context.Context) error {
	tasks := []task{{"profile", a.watchProfile}, {"reconcile", a.reconcile}, {"ipfix", a.collector.run}}
	if a.network != nil {
		tasks = append(tasks, task{"network", a.network.run})
	}
	if a.opt.API != nil {
		tasks = append(tasks, task{"api", func(ctx context.Context) error { return api.Serve(ctx, a.opt.API, a.apiHandler(), a.log) }})
	}
	if a.opt.Metrics != nil {
		tasks = append(tasks, task{"metrics", func(ctx context.Context) error {
			handler, err := a.metricsHandler(ctx)
			if err != nil {
				return err
			}
			return monitor.Serve(ctx, a.opt.Metrics, handler, a.log)
		}})
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range tasks {
		group.Go(func() error {
			if err := t.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// watchProfile reads the profile again when it changes and on SIGHUP.
func (a *Agent) watchProfile(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.profile.watch(ctx, changed) })
	group.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
				a.reload(ctx, "profile changed")
			case _, ok := <-a.opt.Reload:
				if !ok {
					return nil
				}
				a.opt.Reloading()
				a.reload(ctx, sighup)
			}
		}
	})
	return group.Wait()
}

const sighup = "SIGHUP"

// reload reads the profile in a turn of its own, so that an apply which
// installs a file never meets its own file event half way.
func (a *Agent) reload(ctx context.Context, reason string) {
	if a.turn.take(ctx) != nil {
		return
	}
	defer a.turn.give()
	if reason == sighup {
		a.owed.Store(true)
	}
	err := a.profile.load()
	switch inForce, _, _ := a.profile.get(); {
	case err != nil && inForce != nil:
		a.log.Error("profile not taken, the former one stays in force", "error", err)
	case err != nil:
		a.log.Warn("no profile is in force", "error", err)
	}
	a.wakeUp(reason)
}

// overlay is the profile's part in the logical network, and the host's name in it.
func (a *Agent) overlay() (*logical.Overlay, string) {
	p, _, _ := a.profile.get()
	if p == nil {
		return nil, ""
	}
	return p.Overlay, cmp.Or(p.Name, a.opt.Hostname)
}

func (a *Agent) observed(ctx context.Context) (vswitch.Observed, error) {
	db, err := a.db.get()
	if err != nil {
		return vswitch.Observed{}, err
	}
	return db.Observe(ctx)
}
