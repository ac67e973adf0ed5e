package agent

import (
	"context"
	"time"

	"github.com/sluice-nfv/sluice/monitor"
)

// slowly keeps what one part read for a period, so that asking more often costs
// the switch nothing. What another ovs-vswitchd told is not kept. It is used by one
// snapshot at a time.
type slowly struct {
	period time.Duration

	pid  int // of the ovs-vswitchd that was asked
	at   time.Time
	last time.Time // when it was last tried
	took time.Duration
	put  func(*monitor.Snapshot) // nil = nothing was read
	err  error                   // of the newest try
}

// read is the read of a part that asks only now and then. A try that failed waits
// for the period, too, and what was read before it stays, with its age.
func (l *slowly) read(s *reading, ask func(context.Context) (func(*monitor.Snapshot), error)) func(context.Context) partResult {
	return func(ctx context.Context) partResult {
		pid, err := s.a.ctl.PID()
		if err != nil {
			*l = slowly{period: l.period}
			return partResult{err: err}
		}
		now := s.a.now()
		if pid != l.pid {
			*l = slowly{period: l.period, pid: pid}
		}
		again := !l.last.IsZero() && now.Sub(l.last) < l.period
		if !again {
			put, err := l.try(ctx, s, ask)
			l.last, l.took, l.err = now, s.a.now().Sub(now), err
			if err == nil {
				l.put, l.at = put, now
			}
		}
		o := partResult{err: l.err, at: l.at, took: l.took, again: again}
		if l.put != nil {
			o.put = func() { l.put(&s.snap) }
		}
		return o
	}
}

func (l *slowly) try(ctx context.Context, s *reading, ask func(context.Context) (func(*monitor.Snapshot), error)) (func(*monitor.Snapshot), error) {
	if s.silent != nil {
		return nil, s.silent
	}
	return ask(ctx)
}
