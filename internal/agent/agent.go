// Package agent is the daemon without its main: the tasks, the reconcile loop
// and the connections they hold. It alone talks to the database, the control
// sockets and the host; the decisions are made by the pure packages it calls.
package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/monitor"
)

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
	network  *overlay.Network // nil without Options.Network

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
	sights    sights
	drops     dropBook
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
		a.network = overlay.New(*opt.Network, around{a}, opt.Clock, opt.Log, a.recorder)
	}
	a.collector = a.newCollector()
	a.recorder.IPFIX(a.collector.tell)
	return a
}

func (a *Agent) now() time.Time { return a.opt.Clock.Now() }

// wakeUp asks for a pass; while one is asked for already, the first reason stays.
func (a *Agent) wakeUp(reason string) {
	a.network.Poke()
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
	tasks := []task{{"profile", a.watchProfile}, {"reconcile", a.reconcile}, {"ipfix", a.collector.run}, {"network", a.network.Run}}
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
