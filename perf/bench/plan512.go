package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// The sides of the planning scenario: all ours.
const (
	emptyHost     = "empty host"
	convergedHost = "converged host"
)

const (
	planNICs   = 8
	planGuests = 504
	planBar    = "Planning 512 ports: under 20 ms"
)

func planScenario() Scenario {
	return Scenario{
		Name: "plan512", Issue: 2, Title: "planning 512 ports",
		Method: "One call of `plan.Make`, in this process, for a profile of 8 vdevs and 504 vhost ports on a made-up host of two sockets with 28 cores each: " +
			"against an empty database, and against one that is as wanted. `parse` is the reading of the profile's text, which is not part of the bar.",
		Metrics: []Metric{{"plan", Seconds}, {"parse", Seconds}},
		Sides:   []string{emptyHost, convergedHost},
		Bars: []Bar{
			{Text: planBar + " (empty host)", Metric: "plan", Of: emptyHost, Limit: Limit{Below, 0.020}},
			{Text: planBar + " (converged host)", Metric: "plan", Of: convergedHost, Limit: Limit{Below, 0.020}},
		},
		Repeats: Repeats{Least: 51, Most: 201, Budget: 30 * time.Second}, Quick: true,
		Prepare: preparePlan,
	}
}

func preparePlan(context.Context, Env) (Rig, error) {
	text := planProfile().text()
	inputs, err := planInputs(text)
	if err != nil {
		return Rig{}, err
	}
	rig := Rig{Measure: map[string]func(context.Context) (Sample, error){}}
	for side, in := range inputs {
		rig.Measure[side] = func(context.Context) (Sample, error) {
			return measurePlan(text, in, side == convergedHost)
		}
	}
	return rig, nil
}

func measurePlan(text string, in plan.Input, converged bool) (Sample, error) {
	parse, err := timed(func() error {
		_, err := configs.Parse([]byte(text), configs.Options{File: "bench.yaml"})
		return err
	})
	if err != nil {
		return nil, err
	}
	var p plan.Plan
	took, _ := timed(func() error {
		p = plan.Make(in)
		return nil
	})
	if p.Refused() || p.Converged() != converged {
		return nil, fmt.Errorf("the plan is not what it should be: %d changes, findings %v", len(p.Changes), p.Findings)
	}
	return Sample{"plan": took, "parse": parse}, nil
}

func planProfile() hostProfile {
	return hostProfile{
		cpu: "{pmd: {perNode: 2}}", sockets: 8192, socketDir: "/var/lib/vhost_sockets",
		nics: numbered("null", planNICs), guests: numbered("vm", planGuests), queues: 1,
	}
}

// planInputs are the inputs of the sides.
func planInputs(text string) (map[string]plan.Input, error) {
	profile, err := configs.Parse([]byte(text), configs.Options{File: "bench.yaml"})
	if err != nil {
		return nil, err
	}
	done := func(host.Action) bool { return true }
	empty := plan.Input{Profile: profile, Topology: twoSockets(), OVSVersion: "3.1.0", Satisfied: done}
	p := plan.Make(empty)
	if p.Refused() {
		return nil, fmt.Errorf("the profile cannot be planned: %v", p.Findings)
	}
	converged := empty
	converged.Observed = asWanted(p.Desired)
	return map[string]plan.Input{emptyHost: empty, convergedHost: converged}, nil
}

// asWanted is a database that holds just what is wanted, all of it ours.
func asWanted(d vswitch.Desired) vswitch.Observed {
	o := vswitch.Observed{OVSVersion: "3.1.0", DPDKInitialized: true}
	for _, r := range d.Rows {
		row := vswitch.ObservedRow{Row: r, Mark: vswitch.Mark{Owner: vswitch.OwnerProfile, Keys: r.Settings.Names()}}
		if r.ID == vswitch.Root {
			row.Mark.Owner = ""
		}
		if r.Table == vswitch.IfaceTable {
			row.Status = &vswitch.InterfaceStatus{}
		}
		o.Rows = append(o.Rows, row)
	}
	vswitch.SortObserved(o.Rows)
	return o
}

// twoSockets is a host of two nodes with 28 cores and their siblings each,
// numbered as Linux does, and enough hugepages.
func twoSockets() host.Topology {
	const cores = 28
	t := host.Topology{Hostname: "two-socket", Kernel: "6.1.0", IOMMU: true}
	for node := range 2 {
		var all cpuset.Set
		for core := range cores {
			first := node*cores + core
			siblings := cpuset.Of(first, first+2*cores)
			all = all.Union(siblings)
			for cpu := range siblings.All() {
				t.CPUs = append(t.CPUs, host.CPU{ID: cpu, Online: true, Node: node, Package: node, Core: core, Siblings: siblings})
			}
		}
		t.Nodes = append(t.Nodes, host.Node{
			ID: node, CPUs: all, Distances: []int{10 + 11*node, 21 - 11*node}, MemoryMiB: 256 << 10,
			Hugepages: []host.Hugepages{{SizeKiB: 2048, Total: 48 << 10, Free: 48 << 10}},
		})
		t.Allowed = t.Allowed.Union(all)
	}
	return t
}
