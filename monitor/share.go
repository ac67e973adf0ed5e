package monitor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// share lets everybody who asks at about the same time have one snapshot, so
// that several scrapers cost the switch no more than one.
type share struct {
	ctx     context.Context // ends the reads that nobody waits for any more
	source  Source
	now     func() time.Time
	maxAge  time.Duration
	timeout time.Duration
	show    func(Snapshot) exposed // what is made of each snapshot, one at a time

	flight singleflight.Group

	mu   sync.Mutex
	last reading
}

// reading is a snapshot with what it shows, and how long it took to take and to make
// that of it.
type reading struct {
	snapshot Snapshot
	exposed  exposed
	end      time.Time
	took     time.Duration
}

// get returns a snapshot no older than maxAge, joining a read under way. A read
// that respects no deadline costs its callers the timeout and stays the only
// one: later callers join it instead of starting another. Failures are not kept.
func (s *share) get(ctx context.Context) (reading, error) {
	if r, ok := s.fresh(); ok {
		return r, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	done := s.flight.DoChan("", s.read)
	select {
	case result := <-done:
		if result.Err != nil {
			return reading{}, result.Err
		}
		return result.Val.(reading), nil
	case <-ctx.Done():
		return reading{}, fmt.Errorf("read switch: %w", context.Cause(ctx))
	}
}

func (s *share) fresh() (reading, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.end.IsZero() {
		return reading{}, false
	}
	age := s.now().Sub(s.last.end)
	return s.last, age >= 0 && age < s.maxAge
}

func (s *share) read() (any, error) {
	// Who came while the former read was ending has it already.
	if r, ok := s.fresh(); ok {
		return r, nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	start := s.now()
	snapshot, err := s.source.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read switch: %w", err)
	}
	shows := s.show(snapshot)
	end := s.now()
	r := reading{snapshot: snapshot, exposed: shows, end: end, took: end.Sub(start)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = r
	return r, nil
}
