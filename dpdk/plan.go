package dpdk

import (
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Input is everything the DPDK plan depends on.
type Input struct {
	Topology host.Topology
	// Spec is nil where the profile has no dpdk section: then nothing is
	// decided about EAL and memory, and nothing is said about them.
	Spec    *Spec
	Bridges []BridgeSpec
	VHost   []VhostUse
	// PMDs are the cores that package pmd decided on: their number makes n_txq,
	// their nodes are where a vhost port's mempool may land.
	PMDs cpuset.Set
	// Tunnels tells that the host ends overlay tunnels.
	Tunnels bool
	// Release is the running OVS's, "3.1.0"; empty = the newest.
	Release string
	Seen    Seen
}

// Plan is the DPDK side of a host as decided: plain data.
type Plan struct {
	// Settings are those of the Open_vSwitch row; nil without a dpdk section.
	Settings vswitch.Settings
	Rows     []vswitch.Row // bridges, ports, interfaces, QoS; sorted
	// Actions come in the order in which they must be done.
	Actions []host.Action
	Memory  []NodeMemory // ascending by node
}

// Decide plans EAL options, memory, devices, bridges, ports and bonds, and says
// what is wrong with them. The plan is complete even where a finding is an
// error, so that it can be shown; it must not be applied then.
func Decide(in Input) (Plan, []finding.Finding) {
	p := planner{Input: in, lacking: map[string]finding.Severity{}}
	p.resolveDevices()
	p.memory()
	p.eal()
	for _, b := range in.Bridges {
		p.bridge(b)
	}
	vswitch.Sort(p.plan.Rows)
	p.plan.Actions = slices.Concat(p.hugepages, p.binds, p.addresses)
	finding.Sort(p.found)
	return p.plan, p.found
}

// planner collects one plan; it lives for one call of Decide.
type planner struct {
	Input
	plan    Plan
	found   []finding.Finding
	devices map[string]device // by the path of the port

	socketMem                   []uint64                    // MiB by node
	lacking                     map[string]finding.Severity // said of a pool, by its id
	hugepages, binds, addresses []host.Action
}

func (p *planner) report(severity finding.Severity, code, path, what, cost, fix string) {
	p.found = append(p.found, finding.Finding{Severity: severity, Code: code, Path: path, What: what, Cost: cost, Fix: fix})
}

func (p *planner) row(id, parent vswitch.ID, s vswitch.Settings) {
	p.plan.Rows = append(p.plan.Rows, vswitch.Row{ID: id, Parent: parent, Settings: s})
}

// release names the running OVS in findings.
func (p *planner) release() string {
	if p.Release == "" {
		return "OVS"
	}
	return "OVS " + p.Release
}

// before tells whether the running OVS is older than a release.
func (p *planner) before(release string) bool { return vswitch.Release(p.Release, release) < 0 }

// physicalPorts calls f for every dpdk port of every bridge.
func (p *planner) physicalPorts(f func(PortSpec, device)) {
	for _, b := range p.Bridges {
		for _, port := range b.Ports {
			f(port, p.devices[port.Path])
		}
	}
}

// plural writes "1 port" and "2 ports".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
