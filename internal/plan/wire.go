package plan

import (
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Wire returns the plan as the API tells it.
func (p Plan) Wire(hostname, release string, automatic Scope) api.Plan {
	out := api.Plan{
		Host: hostname, OVS: release, Refused: p.Refused(), Converged: p.Converged(), NotInForce: p.NotInForce,
		Findings: WireFindings(p.Findings), Before: words(p.Before), After: words(p.After), Steps: []api.Step{},
	}
	for _, c := range p.Changes {
		if n := len(out.Steps); n == 0 || out.Steps[n-1].Number != c.Step {
			out.Steps = append(out.Steps, api.Step{Number: c.Step})
		}
		last := &out.Steps[len(out.Steps)-1]
		last.Changes = append(last.Changes, wireChange(c, automatic, p.Guarded != nil))
	}
	return out
}

// WirePending returns changes that the daemon left as the API tells them;
// guarded says that the guard stopped their pass.
func WirePending(changes []vswitch.Change, guarded bool) []api.Change {
	out := make([]api.Change, 0, len(changes))
	for _, c := range changes {
		out = append(out, wireChange(c, Scope{}, guarded))
	}
	return out
}

// WireChanges returns changes as the API tells them.
func WireChanges(changes []vswitch.Change, automatic Scope) []api.Change {
	out := make([]api.Change, 0, len(changes))
	for _, c := range changes {
		out = append(out, wireChange(c, automatic, false))
	}
	return out
}

func wireChange(c vswitch.Change, automatic Scope, guarded bool) api.Change {
	made := automatic.Allows(c) && !guarded
	return api.Change{
		Text: c.String(), Op: api.Op(c.Op), Table: string(c.ID.Table), Row: c.ID.Name,
		Setting: c.Setting, Old: c.Old, New: c.New, Class: api.Class(c.Class),
		TakeOver: c.TakeOver, OneWay: c.OneWay, Refused: c.Refused, Note: c.Note,
		Automatic: made, Waits: waits(c, made, guarded),
	}
}

// waits returns the word that releases a change.
func waits(c vswitch.Change, made, guarded bool) api.Word {
	switch {
	case made || c.Refused != "":
		return ""
	case guarded && c.TakeOver:
		return api.WordForceTakeOver
	case guarded:
		return api.WordForce
	case c.TakeOver:
		return api.WordTakeOver
	default:
		return api.WordApply
	}
}

// WireFindings returns findings as the API tells them.
func WireFindings(fs []finding.Finding) []api.Finding {
	out := make([]api.Finding, 0, len(fs))
	for _, f := range fs {
		out = append(out, api.Finding{
			Severity: api.Severity(f.Severity), Code: f.Code, Path: f.Path, Line: f.Line, What: f.What, Cost: f.Cost, Fix: f.Fix,
		})
	}
	return out
}

func words(actions []host.Action) []string {
	var out []string
	for _, a := range actions {
		out = append(out, a.String())
	}
	return out
}
