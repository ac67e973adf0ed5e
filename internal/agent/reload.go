package agent

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// watchProfile reads the profile again when it changes and on SIGHUP.
func (a *Agent) watchProfile(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.profile.watch(ctx, changed) })
	group.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
				a.reload(ctx, "profile changed")
			case _, ok := <-a.opt.Reload:
				if !ok {
					return nil
				}
				a.opt.Reloading()
				a.reload(ctx, sighup)
			}
		}
	})
	return group.Wait()
}

const sighup = "SIGHUP"

// reload reads the profile in a turn of its own, so that an apply which
// installs a file never meets its own file event half way.
func (a *Agent) reload(ctx context.Context, reason string) {
	if a.turn.take(ctx) != nil {
		return
	}
	defer a.turn.give()
	if reason == sighup {
		a.owed.Store(true)
	}
	err := a.profile.load()
	switch inForce, _, _ := a.profile.get(); {
	case err != nil && inForce != nil:
		a.log.Error("profile not taken, the former one stays in force", "error", err)
	case err != nil:
		a.log.Warn("no profile is in force", "error", err)
	}
	a.wakeUp(reason)
}
