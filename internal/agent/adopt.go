package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// Adopt describes the running host as a profile, installs it and takes
// ownership of what it names. Nothing that ovs-vswitchd reads is written, and no
// host action is done. With DryRun it only describes. It refuses where the
// profile would change something at once: that can only be something that is
// Sluice's already and that the profile does not say.
func (b backend) Adopt(ctx context.Context, r api.AdoptRequest) (api.AdoptResult, error) {
	a := b.a
	if err := a.takeTurn(ctx, adopting); err != nil {
		return api.AdoptResult{}, err
	}
	defer a.turn.give()
	db, err := a.db.get()
	if err != nil {
		return api.AdoptResult{}, api.NoDatabase(err)
	}
	profile, text, result, err := a.describe(ctx, db)
	if err != nil {
		return result, err
	}
	scope := plan.Scope{TakeOver: true} // of marks, which are all live
	marks, o, err := a.marks(ctx, db, profile)
	result.Claimed = plan.WireChanges(marks, scope)
	if r.DryRun || err != nil {
		return result, err
	}
	if _, err := configs.Install(a.opt.Profile, text); err != nil {
		return result, fmt.Errorf("install the profile: %w", err)
	}
	result.Installed = a.opt.Profile
	if err := a.profile.load(); err != nil {
		return result, err
	}
	defer a.wakeUp("adopt")
	for range attempts {
		_, err = a.performer(db, func(string) {}).perform(ctx, o, plan.Plan{Changes: marks}, scope)
		if !errors.Is(err, ovsdb.ErrChanged) {
			return result, err
		}
		if marks, o, err = a.marks(ctx, db, profile); err != nil {
			return result, err
		}
	}
	return result, ovsdb.ErrChanged
}

// describe returns the profile of the host as it runs, as it reads from its text.
func (a *Agent) describe(ctx context.Context, db *ovsdb.Client) (*configs.Profile, []byte, api.AdoptResult, error) {
	o, err := a.see(ctx, db)
	if err != nil {
		return nil, nil, api.AdoptResult{}, err
	}
	topo, err := a.opt.Host.Topology(ctx)
	if err != nil {
		return nil, nil, api.AdoptResult{}, fmt.Errorf("read the host: %w", err)
	}
	described := plan.Describe(o, topo)
	described.Profile.Name = a.opt.Hostname
	text, err := configs.Render(described.Profile)
	if err != nil {
		return nil, nil, api.AdoptResult{}, fmt.Errorf("describe the host: %w", err)
	}
	result := api.AdoptResult{Profile: string(text), Left: described.Left}
	profile, err := configs.Parse(text, configs.Options{File: "the adopted profile", Hostname: a.opt.Hostname})
	if err != nil {
		return nil, nil, result, api.Conflict("what runs cannot be said as a valid profile:\n%v", err)
	}
	return profile, text, result, nil
}

// marks plans the adopted profile. All that may come of it is marks.
func (a *Agent) marks(ctx context.Context, db *ovsdb.Client, profile *configs.Profile) ([]vswitch.Change, vswitch.Observed, error) {
	p, o, err := a.makePlan(ctx, db, profile)
	if err != nil {
		return nil, o, err
	}
	if p.Refused() {
		return nil, o, api.Conflict("what runs is no valid plan: %v", refusal(p.Findings))
	}
	var marks []vswitch.Change
	for _, c := range p.Changes {
		if !plan.Marks(c) {
			return marks, o, api.Conflict("the profile would change what is Sluice's already: %s; give it back first (sluicectl host release)", c)
		}
		marks = append(marks, c)
	}
	return marks, o, nil
}
