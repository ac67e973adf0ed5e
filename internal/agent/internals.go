package agent

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// insideParts are what ovs-vswitchd tells of its own inside, each command a
// collector of its own: where one fails, the others are still told.
func (s *reading) insideParts() []part {
	if pid, err := s.a.ctl.PID(); err == nil {
		s.snap.Internals.Process = pid
	}
	return []part{
		{"coverage", s.asked(s.coverage)}, {"datapath", s.asked(s.datapaths)}, {"memory", s.asked(s.memory)}, {"upcall", s.asked(s.upcalls)},
	}
}

func (s *reading) coverage(ctx context.Context) (func(), error) {
	coverage, err := appctl.Ask(ctx, s, appctl.ParseCoverage, "coverage/show")
	if err != nil {
		return nil, err
	}
	return func() { s.snap.Internals.Coverage = coverage }, nil
}

func (s *reading) memory(ctx context.Context) (func(), error) {
	memory, err := appctl.Ask(ctx, s, appctl.ParseMemory, "memory/show")
	if err != nil {
		return nil, err
	}
	return func() { s.snap.Internals.Memory = memory }, nil
}

// datapaths asks without -s, which leaks on OVS before 3.1.6, and for the
// userspace datapath by its name: looking for others, OVS logs a warning each
// time where the kernel has no module for it. A host without a bridge of
// netdev has no such datapath, which is no failure.
func (s *reading) datapaths(ctx context.Context) (func(), error) {
	paths, err := appctl.Ask(ctx, s, appctl.ParseDatapaths, "dpctl/show", appctl.UserspaceDatapath)
	var refused *unixctl.CommandError
	if errors.As(err, &refused) && strings.Contains(refused.Error(), "No such device") {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	return func() {
		for _, d := range paths {
			s.snap.Internals.Datapaths = append(s.snap.Internals.Datapaths, monitor.DatapathSample{Name: d.Name, Flows: d.Flows, Ports: len(d.Ports)})
		}
	}, nil
}

func (s *reading) upcalls(ctx context.Context) (func(), error) {
	all, err := appctl.Ask(ctx, s, appctl.ParseUpcalls, "upcall/show")
	if err != nil {
		return nil, err
	}
	return func() {
		for _, u := range all {
			sample := monitor.UpcallSample{
				Datapath: u.Datapath, Flows: u.Flows, Average: u.Average, Max: u.Max, Limit: u.Limit,
				Offloaded: u.Offloaded, DumpDuration: u.DumpDuration,
			}
			for _, r := range u.Revalidators {
				sample.Revalidators = append(sample.Revalidators, monitor.RevalidatorSample{ID: r.ID, Keys: r.Keys})
			}
			s.snap.Internals.Upcalls = append(s.snap.Internals.Upcalls, sample)
		}
	}, nil
}

// statsInterval is how often OVS writes statistics, in milliseconds at least
// 5000 (vswitchd/bridge.c, run_stats_update); 0 = the database does not say.
func statsInterval(o vswitch.Observed) time.Duration {
	for _, r := range o.Rows {
		if r.Table == vswitch.OpenvSwitch {
			ms, err := strconv.ParseUint(r.Settings["other_config:stats-update-interval"], 10, 31)
			if err == nil {
				return time.Duration(ms) * time.Millisecond
			}
		}
	}
	return 0
}
