package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// configureTimeout bounds the wait for vswitchd to carry out one transaction.
// The start of EAL with many hugepages to clear takes several seconds.
const configureTimeout = 60 * time.Second

// errNotConfigured says that the database holds what is wanted and vswitchd has
// not taken it up.
var errNotConfigured = errors.New("written, but ovs-vswitchd has not taken it up: is it running?")

// outcome is what became of a performed plan.
type outcome struct {
	made    []vswitch.Change
	actions int
	refused []string // what the host did not do, in the operator's words
	after   vswitch.Observed
}

// performer carries one plan out.
type performer struct {
	db       *ovsdb.Client
	host     host.FS
	progress func(string)
	running  func() bool   // whether there is a switch to wait for
	timeout  time.Duration // for one step
	// check returns what was refused of the steps. What comes after them is then
	// left out: a directory that is removed cannot be rolled back. nil = not asked.
	check func(ctx context.Context, pl plan.Plan, out outcome) []string
}

// perform makes the changes within scope and the host actions, step by step,
// each step when vswitchd has taken up the one before. A host action that fails
// is told and stops nothing else. ErrChanged means: look again and plan anew.
func (p performer) perform(ctx context.Context, o vswitch.Observed, pl plan.Plan, scope plan.Scope) (outcome, error) {
	out := outcome{after: o}
	directories, ahead := split(pl.Ahead(o, scope))
	p.act(ctx, ahead, &out)
	for step := 1; step <= pl.Steps(); step++ {
		var changes []vswitch.Change
		for _, c := range pl.Changes {
			if c.Step == step && scope.Allows(c) {
				changes = append(changes, c)
			}
		}
		if len(changes) == 0 {
			continue
		}
		if out.after.CurCfg < out.after.NextCfg && len(out.made) == 0 && p.running() {
			// Somebody has just written, and waits for vswitchd to take it up. A port
			// that was deleted and is added again before that is never taken down.
			if _, err := p.configured(ctx, out.after.NextCfg); err != nil {
				return out, err
			}
			return out, ovsdb.ErrChanged
		}
		p.progress(fmt.Sprintf("step %d of %d: %d changes", step, pl.Steps(), len(changes)))
		cfg, err := p.db.Write(ctx, out.after, changes)
		if err != nil {
			return out, fmt.Errorf("step %d: %w", step, err)
		}
		out.made = append(out.made, changes...)
		p.makeDirectories(ctx, directories, &out)
		directories = nil
		if out.after, err = p.configured(ctx, cfg); err != nil {
			return out, err
		}
		out.after.OVSVersion = o.OVSVersion
	}
	p.makeDirectories(ctx, directories, &out)
	if p.check != nil {
		if refused := p.check(ctx, pl, out); len(refused) > 0 {
			out.refused = append(out.refused, refused...)
			return out, ctx.Err()
		}
	}
	p.act(ctx, pl.Due(out.after), &out)
	return out, ctx.Err()
}

// configured waits until vswitchd has carried out configuration cfg, as long as
// there is one: who waits holds up everybody else who would write.
func (p performer) configured(ctx context.Context, cfg int64) (vswitch.Observed, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, errNotConfigured)
	defer cancel()
	for p.running() {
		waiting, stop := context.WithTimeout(ctx, lookAgain)
		o, err := p.db.WaitConfigured(waiting, cfg)
		stop()
		if ctx.Err() != nil {
			return o, context.Cause(ctx)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return o, err
		}
	}
	return vswitch.Observed{}, errNotConfigured
}

// lookAgain is how often a waiting performer looks whether there still is a switch.
const lookAgain = time.Second

// split sets directories apart: a guest needs its own, OVS does not, so they are
// made while vswitchd works.
func split(actions []host.Action) (directories, others []host.Action) {
	for _, a := range actions {
		if _, ok := a.(host.MakeDirectory); ok {
			directories = append(directories, a)
			continue
		}
		others = append(others, a)
	}
	return directories, others
}

// makeDirectories tells of many as one.
func (p performer) makeDirectories(ctx context.Context, directories []host.Action, out *outcome) {
	if n := len(directories); n > 1 {
		p.progress(fmt.Sprintf("make %d directories for sockets", n))
		p.progress = func(string) {}
	}
	p.act(ctx, directories, out)
}

func (p performer) act(ctx context.Context, actions []host.Action, out *outcome) {
	for _, a := range actions {
		if ctx.Err() != nil {
			return
		}
		p.progress(a.String())
		if err := p.host.Do(ctx, a); err != nil {
			out.refused = append(out.refused, err.Error())
			continue
		}
		out.actions++
	}
}
