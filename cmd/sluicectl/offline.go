package main

import (
	"io"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// offline is a plan that needs neither root nor OVS.
type offline struct {
	Profile []byte
	Name    string       // of the profile's file, for messages
	Vars    configs.Vars // of the profile
	Facts   io.Reader    // as `host facts` prints them
	// OVSVersion is the release to plan for where the facts know none.
	OVSVersion string
}

// plan plans the profile for the host that the facts describe.
func (o offline) plan() (api.Plan, error) {
	facts, err := plan.ReadFacts(o.Facts)
	if err != nil {
		return api.Plan{}, api.Usage("facts: %v", err)
	}
	profile, err := configs.Parse(o.Profile, configs.Options{File: o.Name, Vars: o.Vars, Hostname: facts.Host.Hostname})
	if err != nil {
		return api.Plan{}, api.Usage("%v", err)
	}
	observed := facts.Observed()
	p := plan.Make(plan.Input{Profile: profile, Topology: facts.Host, Observed: observed, OVSVersion: o.OVSVersion, Process: facts.Process, Satisfied: facts.Satisfied})
	release := observed.OVSVersion
	if release == "" {
		release = o.OVSVersion
	}
	scope := plan.Automatic
	scope.Disruptive = profile.Disruptive == configs.Auto
	return p.Wire(profile.Name, release, scope), nil
}
