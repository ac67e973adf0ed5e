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
	if err := a.takeTurn(ctx, releasing); err != nil {
		return api.ReleaseResult{}, err
	}
	defer a.turn.give()
	db, err := a.db.get()
	if err != nil {
		return api.ReleaseResult{}, api.NoDatabase(err)
	}
	o, err := a.see(ctx, db)
	if err != nil {
		return api.ReleaseResult{}, err
	}
	changes := vswitch.ReleaseAll(o)
	o = a.lookForGuests(ctx, db, o, plan.Doubtful(changes, o))
	pl := plan.Plan{Changes: plan.Priced(changes, o)}
	all := plan.Scope{Disruptive: true, TakeOver: true, Mass: true}
	overlay, host := a.overlay()
	if r.DryRun {
		result := api.ReleaseResult{Changes: plan.WireChanges(pl.Changes, all)}
		a.leave(ctx, overlay, host, true, &result)
		return result, nil
	}
	if err := configs.SetAside(a.opt.Profile); err != nil {
		return api.ReleaseResult{}, fmt.Errorf("set the profile aside: %w", err)
	}
	a.profile.forget()
	if a.running() == nil {
		a.network.Release(ctx, o)
	}
	out, err := a.performer(db, func(string) {}).perform(ctx, o, pl, all)
	a.wakeUp("release")
	result := api.ReleaseResult{Changes: plan.WireChanges(out.made, all)}
	a.leave(ctx, overlay, host, false, &result)
	return result, err
}
