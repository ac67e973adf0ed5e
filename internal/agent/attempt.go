package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
	"github.com/sluice-nfv/sluice/monitor"
)

// attempts is how often a pass plans anew because somebody else wrote meanwhile.
const attempts = 5

func (a *Agent) once(ctx context.Context) passState {
	profile, _, err := a.profile.get()
	if profile == nil {
		return passState{result: monitor.ResultWaiting, err: err}
	}
	db, err := a.db.get()
	if err != nil {
		return passState{result: monitor.ResultWaiting, err: err}
	}
	scope := plan.Automatic(profile)
	for range attempts {
		s := a.attempt(ctx, db, profile, scope)
		if !errors.Is(s.err, ovsdb.ErrChanged) {
			return s
		}
	}
	return passState{result: monitor.ResultFailed, err: ovsdb.ErrChanged}
}

func (a *Agent) attempt(ctx context.Context, db *ovsdb.Client, profile *configs.Profile, scope plan.Scope) passState {
	s := passState{result: monitor.ResultFailed}
	p, o, err := a.makePlan(ctx, db, profile)
	s.observed, s.findings, s.desired = o, p.Findings, p.Desired
	if err != nil {
		s.err = err
		return s
	}
	if p.Refused() {
		s.result, s.err = monitor.ResultRefused, refusal(p.Findings)
		return s
	}
	if p.Guarded != nil {
		s.result, s.err, s.pending = monitor.ResultRefused, p.Guarded, p.Changes
		return s
	}
	out, err := a.performer(db, func(string) {}).perform(ctx, o, p, scope)
	s.made, s.actions, s.observed = len(out.made)+out.actions, out.actions, out.after
	s.changes = out.made
	if err != nil {
		s.err = err
		if errors.Is(err, errNotConfigured) {
			s.result, s.err = monitor.ResultWaiting, cmp.Or(a.answers(ctx, askPatience), err)
		}
		return s
	}
	s.pending = rest(p.Changes, scope)
	if err := a.running(); err != nil {
		s.result, s.err = monitor.ResultWaiting, err
		return s
	}
	is := a.readBack(ctx, db, p.Desired, out)
	s.observed, s.findings = is.observed, append(s.findings, is.unverified...)
	if is.waits != nil {
		s.result, s.err = monitor.ResultWaiting, is.waits
		return s
	}
	missing, users := a.routeRefusals(ctx, profile)
	s.findings, s.refused = append(s.findings, users...), append(is.refused, missing...)
	s.findings = append(s.findings, a.tunnelAddress(ctx, s.observed)...)
	switch {
	case len(s.refused) > 0:
		s.result = monitor.ResultRefused
	case len(s.pending) > 0:
		s.result = monitor.ResultPending
	case s.made > 0:
		s.result = monitor.ResultChanged
	default:
		s.result = monitor.ResultConverged
	}
	return s
}

// errNotRunning says that nothing becomes of what is in the database.
var errNotRunning = errors.New("ovs-vswitchd does not run")

func (a *Agent) running() error {
	_, err := a.ctl.PID()
	if err != nil && !errors.Is(err, unixctl.ErrNotRunning) {
		return fmt.Errorf("%w, as far as can be told: %w", errNotRunning, err)
	}
	if err != nil {
		return errNotRunning
	}
	return nil
}

func (a *Agent) performer(db *ovsdb.Client, progress func(string)) performer {
	tell := func(step string) {
		a.turn.reach(step)
		progress(step)
	}
	return performer{db: db, host: a.opt.Host, progress: tell, running: func() bool { return a.running() == nil }, timeout: configureTimeout}
}

// makePlan observes the world and plans for it.
func (a *Agent) makePlan(ctx context.Context, db *ovsdb.Client, profile *configs.Profile) (plan.Plan, vswitch.Observed, error) {
	o, err := a.see(ctx, db)
	if err != nil {
		return plan.Plan{}, o, err
	}
	topo, err := a.opt.Host.Topology(ctx)
	if err != nil {
		return plan.Plan{}, o, fmt.Errorf("read the host: %w", err)
	}
	ports, stay, known := a.network.Ports(o)
	p, o := a.withGuests(ctx, db, plan.Input{
		Profile: profile, Topology: topo, Observed: o, Process: a.process(topo), Ports: ports, PortsKnown: known, PortsStay: stay,
		Satisfied: func(act host.Action) bool {
			needed, err := a.opt.Host.Needs(ctx, act)
			return err == nil && !needed // doing it tells the error
		},
	})
	if ctx.Err() != nil {
		return p, o, ctx.Err()
	}
	standing := a.standing()
	p.NotInForce = len(standing) > 0
	p.Findings = append(append(p.Findings, standing...), a.lookups.findings(o, a.now())...)
	finding.Sort(p.Findings)
	return p, o, nil
}

// standing says what stands between a plan and a host that is so.
func (a *Agent) standing() []finding.Finding {
	var found []finding.Finding
	if err := a.running(); err != nil {
		found = append(found, finding.Finding{
			Severity: finding.Warning, Code: "vswitchd-not-running", What: "ovs-vswitchd does not run: what is in the database is not in force",
			Cost: "no packet passes", Fix: "systemctl start openvswitch-switch, and see its log for why it ended",
		})
	}
	for _, what := range a.state.get().refused {
		found = append(found, finding.Finding{
			Severity: finding.Warning, Code: "refused-by-ovs", What: "OVS did not do what is in the database: " + what,
			Fix: "sluicectl port explain NAME says what to do",
		})
	}
	return found
}

// rest returns the changes that are not in scope.
func rest(changes []vswitch.Change, scope plan.Scope) []vswitch.Change {
	var left []vswitch.Change
	for _, c := range changes {
		if !scope.Allows(c) {
			left = append(left, c)
		}
	}
	return left
}

// refusal says in one line why a profile cannot be planned.
func refusal(findings []finding.Finding) error {
	errs := finding.Errors(findings)
	text := errs[0].What
	if errs[0].Line > 0 {
		text = fmt.Sprintf("line %d: %s", errs[0].Line, text)
	}
	if n := len(errs) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more: `sluicectl host check`)", n)
	}
	return fmt.Errorf("the profile cannot be carried out: %s", text)
}
