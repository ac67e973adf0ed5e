package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/pmd"
)

// scraper reads snapshots for metrics: what status shows and the rest. It keeps
// what is read on a period of its own, and connections to bridges.
type scraper struct {
	a        *Agent
	answered bool // the newest snapshot had all that it asked the switch for
	mempools slowly
	heaps    slowly
	bridges  bridgeSessions
}

// newScraper returns a scraper whose connections end with ctx.
func (a *Agent) newScraper(ctx context.Context) *scraper {
	m := &scraper{a: a, mempools: slowly{period: memoryPeriod}, heaps: slowly{period: memoryPeriod}}
	m.bridges.runDir = a.opt.RunDir
	context.AfterFunc(ctx, m.bridges.close)
	return m
}

// Snapshot reads everything that metrics show. What cannot be read is absent.
func (m *scraper) Snapshot(ctx context.Context) (monitor.Snapshot, error) {
	s := m.a.newReading()
	defer s.end()
	m.begin(ctx, s)
	parts := append(s.pmdParts(), part{"threads", fresh(s.threads)}, part{"hugepages", fresh(s.hugepages)})
	parts = append(parts, s.insideParts()...)
	if s.onNetdev() {
		parts = append(parts, part{"conntrack", s.asked(s.conntrack)})
	}
	if seen := s.sight; seen != nil && seen.bonds {
		parts = append(parts, part{"bonds", s.asked(func(ctx context.Context) (func(), error) { return s.bonds(ctx, seen.lacp) })})
	}
	if len(s.snap.Bridges) > 0 {
		parts = append(parts, part{"openflow", m.openflow(s)})
	}
	if s.observed.DPDKInitialized {
		parts = append(parts, part{"mempools", m.mempools.read(s, s.mempools)}, part{"heaps", m.heaps.read(s, s.heaps)})
	}
	s.together(ctx, parts...)
	m.answered = !slices.ContainsFunc(s.snap.Collectors, func(c monitor.CollectorResult) bool { return errors.Is(c.Error, unixctl.ErrHung) })
	return s.snap, ctx.Err()
}

// begin reads the database. Whether the switch answers is asked only where it did not
// the last time: that takes a turn of its main loop, and one that hangs is asked
// everything once before it is asked for a sign of life alone.
func (m *scraper) begin(ctx context.Context, s *reading) {
	if !m.answered {
		s.begin(ctx)
		return
	}
	s.together(ctx, part{"interfaces", fresh(s.interfaces)})
}

// onNetdev tells whether there is a bridge on the userspace datapath, or it is not known.
func (s *reading) onNetdev() bool {
	return s.snap.Bridges == nil || slices.ContainsFunc(s.snap.Bridges, func(b monitor.BridgeSample) bool { return b.DatapathType == "netdev" })
}

// threads reads how often PMDs were put off their cores.
func (s *reading) threads(context.Context) (func(), error) {
	pid, err := s.a.ctl.PID()
	if err != nil {
		return nil, err
	}
	threads, err := s.a.opt.Host.Threads(pid)
	if err != nil {
		return nil, err
	}
	return func() {
		for _, t := range threads {
			core, is := pmd.ThreadCore(t.Name)
			if p := s.thread(false, core); is && p != nil {
				p.ContextSwitches = &monitor.ContextSwitches{Voluntary: t.Voluntary, Involuntary: t.Involuntary}
			}
		}
	}, nil
}

func (s *reading) hugepages(context.Context) (func(), error) {
	nodes, err := s.a.opt.Host.HugepagePools()
	return func() {
		for _, n := range nodes {
			for _, p := range n.Hugepages {
				s.snap.Hugepages = append(s.snap.Hugepages, monitor.HugepagesSample{Node: n.ID, SizeKiB: p.SizeKiB, Total: p.Total, Free: p.Free})
			}
		}
	}, err
}

// conntrack asks for the two numbers that OVS keeps: dpctl/ct-stats-show and the
// like walk every connection in the main thread.
func (s *reading) conntrack(ctx context.Context) (func(), error) {
	var (
		most *uint64
		err2 error
		both sync.WaitGroup
	)
	both.Go(func() { most, err2 = s.count(ctx, "dpctl/ct-get-maxconns") })
	connections, err := s.count(ctx, "dpctl/ct-get-nconns")
	both.Wait()
	if connections == nil && most == nil {
		return nil, errors.Join(err, err2)
	}
	return func() { s.snap.Conntrack = &monitor.ConntrackSample{Connections: connections, Max: most} }, errors.Join(err, err2)
}

// count asks for one number of the userspace datapath (lib/dpctl.c, dpctl_ct_get_nconns
// and dpctl_ct_get_maxconns, OVS 2.17 to 4.0).
func (s *reading) count(ctx context.Context, command string) (*uint64, error) {
	text, err := s.Call(ctx, command, appctl.UserspaceDatapath)
	if err != nil {
		return nil, err
	}
	n, err := appctl.ParseCount(command, text)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// bondsOf tells whether the database has bonds, and some with LACP.
func bondsOf(o vswitch.Observed) (bonds, lacp bool) {
	members := map[vswitch.ID]int{}
	for _, r := range o.Rows {
		if r.Table == vswitch.IfaceTable {
			members[r.Parent]++
		}
	}
	for _, r := range o.Rows {
		if r.Table == vswitch.PortTable && members[r.ID] > 1 {
			bonds = true
			lacp = lacp || r.Settings["lacp"] != "" && r.Settings["lacp"] != "off"
		}
	}
	return bonds, lacp
}

// memoryPeriod is how often DPDK's memory is read: netdev-dpdk/get-mempool-info
// prints a line for each possible core of each pool, in the main thread.
const memoryPeriod = 30 * time.Second

// mempools is asked without a port: with one, OVS before 3.0.8, 3.1.6 and 3.2.4
// crashes where the port has no pool.
func (s *reading) mempools(ctx context.Context) (func(*monitor.Snapshot), error) {
	pools, err := appctl.Ask(ctx, s, appctl.ParseMempools, "netdev-dpdk/get-mempool-info")
	if err != nil {
		return nil, err
	}
	return func(snap *monitor.Snapshot) {
		for _, p := range pools {
			snap.Mempools = append(snap.Mempools, monitor.MempoolSample{
				Name: p.Name, Node: p.Socket, Buffers: p.Populated, InUse: p.InUse(), BufferBytes: p.ObjectSize,
			})
		}
	}, nil
}

func (s *reading) heaps(ctx context.Context) (func(*monitor.Snapshot), error) {
	heaps, err := appctl.Ask(ctx, s, appctl.ParseHeaps, "dpdk/get-malloc-stats")
	if err != nil {
		return nil, err
	}
	return func(snap *monitor.Snapshot) {
		for _, h := range heaps {
			snap.Heaps = append(snap.Heaps, monitor.HeapSample{Name: h.Name, Size: h.Size, Free: h.Free, GreatestFree: h.GreatestFree})
		}
	}, nil
}
