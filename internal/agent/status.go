package agent

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// Status tells the host as it is now.
func (b backend) Status(ctx context.Context) (api.Status, error) {
	a := b.a
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	work, s := a.turn.work.Load(), a.state.get() // in this order: who works on has not ended in s
	snap, err := a.Snapshot(ctx)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return api.Status{}, err
	}
	o, dbErr := a.observe(ctx)
	profile, loaded, profileErr := a.profile.get()
	view := view{observed: o, snap: snap, pairs: queuePairs(profile), drops: a.drops.look(snap)}
	_, guarded := errors.AsType[*plan.GuardError](s.err)
	status := api.Status{
		Host: a.opt.Hostname, Version: build.Version().Version, Metrics: a.opt.MetricsURL,
		OVS:     view.ovs(dbErr),
		Profile: api.ProfileStatus{Path: a.opt.Profile, Loaded: loaded, Error: errText(profileErr)},
		Pass: api.PassStatus{
			Time: s.at, Reason: s.reason, Result: api.PassResult(s.result), Error: errText(s.err),
			Duration: s.duration, Findings: plan.WireFindings(s.findings), Refused: s.refused,
		},
		Work:    work,
		Pending: plan.WirePending(s.pending, guarded),
		Bridges: view.bridges(), Ports: view.ports(), PMDs: view.pmds(), Lookups: view.lookups(),
	}
	if profile != nil {
		status.Host = profile.Name
		if profile.Overlay != nil {
			status.Network = a.network.Wire()
			status.Network.Problems = append(slices.Clone(status.Network.Problems), unwatched(status.Ports)...)
			status.Network.Problems = append(status.Network.Problems, a.networkView().misspelt(o)...)
		}
	}
	a.overDead(&status)
	passProblems(&status)
	status.Unknown = view.unknown(status.OVS.Error)
	return status, nil
}

// unknown tells what could not be read and why, each cause once; said is what is
// told of the switch anyway.
func (v view) unknown(said string) []string {
	var causes []string
	names := map[string][]string{}
	for _, c := range v.snap.Collectors {
		cause := errText(c.Error)
		// Without a userspace bridge there is nothing to read.
		if cause == "" || strings.Contains(cause, "existing datapath") {
			continue
		}
		if cause == said {
			cause = "see the switch"
		}
		if names[cause] == nil {
			causes = append(causes, cause)
		}
		names[cause] = append(names[cause], c.Name)
	}
	for i, cause := range causes {
		causes[i] = strings.Join(names[cause], ", ") + ": " + cause
	}
	return causes
}

func (a *Agent) observe(ctx context.Context) (vswitch.Observed, error) {
	db, err := a.db.get()
	if err != nil {
		return vswitch.Observed{}, err
	}
	return a.see(ctx, db)
}

// Ports lists all ports.
func (b backend) Ports(ctx context.Context) ([]api.Port, error) {
	s, err := b.Status(ctx)
	if err == nil && !s.OVS.Connected {
		_, err := b.a.db.get()
		return nil, api.NoDatabase(err)
	}
	if !s.OVS.Running {
		for i := range s.Ports {
			s.Ports[i].Stale = s.OVS.Error
		}
	}
	return s.Ports, err
}

// Port returns one port by name.
func (b backend) Port(ctx context.Context, name string) (api.Port, error) {
	ports, err := b.Ports(ctx)
	if err != nil {
		return api.Port{}, err
	}
	for _, p := range ports {
		if p.Name == name {
			return p, nil
		}
	}
	return api.Port{}, api.NotFound("no port %q", name)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
