package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// Apply installs the profile of the request, if it has one, and performs the
// plan: all of it but what the request does not allow. It is one
// turn throughout, so no pass of the daemon comes in between.
func (b backend) Apply(ctx context.Context, r api.ApplyRequest, progress func(string)) (api.Result, error) {
	a := b.a
	if err := a.takeTurn(ctx, applying); err != nil {
		return api.Result{}, err
	}
	defer a.turn.give()
	if err := a.answers(ctx, applyPatience); err != nil {
		return api.Result{}, hung(fmt.Errorf("%w; nothing was changed", err))
	}
	profile, err := a.requested(r.Profile, r.Name, "")
	if err != nil {
		return api.Result{}, err
	}
	db, err := a.db.get()
	if err != nil {
		return api.Result{}, api.NoDatabase(err)
	}
	run := application{
		a: a, db: db, request: r, profile: profile, progress: progress,
		scope: plan.Scope{Disruptive: true, TakeOver: r.TakeOver, Mass: r.Force},
	}
	start := a.now()
	result, err := run.do(ctx)
	if errors.Is(err, errNotConfigured) {
		if silent := a.answers(ctx, askPatience); silent != nil {
			err = fmt.Errorf("%w; %w", err, silent)
		}
	}
	result.Duration = a.now().Sub(start)
	a.wakeUp("apply")
	return result, err
}

// application is one run of apply.
type application struct {
	a        *Agent
	db       *ovsdb.Client
	request  api.ApplyRequest
	profile  *configs.Profile
	scope    plan.Scope
	progress func(string)
	checked  bool     // what OVS refused was asked before the end
	standing []string // what it refused already, before an atomic apply
}

func (p *application) do(ctx context.Context) (api.Result, error) {
	pl, before, err := p.a.makePlan(ctx, p.db, p.profile)
	if err != nil {
		return api.Result{}, err
	}
	result := api.Result{Plan: p.wire(pl, before)}
	if err := p.permitted(pl, before); err != nil {
		return result, fmt.Errorf("%w; nothing was changed", err)
	}
	if p.request.Atomic {
		missing, _ := p.a.routeRefusals(ctx, p.profile)
		p.standing = append(p.a.readBack(ctx, p.db, pl.Desired, outcome{after: before}).refused, missing...)
	}
	former, err := p.install(&result)
	if err != nil {
		return result, err
	}
	out, err := p.perform(ctx, before, pl)
	result.Made = len(out.made) + out.actions
	result.Pending = plan.WireChanges(rest(pl.Changes, p.scope), p.scope)
	result.Refused = out.refused
	if err == nil && !p.checked {
		missing, _ := p.a.routeRefusals(ctx, p.profile)
		result.Refused = append(p.a.readBack(ctx, p.db, pl.Desired, out).refused, missing...)
	}
	if p.request.Atomic && (err != nil || len(p.fresh(result.Refused)) > 0) {
		p.rollBack(ctx, before, former, &result)
	}
	return result, err
}

func (p *application) wire(pl plan.Plan, o vswitch.Observed) api.Plan {
	return pl.Wire(p.profile.Name, o.OVSVersion, plan.Automatic(p.profile))
}

// permitted says why a plan may not be performed at all.
func (p *application) permitted(pl plan.Plan, o vswitch.Observed) error {
	if pl.Refused() {
		return api.Conflict("%v", refusal(pl.Findings)).WithDetails(plan.WireFindings(finding.Errors(pl.Findings)))
	}
	if err := plan.Guard(pl.Changes, o, p.scope); err != nil {
		return api.Conflict("%v", err)
	}
	if !p.request.Atomic {
		return nil
	}
	for _, c := range pl.Changes {
		if p.scope.Allows(c) && (c.OneWay || c.Class == vswitch.RestartNeeded) {
			return api.Conflict("--atomic: %q cannot be undone (%s); apply it without --atomic", c.String(), oneWay(c))
		}
	}
	return nil
}

func oneWay(c vswitch.Change) string {
	if c.OneWay {
		return "one-way"
	}
	return string(c.Class)
}

// install puts the request's profile into place, when it brought one, and
// returns the text it replaced.
func (p *application) install(result *api.Result) (former []byte, err error) {
	if p.request.Profile == "" {
		return nil, nil
	}
	path := p.a.opt.Profile
	former, err = configs.Install(path, []byte(p.request.Profile))
	if err != nil {
		return nil, fmt.Errorf("install the profile: %w", err)
	}
	result.Profile = path
	return former, p.a.profile.load()
}

// perform carries the plan out and plans anew until there is nothing left in
// scope: somebody else may write meanwhile, and what a host action made true
// may be the ground of a further change.
func (p *application) perform(ctx context.Context, o vswitch.Observed, pl plan.Plan) (outcome, error) {
	all := outcome{after: o}
	for range attempts {
		performer := p.a.performer(p.db, p.progress)
		if p.request.Atomic {
			performer.check = p.refused
		}
		out, err := performer.perform(ctx, o, pl, p.scope)
		all.made, all.actions = append(all.made, out.made...), all.actions+out.actions
		all.refused, all.after = out.refused, out.after
		changed := errors.Is(err, ovsdb.ErrChanged)
		if err != nil && !changed || len(out.refused) > 0 {
			return all, err
		}
		if changed {
			p.progress("somebody else wrote meanwhile: planning anew")
		}
		if pl, o, err = p.a.makePlan(ctx, p.db, p.profile); err != nil {
			return all, err
		}
		if err := p.permitted(pl, o); err != nil {
			return all, err
		}
		if len(pl.Ahead(o, p.scope))+len(pl.Due(o)) == 0 && len(rest(pl.Changes, p.scope)) == len(pl.Changes) {
			return all, nil
		}
	}
	return all, fmt.Errorf("after %d plans there is still something to do: `sluicectl host plan` shows it", attempts)
}

// fresh returns what was not refused before: writing back would not mend the rest.
func (p *application) fresh(refused []string) []string {
	return slices.DeleteFunc(slices.Clone(refused), func(what string) bool { return slices.Contains(p.standing, what) })
}

// refused returns what OVS refused of what was written.
func (p *application) refused(ctx context.Context, pl plan.Plan, out outcome) []string {
	is := p.a.readBack(ctx, p.db, pl.Desired, outcome{made: out.made, after: out.after})
	refused := p.fresh(is.refused)
	p.checked = len(refused) > 0
	return refused
}

// rollBack writes the former values of everything that was changed back, once,
// and also when whoever asked for the apply has left meanwhile.
func (p *application) rollBack(ctx context.Context, before vswitch.Observed, former []byte, result *api.Result) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), configureTimeout)
	defer cancel()
	say := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		result.RolledBack = append(result.RolledBack, text)
		p.progress(text)
	}
	if err := p.restoreProfile(former); err != nil {
		say("the former profile could not be put back: %v", err)
	}
	now, err := p.db.Observe(ctx)
	if err != nil {
		say("nothing was written back: %v", err)
		return
	}
	pl := plan.Back(before, now)
	out, err := p.a.performer(p.db, p.progress).perform(ctx, now, pl, plan.Scope{Disruptive: true, TakeOver: true, Mass: true})
	for _, c := range out.made {
		say("%s (%s)", c, c.Class)
	}
	for _, r := range out.refused {
		say("not undone: %s", r)
	}
	if err != nil {
		say("not all was written back: %v", err)
	}
}

func (p *application) restoreProfile(former []byte) error {
	if p.request.Profile == "" {
		return nil
	}
	if former == nil {
		p.a.profile.forget()
		return configs.SetAside(p.a.opt.Profile)
	}
	if _, err := configs.Install(p.a.opt.Profile, former); err != nil {
		return err
	}
	return p.a.profile.load()
}
