package agent

import (
	"context"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/pmd"
)

// Snapshot reads the switch for metrics and status: the mirror, the counters,
// and the cheap commands of the control socket. What cannot be read is absent.
func (a *Agent) Snapshot(ctx context.Context) (monitor.Snapshot, error) {
	s := reading{a: a, snap: monitor.Snapshot{Taken: a.now()}}
	s.collect(ctx, "interfaces", s.interfaces)
	s.silent = a.answers(ctx, askPatience)
	s.collect(ctx, "pmd-perf", s.perf)
	s.collect(ctx, "pmd-rxq", s.rxqs)
	s.internals(ctx)
	return s.snap, ctx.Err()
}

// reading is one snapshot being taken.
type reading struct {
	a      *Agent
	snap   monitor.Snapshot
	silent error // why the switch is asked nothing; nil = it answers
}

func (s *reading) collect(ctx context.Context, name string, read func(context.Context) error) {
	start, err := s.a.now(), s.silent
	if err == nil {
		err = read(ctx)
	}
	r := monitor.CollectorResult{Name: name, Duration: s.a.now().Sub(start), Error: err}
	if err == nil {
		r.Taken = start
	}
	s.snap.Collectors = append(s.snap.Collectors, r)
}

func (s *reading) interfaces(ctx context.Context) error {
	db, err := s.a.db.get()
	if err != nil {
		return err
	}
	o, err := s.a.see(ctx, db)
	if err != nil {
		return err
	}
	counters, err := db.Statistics(ctx)
	if err != nil {
		return err
	}
	s.snap.Switch = &monitor.SwitchSample{
		OVSVersion: o.OVSVersion, DPDKVersion: o.DPDKVersion, SchemaVersion: o.Schema.Version,
		DPDKInitialized: &o.DPDKInitialized,
	}
	s.snap.Internals.StatsInterval = statsInterval(o)
	for _, r := range o.Rows {
		if r.Status == nil {
			continue
		}
		port, _ := o.Row(r.Parent)
		i := monitor.InterfaceSample{
			Bridge: port.Parent.Name, Port: r.Parent.Name, Interface: r.Name, Type: r.Settings["type"],
			AdminUp: up(r.Status.AdminState), LinkUp: up(r.Status.LinkState),
			LinkSpeed: r.Status.LinkSpeed, MTU: r.Status.MTU, Statistics: counters[r.Name], Driver: r.Status.Status["driver_name"],
		}
		if status, ok := r.Status.Status["status"]; ok && isVhost(r) {
			connected := status == "connected"
			i.Connected = &connected
		}
		s.snap.Interfaces = append(s.snap.Interfaces, i)
	}
	return nil
}

func isVhost(r vswitch.ObservedRow) bool {
	return strings.HasPrefix(r.Settings["type"], "dpdkvhostuser")
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
func (s *reading) perf(ctx context.Context) error {
	text, err := s.a.ctl.Call(ctx, "dpif-netdev/pmd-perf-show", "-nh")
	if err != nil {
		return err
	}
	threads, err := pmd.ParsePerfShow(strings.NewReader(text))
	if err != nil {
		return err
	}
	for _, t := range threads {
		s.snap.PMDs = append(s.snap.PMDs, sample(t))
	}
	return s.exactCycles(ctx)
}

// exactCycles adds what only pmd-stats-show tells, where the switch has it.
func (s *reading) exactCycles(ctx context.Context) error {
	text, err := s.a.ctl.Call(ctx, "dpif-netdev/pmd-stats-show")
	if err != nil || strings.Contains(text, "Datapath passes:") {
		return nil //nolint:nilerr // gone in OVS 4.0, where the name prints pmd-perf-show
	}
	threads, err := pmd.ParseStatsShow(strings.NewReader(text))
	if err != nil {
		return err
	}
	for _, t := range threads {
		if p := s.thread(t.Thread == pmd.MainThread, t.Core); p != nil {
			p.BusyCycles, p.IdleCycles = t.BusyCycles, t.IdleCycles
			continue
		}
		s.snap.PMDs = append(s.snap.PMDs, sample(t))
	}
	return nil
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

func (s *reading) rxqs(ctx context.Context) error {
	text, err := s.a.ctl.Call(ctx, "dpif-netdev/pmd-rxq-show")
	if err != nil {
		return err
	}
	show, err := pmd.ParseRxqShow(strings.NewReader(text))
	if err != nil {
		return err
	}
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
	return nil
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
