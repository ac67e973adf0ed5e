package plan

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// Make plans a host: what the profile wants, what is, and the way from here to
// there. It is pure but for the questions that in.Satisfied asks.
func Make(in Input) Plan {
	if _, ok := in.Observed.Row(vswitch.Root); !ok { // no OVS: an empty one
		in.Observed.Rows = []vswitch.ObservedRow{{Row: vswitch.Row{ID: vswitch.Root, Settings: vswitch.Settings{}}}}
	}
	m := maker{
		in: in, release: cmp.Or(in.Observed.OVSVersion, in.OVSVersion), keys: newCatalog(),
		rows: map[vswitch.ID]vswitch.Row{vswitch.Root: {ID: vswitch.Root, Settings: vswitch.Settings{}}},
	}
	m.pmds()
	m.dpdk()
	m.vhost()
	m.overlay()
	m.ipfix()
	m.affinity()
	m.desire()
	m.review()
	m.findings = in.Profile.Annotate(m.findings)
	p := Plan{Desired: m.desired, Findings: m.findings}
	if p.Refused() {
		return p
	}
	m.keep()
	p.Desired = m.desired
	p.Changes = vswitch.Diff(in.Observed, m.desired)
	classify(p.Changes, in.Observed, m.keys)
	m.unasked(p.Changes)
	if p.Guarded = Guard(p.Changes, in.Observed, Scope{}); p.Guarded != nil {
		p.Findings = append(p.Findings, guarded(p.Guarded))
		finding.Sort(p.Findings)
	}
	m.cleanUp(p.Changes)
	p.Before, p.After = m.toDo(m.before), m.toDo(m.after)
	return p
}

type maker struct {
	in      Input
	release string
	keys    catalog

	rows          map[vswitch.ID]vswitch.Row
	before, after []host.Action
	findings      []finding.Finding
	desired       vswitch.Desired

	pmd pmd.Plan
}

// queues tells the PMD planner what there is to poll.
func (m *maker) queues() []pmd.Queue {
	var qs []pmd.Queue
	for _, b := range m.in.Profile.Bridges {
		for _, p := range b.Ports {
			q := pmd.Queue{Path: p.Path, Port: p.Name, Node: p.Device.Node(m.in.Topology, m.lcores()), RxQueues: p.RxQueues, Physical: true, Dictated: p.Device.DictatesQueues()}
			for i, pin := range p.RxAffinity {
				q.Pins = append(q.Pins, pmd.Pin{Path: fmt.Sprintf("%s.rxAffinity[%d]", p.Path, i), Queue: pin.Queue, CPU: pin.CPU})
			}
			qs = append(qs, q)
		}
	}
	if v := m.in.Profile.VHost; v != nil {
		for _, p := range v.Ports {
			qs = append(qs, pmd.Queue{Path: p.Path, Port: p.Name, Node: -1, RxQueues: p.Queues})
		}
	}
	return qs
}

// pmds decides on cores. A profile without a cpu section leaves them to whoever
// wrote the mask in the database, or to OVS, which runs one PMD on each node.
func (m *maker) pmds() {
	spec := m.in.Profile.CPU
	if spec == nil {
		root, _ := m.in.Observed.Row(vswitch.Root)
		if set, err := cpuset.ParseMask(root.Settings["other_config:pmd-cpu-mask"]); err == nil && !set.IsEmpty() {
			m.pmd.PMDs = set
			return
		}
		for _, n := range m.in.Topology.Nodes {
			if c := n.CPUs.First(); c >= 0 {
				m.pmd.PMDs = m.pmd.PMDs.Union(cpuset.Of(c))
			}
		}
		m.pinsAlone()
		return
	}
	plan, found := pmd.Decide(m.in.Topology, *spec, m.queues(), m.release)
	m.pmd = plan
	m.add(plan.Settings, nil, found)
}

// pinsAlone tells of pins that nobody writes: without a cpu section nobody knows
// which cores poll.
func (m *maker) pinsAlone() {
	for _, b := range m.in.Profile.Bridges {
		for _, p := range b.Ports {
			if len(p.RxAffinity) > 0 {
				m.findings = append(m.findings, finding.Finding{
					Severity: finding.Warning, Code: "pins-without-cpu", Path: p.Path + ".rxAffinity",
					What: fmt.Sprintf("the pins of %s are not written: the profile has no cpu section, which has the cores that poll", p.Name),
					Cost: "OVS gives the queues to PMD threads as it likes", Fix: "add a cpu section, cpu: {pmd: ...}, or take rxAffinity out",
				})
			}
		}
	}
}

func (m *maker) dpdk() {
	p := m.in.Profile
	in := dpdk.Input{
		Topology: m.in.Topology, Spec: p.DPDK, Bridges: p.Bridges, PMDs: m.pmd.PMDs,
		Tunnels: p.Overlay != nil, Release: m.release, Seen: m.seen(),
	}
	if p.VHost != nil {
		for _, port := range p.VHost.Ports {
			in.VHost = append(in.VHost, dpdk.VhostUse{Path: port.Path, Port: port.Name, MTU: port.MTU, Queues: port.Queues})
		}
	}
	plan, found := dpdk.Decide(in)
	m.add(plan.Settings, plan.Rows, found)
	for _, a := range plan.Actions {
		if addresses, ok := a.(host.SetAddresses); ok {
			m.addresses(addresses)
			continue
		}
		m.before = append(m.before, a)
	}
	m.droppedAddresses()
	m.keepMAC()
}

// keepMAC keeps the MAC that a bridge got from its NIC while the NIC's own is
// not known: one on vfio-pci shows it only while OVS has the port open.
func (m *maker) keepMAC() {
	const hwaddr = "other_config:hwaddr"
	for _, was := range m.in.Observed.Rows {
		r, stays := m.rows[was.ID]
		if was.Table == vswitch.BridgeTable && stays && was.Mark.Owns(hwaddr) && r.Settings[hwaddr] == "" && r.Settings[addressesKey] != "" {
			r.Settings.Set(hwaddr, was.Settings[hwaddr])
		}
	}
}

func (m *maker) vhost() {
	spec := m.in.Profile.VHost
	if spec == nil {
		return
	}
	plan, found := vhost.Decide(*spec, m.release)
	m.add(plan.Settings, plan.Rows, found)
	m.before = append(m.before, plan.Actions...)
}

func (m *maker) affinity() {
	for _, port := range slices.Sorted(maps.Keys(m.pmd.Affinity)) {
		if r, ok := m.rows[vswitch.ID{Table: vswitch.IfaceTable, Name: port}]; ok {
			r.Settings["other_config:pmd-rxq-affinity"] = m.pmd.Affinity[port]
		}
	}
}

func (m *maker) add(root vswitch.Settings, rows []vswitch.Row, found []finding.Finding) {
	maps.Copy(m.rows[vswitch.Root].Settings, root)
	for _, r := range rows {
		m.rows[r.ID] = r
	}
	m.findings = append(m.findings, found...)
}

// desire sorts the rows and writes each setting under the name that the running
// release reads; what that release does not know is told and left out.
func (m *maker) desire() {
	for _, r := range m.rows {
		for _, name := range r.Settings.Names() {
			k, ok := m.keys[vswitch.ID{Table: r.Table, Name: name}]
			if !ok {
				panic(fmt.Sprintf("plan: %s %s is in no key table", r.Table, name))
			}
			here, known := m.nameOf(k, r.ID)
			if here == name {
				continue
			}
			if value := r.Settings[name]; known {
				r.Settings[here] = value
			} else {
				m.findings = append(m.findings, finding.Finding{
					Severity: finding.Warning, Code: "unknown-to-this-ovs",
					What: fmt.Sprintf("%s %s=%s is not known to OVS %s%s", r.ID, name, value, m.release, lifetime(k)),
					Cost: "the setting is left out", Fix: "drop it from the profile, or run a release that knows it",
				})
			}
			delete(r.Settings, name)
		}
		m.desired.Rows = append(m.desired.Rows, r)
	}
	vswitch.Sort(m.desired.Rows)
}

// nameOf returns a key's name in the running release. Where that is not known,
// because the switch is away, a name that is ours already stays.
func (m *maker) nameOf(k vswitch.Key, of vswitch.ID) (string, bool) {
	if was, ok := m.in.Observed.Row(of); ok && m.release == "" && k.OldName != "" && was.Mark.Owns(k.OldName) {
		return k.OldName, true
	}
	return k.NameIn(m.release)
}

func lifetime(k vswitch.Key) string {
	switch {
	case k.Since != "" && k.Until != "":
		return fmt.Sprintf(" (known from %s to before %s)", k.Since, k.Until)
	case k.Since != "":
		return fmt.Sprintf(" (known since %s)", k.Since)
	case k.Until != "":
		return fmt.Sprintf(" (known before %s)", k.Until)
	}
	return ""
}

// review looks for obsolete and misspelt keys that somebody left in the database.
func (m *maker) review() {
	reviewer := vswitch.NewReviewer(m.release)
	for _, r := range m.in.Observed.Rows {
		m.findings = append(m.findings, reviewer.Review(r.Settings, r.Table)...)
	}
	m.inform()
}

// cleanUp takes away the directories of vhost ports that are deleted for good.
func (m *maker) cleanUp(changes []vswitch.Change) {
	gone := map[vswitch.ID]bool{}
	for _, c := range changes {
		if c.Op == vswitch.Delete && c.Refused == "" && !made(changes, c.ID) {
			gone[c.ID] = true
		}
	}
	for _, r := range m.in.Observed.Rows {
		port, ok := m.in.Observed.Row(r.Parent)
		if !ok || r.Table != vswitch.IfaceTable || !gone[r.Parent] && !gone[port.Parent] {
			continue
		}
		socket := r.Settings["options:vhost-server-path"]
		// Only a directory of the port's own: <anything>/<port>/<port>.sock.
		if dir := path.Dir(socket); socket != "" && path.Base(dir) == r.Name {
			m.after = append(m.after, host.RemoveDirectory{Path: dir})
		}
	}
}

// toDo leaves out what is so already.
func (m *maker) toDo(actions []host.Action) []host.Action {
	if m.in.Satisfied == nil {
		return actions
	}
	var left []host.Action
	for _, a := range actions {
		if !m.in.Satisfied(a) {
			left = append(left, a)
		}
	}
	return left
}
