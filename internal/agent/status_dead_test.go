package agent

import (
	"fmt"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/monitor"
)

// Nothing is called converged over a switch that does not run, and what the network's
// task met there is said in the operator's words.
func TestStatusOverDeadSwitch(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.opt.Every = patience // no pass corrects it meanwhile
	r.begin()
	r.quiet()
	const dead = "ovs-vswitchd does not run"
	r.must(r.host.KillVswitchd())
	r.until("the status says so", func() error {
		s := r.status()
		if s.Pass.Result != api.PassResult(monitor.ResultWaiting) || s.Pass.Error != dead || s.Network.Switch != dead {
			return fmt.Errorf("%+v, %+v", s.Pass, s.Network)
		}
		return nil
	})
	r.must(r.host.StartVswitchd(r.limit()))
	r.until("it is over", func() error {
		if s := r.status(); s.Pass.Error == dead || s.Network.Switch != "" {
			return fmt.Errorf("%+v, %+v", s.Pass, s.Network)
		}
		return nil
	})
}
