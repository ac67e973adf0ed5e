package agent

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/pmd"
)

// partPatience bounds one part of a snapshot. Together with askPatience it stays
// below the 2 s that a scrape may take: a part that hangs is absent alone.
const partPatience = 800 * time.Millisecond

// reading is one snapshot being taken.
type reading struct {
	a        *Agent
	snap     monitor.Snapshot
	silent   error            // why the switch is asked nothing; nil = it answers
	observed vswitch.Observed // zero where the database could not be read
	sight    *sight           // nil there

	dialing sync.Mutex
	conn    *unixctl.Conn // nil = nothing was asked yet
}

func (a *Agent) newReading() *reading {
	return &reading{a: a, snap: monitor.Snapshot{Taken: a.now()}}
}

// Call asks the switch, over one connection for the whole snapshot.
func (s *reading) Call(ctx context.Context, command string, args ...string) (string, error) {
	conn, err := s.connection(ctx)
	if err != nil {
		return "", err
	}
	return conn.Call(ctx, command, args...)
}

func (s *reading) connection(ctx context.Context) (*unixctl.Conn, error) {
	s.dialing.Lock()
	defer s.dialing.Unlock()
	if s.conn == nil {
		conn, err := s.a.ctl.Open(ctx)
		if err != nil {
			return nil, err
		}
		s.conn = conn
	}
	return s.conn, nil
}

// end closes what was opened.
func (s *reading) end() {
	s.dialing.Lock()
	defer s.dialing.Unlock()
	if s.conn != nil {
		s.conn.Close()
	}
}

// part is what one collector reads.
type part struct {
	name string
	read func(context.Context) partResult
}

// partResult is what a part came to.
type partResult struct {
	put func() // puts what was read into the snapshot; nil = nothing was
	err error
	// Of an partResult that is kept from an earlier snapshot: when it was read and how
	// long that took. Zero = now.
	at    time.Time
	took  time.Duration
	again bool
}

// fresh is the read of a part that is read each time.
func fresh(read func(context.Context) (func(), error)) func(context.Context) partResult {
	return func(ctx context.Context) partResult {
		put, err := read(ctx)
		return partResult{put: put, err: err}
	}
}

// asked is the same of a part that asks the switch, which must not be silent.
func (s *reading) asked(read func(context.Context) (func(), error)) func(context.Context) partResult {
	return func(ctx context.Context) partResult {
		if s.silent != nil {
			return partResult{err: s.silent}
		}
		return fresh(read)(ctx)
	}
}

// together reads the parts at the same time: one round of the switch's main loop
// answers all that came before it. Then it puts them in, in their order.
func (s *reading) together(ctx context.Context, parts ...part) {
	ctx, cancel := context.WithTimeout(ctx, partPatience)
	defer cancel()
	start := s.a.now()
	results := make([]partResult, len(parts))
	var all sync.WaitGroup
	for i, p := range parts {
		all.Go(func() {
			results[i] = p.read(ctx)
			if results[i].at.IsZero() {
				results[i].at, results[i].took = start, s.a.now().Sub(start)
			}
		})
	}
	all.Wait()
	for i, o := range results {
		r := monitor.CollectorResult{Name: parts[i].name, Duration: o.took, Error: o.err, Again: o.again}
		if o.err != nil {
			r.Fault = faultOf(o.err)
		}
		if o.put != nil {
			o.put()
			r.Taken = o.at
		}
		s.snap.Collectors = append(s.snap.Collectors, r)
	}
}

// faultOf is the kind of an error of the switch's or the database's.
func faultOf(err error) monitor.Fault {
	var refused *unixctl.CommandError
	var ofError *openflow.Error
	switch {
	case errors.As(err, &refused), errors.As(err, &ofError):
		return monitor.FaultRefused
	case errors.Is(err, appctl.ErrFormat), errors.Is(err, pmd.ErrFormat), errors.Is(err, openflow.ErrFormat), errors.Is(err, unixctl.ErrProtocol):
		return monitor.FaultGarbled
	case errors.Is(err, unixctl.ErrHung), errors.Is(err, unixctl.ErrClosed), errors.Is(err, unixctl.ErrNotRunning),
		errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, ofconn.ErrClosed):
		return monitor.FaultSilent
	}
	return monitor.FaultOf(err)
}
