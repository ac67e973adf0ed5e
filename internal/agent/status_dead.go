package agent

import (
	"errors"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/monitor"
)

// overDead corrects what the last pass and the network's task said of a switch that
// ended since: the next pass may be half a minute away.
func (a *Agent) overDead(s *api.Status) {
	if err := a.running(); errors.Is(err, errNotRunning) {
		holdDead(s, err.Error())
	}
}

func holdDead(s *api.Status, why string) {
	switch monitor.Result(s.Pass.Result) {
	case monitor.ResultConverged, monitor.ResultChanged, monitor.ResultPending:
		s.Pass.Result, s.Pass.Error = api.PassResult(monitor.ResultWaiting), why
	case monitor.ResultRefused, monitor.ResultFailed, monitor.ResultWaiting:
	}
	if s.Network != nil {
		s.Network.Switch = why
	}
}
