package agent

import (
	"cmp"
	"context"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// overlay is the profile's part in the logical network, and the host's name in it.
func (a *Agent) overlay() (*logical.Overlay, string) {
	p, _, _ := a.profile.get()
	if p == nil {
		return nil, ""
	}
	return p.Overlay, cmp.Or(p.Name, a.opt.Hostname)
}

// around is the daemon as the logical network sees it.
type around struct{ a *Agent }

func (d around) Overlay() (*logical.Overlay, string) { return d.a.overlay() }
func (d around) Sampling() flows.Sampling            { return d.a.sampling() }
func (d around) Pass(reason string)                  { d.a.wakeUp(reason) }

func (d around) Observe(ctx context.Context) (vswitch.Observed, error) {
	db, err := d.a.db.get()
	if err != nil {
		return vswitch.Observed{}, err
	}
	return db.Observe(ctx)
}

func (d around) Call(ctx context.Context, command string, args ...string) (string, error) {
	return d.a.ctl.Call(ctx, command, args...)
}

// What is asked of the logical network, the network answers.

// Flows lists the flows of the integration bridge, and those that it lacks.
func (b backend) Flows(ctx context.Context, r api.FlowsRequest, each func(api.Flow) error) (api.FlowsEnd, error) {
	return b.a.network.Flows(ctx, r, each)
}

// ExplainFlow says what a cookie stands for.
func (b backend) ExplainFlow(ctx context.Context, cookie string) (api.FlowExplanation, error) {
	return b.a.network.ExplainFlow(ctx, cookie)
}

// Trace asks the switch what it would do with what a guest here would send.
func (b backend) Trace(ctx context.Context, r api.TraceRequest) (api.Trace, error) {
	return b.a.network.Trace(ctx, r)
}

// Tunnels tells of the ways to all other hosts.
func (b backend) Tunnels(ctx context.Context) ([]api.Tunnel, error) {
	return b.a.network.Tunnels(ctx)
}

// Tunnel tells of the way to one host.
func (b backend) Tunnel(ctx context.Context, peer string) (api.Tunnel, error) {
	return b.a.network.Tunnel(ctx, peer)
}

// AcceptStore follows another store than the one that the laid flows are of.
func (b backend) AcceptStore(ctx context.Context, r api.AcceptStoreRequest) (api.AcceptStoreResult, error) {
	return b.a.network.AcceptStore(ctx, r)
}
