package agent

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/pmd"
)

// Snapshot reads the switch for status: the mirror, the counters, and what the
// cheap commands of the control socket tell of PMDs. What cannot be read is absent.
func (a *Agent) Snapshot(ctx context.Context) (monitor.Snapshot, error) {
	s := a.newReading()
	defer s.end()
	s.begin(ctx)
	s.together(ctx, s.pmdParts()...)
	return s.snap, ctx.Err()
}

// begin reads the database, and asks meanwhile whether the switch answers at all.
func (s *reading) begin(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { s.silent = s.a.answers(ctx, askPatience) })
	s.together(ctx, part{"interfaces", fresh(s.interfaces)})
	both.Wait()
}

// pmdParts are what every snapshot asks the switch, together in one round of its
// main loop. pmd-rxq-show must be put in after the others.
func (s *reading) pmdParts() []part {
	return []part{{"pmd-perf", s.asked(s.perf)}, {"pmd-rxq", s.asked(s.rxqs)}}
}

func up(state string) *bool {
	if state == "" {
		return nil
	}
	is := state == "up"
	return &is
}

// perf reads lookups and cycles. pmd-stats-show has exact cycles and the main
// thread; OVS 4.0 removed it, and pmd-perf-show has the main thread since.
func (s *reading) perf(ctx context.Context) (func(), error) {
	var stats []pmd.Perf
	var unread error
	var both sync.WaitGroup
	both.Go(func() { stats, unread = s.exactCycles(ctx) })
	threads, err := appctl.Ask(ctx, s, pmd.ParsePerfShow, "dpif-netdev/pmd-perf-show", "-nh")
	both.Wait()
	if err != nil {
		return nil, err
	}
	if unread != nil {
		return nil, unread
	}
	return func() {
		for _, t := range threads {
			s.snap.PMDs = append(s.snap.PMDs, sample(t))
		}
		for _, t := range stats {
			if p := s.thread(t.Thread == pmd.MainThread, t.Core); p != nil {
				p.BusyCycles, p.IdleCycles = t.BusyCycles, t.IdleCycles
				continue
			}
			s.snap.PMDs = append(s.snap.PMDs, sample(t))
		}
		s.a.lookups.look(s.snap.PMDs, s.snap.Taken)
	}, nil
}

// exactCycles reads what only pmd-stats-show tells, where the switch has it.
func (s *reading) exactCycles(ctx context.Context) ([]pmd.Perf, error) {
	text, err := s.Call(ctx, "dpif-netdev/pmd-stats-show")
	if err != nil || strings.Contains(text, "Datapath passes:") {
		return nil, nil //nolint:nilerr // gone in OVS 4.0, where the name prints pmd-perf-show
	}
	return pmd.ParseStatsShow(strings.NewReader(text))
}

func (s *reading) thread(main bool, core int) *monitor.PMDSample {
	for i := range s.snap.PMDs {
		if p := &s.snap.PMDs[i]; p.Main == main && (main || p.Core == core) {
			return p
		}
	}
	return nil
}

func sample(t pmd.Perf) monitor.PMDSample {
	p := monitor.PMDSample{
		Main: t.Thread == pmd.MainThread, NUMA: t.Node, Core: t.Core,
		Passes: t.Passes, RxPackets: t.RxPackets, TxPackets: t.TxPackets, TxBatches: t.TxBatches,
		UsedCycles: t.UsedCycles, BusyCycles: t.BusyCycles, IdleCycles: t.IdleCycles,
		BusyIterations: t.BusyIterations, IdleIterations: t.IdleIterations,
		SleepIterations: t.SleepIterations, Sleep: t.SleepTime,
	}
	if t.MegaflowHits != nil && *t.MegaflowHits > 0 {
		p.SubtableLookups = t.SubtableLookupsPerHit
	}
	if t.BusyPercent != nil {
		ratio := *t.BusyPercent / 100
		p.BusyRatio = &ratio
	}
	if t.EMCHits != nil && t.SMCHits != nil && t.MegaflowHits != nil && t.Upcalls != nil && t.LostUpcalls != nil {
		p.Lookups = &monitor.Lookups{
			PHWOL: value(t.PHWOLHits), SimpleMatch: value(t.SimpleMatchHits), EMC: *t.EMCHits, SMC: *t.SMCHits,
			Megaflow: *t.MegaflowHits, Upcall: *t.Upcalls, Lost: *t.LostUpcalls,
		}
	}
	return p
}

func value(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

func (s *reading) rxqs(ctx context.Context) (func(), error) {
	show, err := appctl.Ask(ctx, s, pmd.ParseRxqShow, "dpif-netdev/pmd-rxq-show")
	if err != nil {
		return nil, err
	}
	return func() {
		for _, t := range show.PMDs {
			p := s.thread(false, t.Core)
			if p == nil {
				s.snap.PMDs = append(s.snap.PMDs, monitor.PMDSample{NUMA: t.Node, Core: t.Core})
				p = &s.snap.PMDs[len(s.snap.PMDs)-1]
			}
			isolated := t.Isolated
			p.Isolated, p.Overhead = &isolated, ratio(t.Overhead)
			for _, q := range t.Queues {
				p.Queues = append(p.Queues, monitor.QueueSample{Interface: q.Port, Queue: q.Queue, Enabled: q.Enabled, Usage: ratio(q.Usage)})
			}
		}
		s.remoteQueues()
	}, nil
}

func ratio(percent *int) *float64 {
	if percent == nil {
		return nil
	}
	r := float64(*percent) / 100
	return &r
}

// statusTimeout bounds the control calls of one status.
const statusTimeout = 3 * time.Second
