package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// BenchmarkMake plans 512 vhost ports: none is there, all are there, and none
// is ours.
func BenchmarkMake(b *testing.B) {
	var text strings.Builder
	text.WriteString("cpu: {}\ndpdk: {}\nbridges: [{name: br-int}]\nvhost:\n  ports:\n")
	for i := range 512 {
		fmt.Fprintf(&text, "    - {name: vm%d, bridge: br-int, queues: 2, vlan: {mode: access, tag: 7}}\n", i)
	}
	in := plan.Input{
		Profile: profile(b, text.String()), Topology: hosttest.Topology(b, "two-socket"),
		Observed: vswitch.Observed{OVSVersion: "3.1.0", Rows: vswitchtest.Rows(b, "Open_vSwitch .")},
	}
	made, err := vswitchtest.Apply(in.Observed, plan.Make(in).Changes)
	if err != nil {
		b.Fatal(err)
	}
	for name, o := range map[string]vswitch.Observed{"empty": in.Observed, "converged": made, "foreign": vswitchtest.Unmarked(made)} {
		b.Run(name, func(b *testing.B) {
			in := in
			in.Observed = o
			for b.Loop() {
				p := plan.Make(in)
				p.Ahead(o, plan.Scope{})
				p.Due(o)
			}
		})
	}
	b.Run("describe", func(b *testing.B) {
		for b.Loop() {
			plan.Describe(vswitchtest.Unmarked(made), in.Topology)
		}
	})
}
