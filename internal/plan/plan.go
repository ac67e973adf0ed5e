// Package plan brings the domains' planners together: a profile, a host's
// topology and what runs become the rows and host actions that are wanted, and
// the diff to what is, each change with what it costs. What `host plan` prints
// is the very value that the daemon performs. Everything here is pure.
package plan

import (
	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Input is everything a plan depends on.
type Input struct {
	Profile  *configs.Profile
	Topology host.Topology
	Observed vswitch.Observed
	// OVSVersion is the release to plan for where Observed knows none, "3.1.0".
	OVSVersion string
	// Process is the running ovs-vswitchd; nil: it does not run.
	Process *Process
	// Ports are those that the logical network asks for besides the tunnel. Without
	// PortsKnown the network could not be asked: then those of it that are there stay.
	Ports      []flows.Port
	PortsKnown bool
	// PortsStay are the names of ports that the network asks for no more and that stay
	// for now: flows lead to them.
	PortsStay []string
	// Satisfied tells whether a host action has nothing left to do; nil where
	// the host cannot be asked: then every action counts as to be done.
	Satisfied func(host.Action) bool
}

// Process is what the host tells of a running ovs-vswitchd.
type Process struct {
	// Hugepages it holds: a restart gives them back. Nil = not known.
	Hugepages []host.HeldPages `json:"hugepages,omitempty"`
}

// Plan is what is to be done, and what is to be said about it.
type Plan struct {
	// Findings are sorted; a plan with an error among them has no steps.
	Findings []finding.Finding
	// Before are host actions that come before the first step, After those that
	// need the bridges of the last one; both hold only what is not yet so.
	Before, After []host.Action
	Changes       []vswitch.Change // sorted by Step
	Desired       vswitch.Desired
	// Guarded is why the daemon makes none of the changes by itself, a
	// *GuardError; nil where the guard lets them pass. A finding tells of it.
	Guarded error
	// NotInForce: findings tell that OVS does not go by what the database has.
	NotInForce bool
}

// Steps returns the number of transactions, 0 when the database is as wanted.
func (p Plan) Steps() int {
	if len(p.Changes) == 0 {
		return 0
	}
	return p.Changes[len(p.Changes)-1].Step
}

// Converged tells whether there is nothing to do: a refused plan is not.
func (p Plan) Converged() bool {
	return !p.Refused() && len(p.Changes) == 0 && len(p.Before) == 0 && len(p.After) == 0
}

// Refused tells whether findings forbid the plan.
func (p Plan) Refused() bool { return len(finding.Errors(p.Findings)) > 0 }
