package pmd

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

// checkCores judges the core sets themselves.
func checkCores(t host.Topology, spec Spec, p Plan) []finding.Finding {
	var found []finding.Finding
	add := func(f ...finding.Finding) { found = append(found, f...) }
	if spec.Assign != Group && !spec.Isolate {
		add(finding.Finding{
			Severity: finding.Error, Code: "isolate-needs-group", Path: "cpu.isolate",
			What: fmt.Sprintf("isolate: false does not go with assign: %s", spec.Assign),
			Cost: "OVS would isolate pinned PMDs all the same and say so only in its log",
			Fix:  "set isolate: true, or assign: group",
		})
	}
	add(overlaps(spec, p)...)
	if p.PMDs.IsEmpty() {
		add(finding.Finding{
			Severity: finding.Error, Code: "no-pmd", Path: "cpu.pmd",
			What: fmt.Sprintf("no core is left to poll with: %d CPUs are usable (%s), reserved %s, guests %s",
				allowed(t).Len(), allowed(t), orNone(p.Reserved), orNone(spec.Guests)),
			Cost: "no dpdk or vhost port passes a packet",
			Fix:  "name cpu.pmd, or give cpu.reserved and cpu.guests fewer cores",
		})
		return found
	}
	add(unusable(t, "cpu.pmd", "PMD", p.PMDs)...)
	add(unusable(t, "cpu.reserved", "reserved", spec.Reserved.Set)...)
	add(siblings(t, spec, p)...)
	if p.Reserved.IsEmpty() && spec.Reserved.Auto {
		add(finding.Finding{
			Severity: finding.Warning, Code: "pmd-shares-host", Path: "cpu.reserved",
			What: fmt.Sprintf("no core is left for the system: the PMD on %s shares it with everything else", p.PMDs),
			Cost: "a busy PMD starves the system and OVS's main thread: lost packets, LACP and BFD flaps",
			Fix:  "give the host another core, or let PMDs sleep with cpu.sleepMax: 500us",
		})
	} else { // the kernel cannot be kept off the only core
		add(isolation(t, spec, p.PMDs.Intersect(t.Online()))...)
	}
	if n := p.PMDs.Len(); t.CPUQuota > 0 && t.CPUQuota < float64(n) {
		add(finding.Finding{
			Severity: finding.Warning, Code: "cpu-quota", Path: "cpu.pmd",
			What: fmt.Sprintf("the cgroup allows %g cores, %d PMD threads would poll", t.CPUQuota, n),
			Cost: "the kernel stops PMD threads for the rest of each period: bursts of lost packets",
			Fix:  fmt.Sprintf("raise the CPU limit above %d cores, or name at most %d cores in cpu.pmd", n, int(t.CPUQuota)),
		})
	}
	return found
}

func orNone(s cpuset.Set) string {
	if s.IsEmpty() {
		return "none"
	}
	return s.String()
}

// overlaps finds cores that have two of the three uses.
func overlaps(spec Spec, p Plan) []finding.Finding {
	var found []finding.Finding
	const polled = "a PMD thread never yields its core: whatever shares it starves, and packets wait"
	check := func(code, path, cost, a, b string, sa, sb cpuset.Set) {
		both := sa.Intersect(sb)
		if both.IsEmpty() {
			return
		}
		found = append(found, finding.Finding{
			Severity: finding.Error, Code: code, Path: path,
			What: fmt.Sprintf("%s is in both %s (%s) and %s (%s)", cpus(both), a, sa, b, sb),
			Cost: cost,
			Fix:  fmt.Sprintf("take %s out of %s or %s", both, a, b),
		})
	}
	check("pmd-overlaps-reserved", "cpu.pmd", polled, "cpu.pmd", "cpu.reserved", p.PMDs, p.Reserved)
	check("pmd-overlaps-guests", "cpu.pmd", polled, "cpu.pmd", "cpu.guests", p.PMDs, spec.Guests)
	check("guests-overlap-reserved", "cpu.guests", "the system's tasks take time from the guests' virtual CPUs",
		"cpu.guests", "cpu.reserved", spec.Guests, p.Reserved)
	return found
}

// cpus writes "CPU 3" or "CPUs 3-5".
func cpus(s cpuset.Set) string {
	if s.Len() == 1 {
		return "CPU " + s.String()
	}
	return "CPUs " + s.String()
}

// unusable finds CPUs that do not exist, are offline, or are kept from us. OVS
// drops cores it does not see without a word (lib/ovs-numa.c).
func unusable(t host.Topology, path, role string, set cpuset.Set) []finding.Finding {
	var missing, offline cpuset.Set
	for cpu := range set.All() {
		switch c, ok := t.CPU(cpu); {
		case !ok:
			missing = missing.Union(cpuset.Of(cpu))
		case !c.Online:
			offline = offline.Union(cpuset.Of(cpu))
		}
	}
	kept := set.Minus(missing).Minus(offline).Minus(allowed(t))
	var found []finding.Finding
	for _, bad := range []struct {
		code, what, fix string
		set             cpuset.Set
	}{
		{"core-missing", "not on this host", "name CPUs out of " + allowed(t).String(), missing},
		{"core-offline", "offline", "echo 1 > /sys/devices/system/cpu/cpuN/online, or name CPUs out of " + allowed(t).String(), offline},
		{
			"core-not-allowed", "outside the cpuset of this host's services (" + allowed(t).String() + ")",
			"widen the cpuset, or name CPUs out of " + allowed(t).String(), kept,
		},
	} {
		if bad.set.IsEmpty() {
			continue
		}
		found = append(found, finding.Finding{
			Severity: finding.Error, Code: strings.ToLower(role) + "-" + bad.code, Path: path,
			What: fmt.Sprintf("%s %s: %s", role, cpus(bad.set), bad.what),
			Cost: "OVS drops such cores without a word; queues pinned there land elsewhere or are not polled",
			Fix:  bad.fix,
		})
	}
	return found
}

// siblings finds PMD cores whose hardware thread siblings do something else.
func siblings(t host.Topology, spec Spec, p Plan) []finding.Finding {
	var found []finding.Finding
	var seen cpuset.Set
	for cpu := range p.PMDs.All() {
		c, _ := t.CPU(cpu)
		all := c.Siblings.Intersect(t.Online())
		others := all.Minus(p.PMDs)
		if seen.Contains(cpu) || others.IsEmpty() {
			continue
		}
		seen = seen.Union(all)
		use := "is open to any task"
		switch {
		case !others.Intersect(p.Reserved).IsEmpty():
			use = "is reserved for the system"
		case !others.Intersect(spec.Guests).IsEmpty():
			use = "belongs to guests"
		}
		found = append(found, finding.Finding{
			Severity: finding.Warning, Code: "pmd-sibling-shared", Path: "cpu.pmd",
			What: fmt.Sprintf("PMD %s: its sibling %s %s", cpus(all.Intersect(p.PMDs)), others, use),
			Cost: "the two threads share one physical core: the PMD's packet rate falls whenever the sibling works",
			Fix:  fmt.Sprintf("add %s to cpu.pmd, take it offline, or poll on another core", others),
		})
	}
	return found
}
