package overlay

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/monitor"
)

// Status is what the task tells of itself.
type Status struct {
	Store    string // why the store is not followed; "" = it is
	Announce string // why the store was not told of this host; "" = it was
	Switch   string // why the switch is not as computed; "" = it is
	Underlay string // why the bridge of the tunnels is not; "" = it is, or is not ours
	Left     string // why the bridge of the tunnels gets no flows though it is ours; "" = it does
	Unusable int    // rows of the store that are left out
	SetAside int    // rows whose flows the switch refused
	Newest   uint64 // generation that the store told of
	Laid     uint64 // generation that is on the switch; 0 = none
	Flows    int
	Bundles  int // how often the switch had to be changed
	Mended   int // of them, how often because somebody else had changed it
	Problems []string
	Local    string // why this host's own store is not served; "" = it is, or there is none
	Bare     string // what it means that the bridge has none of our flows; "" = it has, or that is not known
}

// Status is what the task tells of itself now.
func (n *Network) Status() Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told
}

// Wire is what the local API tells of the network, nil where there is none.
func (n *Network) Wire() *api.NetworkStatus {
	if n == nil {
		return nil
	}
	s := n.Status()
	return &api.NetworkStatus{Bare: s.Bare, Store: cmp.Or(s.store(), s.Announce), Switch: cmp.Or(s.Switch, s.Underlay), Flows: s.Flows, Bundles: s.Bundles, Mended: s.Mended, Underlay: s.Left, Unusable: s.Unusable, Problems: s.Problems}
}

// store is why the store is not followed, and of a local one why it is not served.
func (s Status) store() string {
	if s.Store == "" || s.Local == "" {
		return s.Store
	}
	return s.Store + "; this host's own store is not served: " + s.Local
}

// record shows the status as metrics, none without an overlay. It needs the lock.
func (n *Network) record() {
	if overlay, _ := n.daemon.Overlay(); overlay == nil {
		n.recorder.Network(nil)
		return
	}
	t := n.told
	n.recorder.Network(&monitor.Network{
		StoreUp: t.Store == "", Flows: t.Flows, Bundles: t.Bundles, Mended: t.Mended,
		SetAside: t.SetAside, Unusable: t.Unusable, Newest: t.Newest, Laid: t.Laid,
	})
}

// tellSwitch logs what became of a step, when it is another than before.
func (n *Network) tellSwitch(sw *laidSwitch, changed bool, err error) {
	text := ""
	if err != nil && !errors.Is(err, errNoOverlay) {
		text = err.Error()
	}
	problems := append(sw.problems(n.Snapshot()), n.twice...)
	n.mu.Lock()
	was := n.told
	n.told.Switch, n.told.Flows, n.told.Mended, n.told.Problems = text, sw.flows, sw.mended, problems
	n.told.SetAside, n.told.Bare = sw.aside(), sw.bare.nothingLaid()
	if n.latest != nil && n.latest.laid {
		n.told.Laid = n.latest.snapshot.Generation()
	}
	if changed {
		n.told.Bundles++
	}
	n.record()
	n.mu.Unlock()
	if bare := sw.bare.nothingLaid(); bare != "" && was.Bare == "" {
		n.log.Error("logical network", "error", bare)
	}
	if sw.mended > was.Mended {
		n.log.Warn("logical network: somebody else changed the integration bridge, it was put right", "times", sw.mended)
	}
	switch {
	case text == was.Switch || errors.Is(err, errNoOverlay) || errors.Is(err, errStoreUnread):
		// It was said, or is nothing to be warned of.
	case text != "":
		n.log.Warn("logical network", "error", text)
	default:
		n.log.Info("logical network is laid", "flows", sw.flows)
	}
	came, went := differing(was.Problems, problems)
	for _, p := range came {
		n.log.Warn("logical network", "problem", p)
	}
	for _, p := range went {
		n.log.Info("logical network: a problem is gone", "problem", p)
	}
}

// differing tells what of two lists is only in the later one, and only in the former.
func differing(was, now []string) (came, went []string) {
	before := map[string]bool{}
	for _, p := range was {
		before[p] = true
	}
	for _, p := range now {
		if !before[p] {
			came = append(came, p)
		}
		delete(before, p)
	}
	return came, slices.Sorted(maps.Keys(before))
}
