package vswitch

import (
	"fmt"

	"github.com/sluice-nfv/sluice/internal/finding"
)

// obsolete is a setting, or one value of it, that OVS ignores or that does
// something else than its name promises.
type obsolete struct {
	table     Table
	name      string
	value     string // only this value; "" = any
	from      string // first release in which it is so; empty = all
	severity  finding.Severity
	what      string // continues "name=value: "
	cost, fix string
}

const ignored = "OVS ignores it: what was meant does not happen"

// obsoletes is the table of such settings, from NEWS of OVS 2.5 to 4.0 and
// vswitchd/vswitch.xml.
func obsoletes() []obsolete { return append(obsoleteSwitch(), obsoleteIface()...) }

func obsoleteSwitch() []obsolete {
	return []obsolete{
		{
			table: OpenvSwitch, name: "other_config:n-dpdk-rxqs", severity: finding.Warning,
			what: "gone since OVS 2.6", cost: ignored, fix: "set options:n_rxq on each dpdk interface",
		},
		{
			table: OpenvSwitch, name: "other_config:pmd-maxsleep", from: "3.2", severity: finding.Warning,
			what: "renamed pmd-sleep-max with OVS 3.2", cost: "it still works where pmd-sleep-max is absent, and goes in a later release",
			fix: "move the value to other_config:pmd-sleep-max",
		},
		{
			table: OpenvSwitch, name: "other_config:enable-dpdk", severity: finding.Warning,
			what: "no OVS knows it", cost: ignored, fix: "set other_config:dpdk-init=try",
		},
		{
			table: OpenvSwitch, name: "other_config:dpdk", severity: finding.Warning,
			what: "no OVS knows it", cost: ignored, fix: "set other_config:dpdk-init=try and the other dpdk- keys",
		},
		{
			table: OpenvSwitch, name: "other_config:cuse-dev-name", severity: finding.Warning,
			what: "gone with dpdkvhostcuse ports since OVS 2.6", cost: ignored, fix: "remove it",
		},
		{
			table: OpenvSwitch, name: "other_config:dpdk-lcore-mask", severity: finding.Info,
			what: "all threads of OVS but the PMDs run on the lowest CPU of the mask",
			cost: "upcalls, LACP and BFD share one core, and starve if a PMD polls on it", fix: "remove it: unset, OVS keeps its own affinity",
		},
		{
			table: OpenvSwitch, name: "other_config:dpdk-alloc-mem", severity: finding.Warning,
			what: "memory is taken wherever EAL finds it", cost: "a node may be left without any; with dpdk-socket-mem set, one of the two loses",
			fix: "set other_config:dpdk-socket-mem, a number of MiB for each NUMA node",
		},
		{
			table: OpenvSwitch, name: "other_config:dpdk-hugepage-dir", severity: finding.Info,
			what: "without effect since OVS 2.17, which starts EAL with --in-memory", cost: "none", fix: "remove it",
		},
		{
			table: OpenvSwitch, name: "other_config:dpdk-init", value: "true", severity: finding.Warning,
			what: "ovs-vswitchd aborts when EAL does not start", cost: "under systemd it starts and aborts over and over, and every bridge is down",
			fix: "set other_config:dpdk-init=try",
		},
		{
			table: OpenvSwitch, name: "other_config:flow-restore-wait", value: "true", severity: finding.Warning,
			what: "read at the start of ovs-vswitchd only: it waits for flows to be restored", cost: "if it stays, nothing is forwarded after the next start",
			fix: "remove it once flows are restored",
		},
	}
}

func obsoleteIface() []obsolete {
	return []obsolete{
		{
			table: IfaceTable, name: "options:dq-zero-copy", severity: finding.Warning,
			what: "gone since OVS 2.15", cost: ignored, fix: "remove it",
		},
		{
			table: IfaceTable, name: "options:xdpmode", severity: finding.Warning,
			what: "renamed xdp-mode with OVS 2.13", cost: ignored, fix: "move the value to options:xdp-mode",
		},
		{
			table: IfaceTable, name: "options:use-need-wakeup", from: "3.7", severity: finding.Warning,
			what: "gone since OVS 3.7", cost: ignored, fix: "remove it",
		},
		{
			table: IfaceTable, name: "type", value: "dpdkvhostuser", severity: finding.Warning,
			what: "OVS makes the socket; deprecated since OVS 2.7", cost: "a restart of OVS cuts its guests off until they are restarted",
			fix: "make the port anew as dpdkvhostuserclient, with the guest's side as server",
		},
		{
			table: IfaceTable, name: "type", value: "dpdkvhostcuse", severity: finding.Warning,
			what: "gone since OVS 2.6", cost: "the port does not open", fix: "make the port anew as dpdkvhostuserclient",
		},
		{
			table: IfaceTable, name: "type", value: "dpdkr", severity: finding.Warning,
			what: "gone since OVS 2.14", cost: "the port does not open", fix: "use a dpdkvhostuserclient port with a virtio-user guest",
		},
		{
			table: IfaceTable, name: "type", value: "lisp", from: "3.6", severity: finding.Warning,
			what: "gone since OVS 3.6", cost: "the tunnel does not open", fix: "use geneve or vxlan",
		},
		{
			table: IfaceTable, name: "type", value: "stt", from: "3.6", severity: finding.Warning,
			what: "gone since OVS 3.6", cost: "the tunnel does not open", fix: "use geneve or vxlan",
		},
	}
}

// applies tells whether an entry is about this setting in this release.
func (o obsolete) applies(t Table, name, value, release string) bool {
	return o.table == t && o.name == name && (o.value == "" || o.value == value) &&
		(o.from == "" || Release(release, o.from) >= 0)
}

func (o obsolete) finding(name, value string) finding.Finding {
	return finding.Finding{
		Severity: o.severity, Code: "setting-obsolete",
		What: fmt.Sprintf("%s=%s: %s", name, value, o.what), Cost: o.cost, Fix: o.fix,
	}
}

// newKeys are the known keys that younger releases brought, with those.
func newKeys() map[string]string {
	return map[string]string{
		"other_config:shared-mempool-config":  "3.0",
		"other_config:all-members-active":     "3.0",
		"other_config:pmd-maxsleep":           "3.1",
		"other_config:pmd-sleep-max":          "3.2",
		"other_config:offloaded-stats-delay":  "3.2",
		"options:rx-steering":                 "3.2",
		"options:srv6_segs":                   "3.2",
		"options:srv6_flowlabel":              "3.2",
		"other_config:explicit-sampled-drops": "3.4",
		"options:vhost-max-queue-pairs":       "3.5",
		"other_config:hw-offload-priority":    "3.7",
		"other_config:dpdk-probe-at-init":     "4.0",
	}
}
