package agent

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/internal/api"
)

// networkStatus is what the task tells of itself.
type networkStatus struct {
	Store    string // why the store is not followed; "" = it is
	Announce string // why the store was not told of this host; "" = it was
	Switch   string // why the switch is not as computed; "" = it is
	Underlay string // why the bridge of the tunnels is not; "" = it is, or is not ours
	Left     string // why the bridge of the tunnels gets no flows though it is ours; "" = it does
	Flows    int
	Bundles  int // how often the switch had to be changed
	Mended   int // of them, how often because somebody else had changed it
	Problems []string
}

// status is what the task tells of itself now.
func (n *network) status() networkStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told
}

func (n *network) wire() *api.NetworkStatus {
	s := n.status()
	return &api.NetworkStatus{Store: cmp.Or(s.Store, s.Announce), Switch: cmp.Or(s.Switch, s.Underlay), Flows: s.Flows, Bundles: s.Bundles, Mended: s.Mended, Underlay: s.Left, Problems: s.Problems}
}

// tellSwitch logs what became of a step, when it is another than before.
func (n *network) tellSwitch(sw *laidSwitch, changed bool, err error) {
	text := ""
	if err != nil && !errors.Is(err, errNoOverlay) {
		text = err.Error()
	}
	problems := append(sw.problems(n.snapshot()), n.twice...)
	n.mu.Lock()
	was := n.told
	n.told.Switch, n.told.Flows, n.told.Mended, n.told.Problems = text, sw.flows, sw.mended, problems
	if changed {
		n.told.Bundles++
	}
	n.mu.Unlock()
	if sw.mended > was.Mended {
		n.log.Warn("logical network: somebody else changed the integration bridge, it was put right", "times", sw.mended)
	}
	if text != was.Switch && text != "" {
		n.log.Warn("logical network", "error", text)
	}
	if text != was.Switch && text == "" && !errors.Is(err, errNoOverlay) {
		n.log.Info("logical network is laid", "flows", sw.flows)
	}
	if fmt.Sprint(problems) != fmt.Sprint(was.Problems) {
		for _, p := range problems {
			n.log.Warn("logical network", "problem", p)
		}
	}
}
