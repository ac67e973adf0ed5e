package agent

import (
	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// newCollector returns the agent's collector.
func (a *Agent) newCollector() *collector {
	names := &nameKeeper{agent: a}
	return &collector{wake: make(chan struct{}, 1), log: a.log, clock: a.opt.Clock, directory: names.directory, ask: a.exporters, listen: a.opt.ListenUDP, spec: a.ipfixSpec}
}

// ipfixSpec is what the profile in force asks for; nil = nothing.
func (a *Agent) ipfixSpec() *ipfix.Spec {
	if p, _, _ := a.profile.get(); p != nil {
		return p.IPFIX
	}
	return nil
}

// sampling is how the pipeline samples.
func (a *Agent) sampling() flows.Sampling {
	s := a.ipfixSpec()
	if s == nil || s.Mode != ipfix.ModePorts {
		return flows.Sampling{}
	}
	return flows.Sampling{Every: uint32(s.Sampling), Set: ipfix.CollectorSet} //nolint:gosec // the profile allows 1 to 65535
}
