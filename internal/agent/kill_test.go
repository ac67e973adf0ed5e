package agent

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// The daemon is killed at fifty random points of an apply. Whatever was done by
// then, the next start comes to the very database of an undisturbed run, nothing
// of others is touched, and nothing is left over.
func TestKilledAnywhere(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options lab.Options
		kills   int
	}{
		{"without devices", lab.Options{Dummy: true, Unconfigured: true}, 36},
		{"with DPDK", lab.Options{DPDK: true, Unconfigured: true}, 14},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiller(t, tt.options)
			random := rand.New(rand.NewPCG(2026, 11))
			for i := range tt.kills {
				way := k.ways[i%len(k.ways)]
				k.prepare(way)
				after := time.Duration(random.Int64N(int64(way.takes)))
				d := k.sluiced()
				<-time.After(after)
				d.kill(t)
				k.recovers(way, fmt.Sprintf("killed after %v of %v", after, way.takes))
			}
		})
	}
}

// The daemon is killed at moments that chance would seldom find.
func TestKilledAtTheWorstMoments(t *testing.T) {
	k := newKiller(t, lab.Options{DPDK: true, Unconfigured: true})
	for _, way := range k.ways {
		for n := range way.steps {
			k.prepare(way)
			was := k.observed()
			d := k.sluiced()
			k.watch(func(o vswitch.Observed) bool { return o.NextCfg > was.NextCfg+n })
			d.kill(t)
			k.recovers(way, fmt.Sprintf("killed when step %d was written", n+1))

			k.prepare(way)
			was = k.observed()
			d = k.sluiced()
			k.watch(func(o vswitch.Observed) bool { return o.CurCfg > was.CurCfg+n })
			d.kill(t)
			k.recovers(way, fmt.Sprintf("killed when step %d was carried out", n+1))
		}
		k.prepare(way)
		k.betweenSteps(way)
	}
}
