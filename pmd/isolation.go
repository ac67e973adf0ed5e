package pmd

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

// isolation finds PMD and guest cores that the kernel still disturbs.
func isolation(t host.Topology, spec Spec, pmds cpuset.Set) []finding.Finding {
	all := pmds.Union(spec.Guests)
	var args []string
	for _, a := range isolationArguments(t) {
		if !all.SubsetOf(a.have) {
			args = append(args, a.name+"="+a.prefix+a.have.Union(all).String())
		}
	}
	var found []finding.Finding
	check := func(code, path, role, cost string, set cpuset.Set) {
		var lacks []string
		for _, a := range isolationArguments(t) {
			if missing := set.Minus(a.have); !missing.IsEmpty() {
				lacks = append(lacks, a.name+" lacks "+missing.String())
			}
		}
		if len(lacks) > 0 {
			found = append(found, finding.Finding{
				Severity: finding.Warning, Code: code, Path: path,
				What: fmt.Sprintf("%s %s: %s", role, cpus(set), strings.Join(lacks, ", ")),
				Cost: cost,
				Fix:  "put on the kernel command line: " + strings.Join(args, " "),
			})
		}
	}
	check("pmd-not-isolated", "cpu.pmd", "PMD",
		"other tasks, timer ticks and RCU callbacks interrupt polling: latency, and lost packets at high rates", pmds)
	check("guests-not-isolated", "cpu.guests", "guest",
		"other tasks interrupt the guests' virtual CPUs: their queues fill and OVS drops towards them", spec.Guests)
	return found
}

type isolationArgument struct {
	name, prefix string
	have         cpuset.Set
}

func isolationArguments(t host.Topology) []isolationArgument {
	return []isolationArgument{
		{"isolcpus", "managed_irq,domain,", t.Isolated},
		{"nohz_full", "", t.NoHzFull},
		// Full dynticks CPUs have their RCU callbacks offloaded anyway
		// (kernel/rcu/tree_nocb.h, rcu_init_nohz).
		{"rcu_nocbs", "", t.RCUNoCBs.Union(t.NoHzFull)},
	}
}
