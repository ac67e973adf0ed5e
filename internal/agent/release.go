package agent

import (
	"context"
	"fmt"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// Release makes nothing in the database ours any more: what take-overs replaced
// comes back, all else stays as it runs. The profile is moved aside first, else
// the next pass would take everything again.
func (b backend) Release(ctx context.Context, r api.ReleaseRequest) (api.ReleaseResult, error) {
	a := b.a
	a.one.Lock()
	defer a.one.Unlock()
	db, err := a.db.get()
	if err != nil {
		return api.ReleaseResult{}, unavailable(err)
	}
	o, err := a.see(ctx, db)
	if err != nil {
		return api.ReleaseResult{}, err
	}
	pl := plan.Plan{Changes: plan.Priced(vswitch.ReleaseAll(o), o)}
	all := plan.Scope{Disruptive: true, TakeOver: true, Mass: true}
	if r.DryRun {
		return api.ReleaseResult{Changes: plan.WireChanges(pl.Changes, all)}, nil
	}
	if err := configs.SetAside(a.opt.Profile); err != nil {
		return api.ReleaseResult{}, fmt.Errorf("set the profile aside: %w", err)
	}
	a.profile.forget()
	out, err := a.performer(db, func(string) {}).perform(ctx, o, pl, all)
	a.wakeUp("release")
	return api.ReleaseResult{Changes: plan.WireChanges(out.made, all)}, err
}

// Adopt describes the running host as a profile and takes ownership of what it
// names. With dryRun it only describes.
func (b backend) Adopt(ctx context.Context, r api.AdoptRequest) (api.AdoptResult, error) {
	a := b.a
	a.one.Lock()
	defer a.one.Unlock()
	db, err := a.db.get()
	if err != nil {
		return api.AdoptResult{}, unavailable(err)
	}
	o, err := a.see(ctx, db)
	if err != nil {
		return api.AdoptResult{}, err
	}
	topo, err := a.opt.Host.Topology(ctx)
	if err != nil {
		return api.AdoptResult{}, fmt.Errorf("read the host: %w", err)
	}
	described := plan.Describe(o, topo)
	described.Profile.Name = a.opt.Hostname
	text, err := configs.Render(described.Profile)
	if err != nil {
		return api.AdoptResult{}, fmt.Errorf("describe the host: %w", err)
	}
	result := api.AdoptResult{Profile: string(text), Left: described.Left}
	profile, err := configs.Parse(text, configs.Options{File: "the adopted profile", Hostname: a.opt.Hostname})
	if err != nil {
		return result, api.Conflict("what runs cannot be said as a valid profile:\n%v", err)
	}
	pl, o, err := a.makePlan(ctx, db, profile)
	if err != nil {
		return result, err
	}
	var claims []vswitch.Change
	for _, c := range pl.Changes {
		if c.Op == vswitch.Claim {
			claims = append(claims, c)
		} else {
			result.Left = append(result.Left, "differs: "+c.String())
		}
	}
	scope := plan.Scope{TakeOver: true}
	result.Claimed = plan.WireChanges(claims, scope)
	if r.DryRun {
		return result, nil
	}
	if _, err := configs.Install(a.opt.Profile, text); err != nil {
		return result, fmt.Errorf("install the profile: %w", err)
	}
	if err := a.profile.load(); err != nil {
		return result, err
	}
	_, err = a.performer(db, func(string) {}).perform(ctx, o, plan.Plan{Changes: claims}, scope)
	result.Installed = a.opt.Profile
	a.wakeUp("adopt")
	return result, err
}
