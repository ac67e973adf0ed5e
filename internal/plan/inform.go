package plan

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/pmd"
)

func (m *maker) lcores() cpuset.Set {
	if d := m.in.Profile.DPDK; d != nil {
		return d.LCores
	}
	return cpuset.Set{}
}

// inform names the parts of a profile that this release reads and checks but
// does not carry out, so that nobody waits for them.
func (m *maker) inform() {
	say := func(path, what string) {
		m.findings = append(m.findings, finding.Finding{
			Severity: finding.Info, Code: "not-in-this-release", Path: path,
			What: what + " is checked but not carried out by this release", Fix: "leave it for a later release, or drop it",
		})
	}
	p := m.in.Profile
	if p.CPU != nil && p.CPU.Rebalance.Mode == pmd.Auto {
		say("cpu.rebalance.mode", "rebalancing")
	}
	if p.CPU != nil && p.CPU.Lookup.Tune != pmd.Off {
		say("cpu.lookup.tune", "lookup tuning")
	}
	if p.Overlay != nil && logical.HostMode(p.Overlay.Mode) == logical.ModeOnDemand {
		say("overlay.mode", "on-demand mode")
	}
	if p.Overlay != nil && p.Overlay.Redirect {
		say("overlay.redirect", "sending packets for unknown destinations by way of an edge host")
	}
}
