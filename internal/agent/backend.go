package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// backend answers the local API for an agent.
type backend struct{ a *Agent }

func (a *Agent) apiHandler() http.Handler { return api.NewServer(backend{a}, a.log) }

// Version tells which build answers.
func (b backend) Version(context.Context) (api.Version, error) {
	v := build.Version()
	out := api.Version{Version: v.Version, Revision: v.Revision, Modified: v.Dirty, Go: v.Go}
	if !v.Time.IsZero() {
		out.Time = v.Time.UTC().Format(time.RFC3339)
	}
	return out, nil
}

// Facts reads the host and the database for a facts file.
func (b backend) Facts(ctx context.Context) (json.RawMessage, error) {
	facts, err := b.a.facts(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(facts)
}

func (a *Agent) facts(ctx context.Context) (plan.Facts, error) {
	topo, err := a.opt.Host.Topology(ctx)
	if err != nil {
		return plan.Facts{}, fmt.Errorf("read the host: %w", err)
	}
	db, err := a.db.get()
	if err != nil {
		facts := plan.NewFacts(topo, nil)
		facts.Process = a.process(topo) // it may run although its database does not
		return facts, nil
	}
	o, err := a.see(ctx, db)
	if err != nil {
		return plan.Facts{}, err
	}
	o = a.lookForGuests(ctx, db, o, plan.Denied(o))
	facts := plan.NewFacts(topo, &o)
	facts.Process = a.process(topo)
	for _, dir := range plan.SocketDirectories(o) {
		facts.Directories = append(facts.Directories, a.opt.Host.Look(dir))
	}
	return facts, nil
}

// Plan plans a profile that came with the request, or the one in force.
func (b backend) Plan(ctx context.Context, r api.PlanRequest) (api.Plan, error) {
	profile, err := b.a.requested(r.Profile, r.Name, r.Vars)
	if err != nil {
		return api.Plan{}, err
	}
	db, err := b.a.db.get()
	if err != nil {
		return api.Plan{}, api.NoDatabase(err)
	}
	p, o, err := b.a.makePlan(ctx, db, profile)
	if err != nil {
		return api.Plan{}, err
	}
	return p.Wire(profile.Name, o.OVSVersion, plan.Automatic(profile)), nil
}

// requested returns the profile of a request: its text, or the one in force.
// Variables come with the request, or from the daemon's own file.
func (a *Agent) requested(text, name, varsText string) (*configs.Profile, error) {
	if text == "" {
		profile, _, err := a.profile.get()
		switch {
		case err != nil:
			return nil, api.Conflict("the profile on disk is not in force: %w", err).WithFix("correct %s, or name another file with -f", a.opt.Profile)
		case profile == nil:
			return nil, api.NotFound("no profile is in force").WithFix("write %s, or name a file with -f", a.opt.Profile)
		}
		return profile, nil
	}
	vars, err := configs.LoadVars(a.opt.Vars)
	if varsText != "" {
		vars, err = configs.ParseVars("the request's variables", []byte(varsText))
	}
	if err != nil {
		return nil, api.Conflict("%w", err)
	}
	profile, err := configs.Parse([]byte(text), configs.Options{File: name, Vars: vars, Hostname: a.opt.Hostname})
	if err != nil {
		return nil, api.Conflict("%w", err)
	}
	return profile, nil
}

// Explain says in words why a port does or does not pass packets. The port goes by
// its name in Open vSwitch, or by that in the logical network.
func (b backend) Explain(ctx context.Context, name string) (api.Explanation, error) {
	o, err := b.a.observe(ctx)
	if err != nil {
		return api.Explanation{}, api.NoDatabase(err)
	}
	network := b.a.networkView()
	if _, named := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: name}); !named {
		if r, ok := network.interfaceOf(name, o); ok {
			name = r.Name
		} else if reasons := network.absent(name); reasons != nil {
			return api.Explanation{Port: api.Port{Name: name}, Reasons: reasons}, nil
		}
	}
	port, err := b.Port(ctx, name)
	if err != nil {
		return api.Explanation{}, err
	}
	row, ok := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: port.Name})
	if !ok {
		return api.Explanation{}, api.NotFound("port %q was there a moment ago and is gone", name)
	}
	port = b.lossy(ctx, port)
	reasons := append(b.a.reasons(ctx, row, o), network.reasons(row, o)...)
	reasons = append(bfdReasons(port), reasons...)
	lost, notes := dropReasons(port, row)
	reasons, notes = append(reasons, lost...), append(b.a.awayNotes(row), notes...)
	return api.Explanation{Port: port, Healthy: len(reasons) == 0, Reasons: reasons, Notes: append(notes, b.a.besides(ctx)...)}, nil
}
