package agent

import (
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// sight is what snapshots tell from one state of the database alone. It is shared
// among them and never changed.
type sight struct {
	observed      *vswitch.Observed
	statsInterval time.Duration
	bridges       []monitor.BridgeSample    // but what OpenFlow tells of them
	interfaces    []monitor.InterfaceSample // but what is counted of them
	bonds, lacp   bool                      // there are some; on some
}

func newSight(o *vswitch.Observed) *sight {
	s := &sight{observed: o, statsInterval: statsInterval(*o), bridges: bridgeSamples(*o)}
	s.bonds, s.lacp = bondsOf(*o)
	for _, r := range o.Rows {
		if r.Status == nil {
			continue
		}
		port, _ := o.Row(r.Parent)
		i := interfaceSample(r)
		i.Bridge, i.Port = port.Parent.Name, r.Parent.Name
		s.interfaces = append(s.interfaces, i)
	}
	return s
}

// sights keeps the newest sight. Its zero value has none. Safe for concurrent use.
type sights struct {
	mu   sync.Mutex
	last *sight
}

// of returns the sight of a state, and calls first where it is another than before.
func (k *sights) of(o *vswitch.Observed, first func()) *sight {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || k.last.observed != o {
		first()
		k.last = newSight(o)
	}
	return k.last
}
