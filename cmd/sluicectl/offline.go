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
	// FactsName is what messages call the file of the facts.
	FactsName string
	// OVSVersion is the release to plan for where the facts know none.
	OVSVersion string
}

// plan plans the profile for the host that the facts describe.
func (o offline) plan() (api.Plan, error) {
	facts, err := plan.ReadFacts(o.Facts)
	if err != nil {
		return api.Plan{}, api.Usage("%s: %v", o.FactsName, err)
	}
	profile, err := configs.Parse(o.Profile, configs.Options{File: o.Name, Vars: o.Vars, Hostname: facts.Host.Hostname})
	if err != nil {
		return api.Plan{}, api.Usage("%v", err)
	}
	observed := facts.Observed()
	if o.OVSVersion != "" && observed.OVSVersion != "" && o.OVSVersion != observed.OVSVersion {
		return api.Plan{}, api.Usage("--ovs-version %s: the facts are of OVS %s, and hold its schema and rows", o.OVSVersion, observed.OVSVersion).
			WithFix("leave it out, or take facts on a host that runs %s", o.OVSVersion)
	}
	p := plan.Make(plan.Input{Profile: profile, Topology: facts.Host, Observed: observed, OVSVersion: o.OVSVersion, Process: facts.Process, Satisfied: facts.Satisfied})
	release := observed.OVSVersion
	if release == "" {
		release = o.OVSVersion
	}
	return p.Wire(profile.Name, release, plan.Automatic(profile)), nil
}
