package pmd

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

// checkQueues judges the PMD set against the queues it shall poll.
func checkQueues(t host.Topology, spec Spec, queues []Queue, p Plan) []finding.Finding {
	if p.PMDs.IsEmpty() {
		return nil // said already, and everything here would follow from it
	}
	var found []finding.Finding
	for _, q := range queues {
		found = append(found, checkNode(t, q, p)...)
		found = append(found, checkPins(t, q, p)...)
	}
	if spec.Isolate {
		found = append(found, checkIsolated(queues, p)...)
	}
	return found
}

// checkNode compares a physical port with the PMDs of its NUMA node.
func checkNode(t host.Topology, q Queue, p Plan) []finding.Finding {
	if !q.Physical {
		return nil // the guest's node is known when it connects
	}
	node := max(q.Node, 0)
	here := p.on(node)
	switch {
	case here.IsEmpty():
		fix := fmt.Sprintf("no core of node %d is usable here: widen the cpuset, or take a NIC of another node", node)
		if usable := onNode(t, node); !usable.IsEmpty() {
			fix = fmt.Sprintf("add cores of node %d (%s) to cpu.pmd", node, usable)
		}
		return []finding.Finding{{
			Severity: finding.Warning, Code: "node-without-pmd", Path: q.Path,
			What: fmt.Sprintf("%s is on node %d, which has no PMD; the PMDs are %s", q.Port, node, p.PMDs),
			Cost: "cross-NUMA polling: every packet crosses the sockets' interconnect, which costs rate and latency",
			Fix:  fix,
		}}
	case q.RxQueues > here.Len() && !q.Dictated:
		return []finding.Finding{{
			Severity: finding.Warning, Code: "queues-exceed-pmds", Path: q.Path + ".rxQueues",
			What: fmt.Sprintf("%s has %d rx queues, node %d has %d PMD(s): %s", q.Port, q.RxQueues, node, here.Len(), here),
			Cost: "some PMD polls several queues of the port, which costs descriptors and mbufs and brings nothing",
			Fix:  fmt.Sprintf("set rxQueues: %d, or add cores of node %d to cpu.pmd", here.Len(), node),
		}}
	}
	return nil
}

// onNode returns the usable CPUs of a node.
func onNode(t host.Topology, node int) cpuset.Set {
	var set cpuset.Set
	for _, c := range coresOf(t) {
		if c.node == node {
			set = set.Union(c.cpus)
		}
	}
	return set
}

// checkPins judges the pins of one port.
func checkPins(t host.Topology, q Queue, p Plan) []finding.Finding {
	var found []finding.Finding
	pinned := map[int]int{}
	for _, pin := range q.Pins {
		if cpu, twice := pinned[pin.Queue]; twice {
			found = append(found, finding.Finding{
				Severity: finding.Error, Code: "pin-twice", Path: pin.Path,
				What: fmt.Sprintf("queue %d of %s is pinned to CPU %d and to CPU %d", pin.Queue, q.Port, cpu, pin.CPU),
				Fix:  "keep one of the two entries",
			})
			continue
		}
		pinned[pin.Queue] = pin.CPU
		switch {
		case pin.Queue < 0 || pin.Queue >= q.RxQueues:
			found = append(found, finding.Finding{
				Severity: finding.Error, Code: "pin-no-queue", Path: pin.Path,
				What: fmt.Sprintf("%s has no queue %d: it has %d rx queue(s), counted from 0", q.Port, pin.Queue, q.RxQueues),
				Fix:  fmt.Sprintf("name a queue from 0 to %d, or raise rxQueues", q.RxQueues-1),
			})
		case !p.PMDs.Contains(pin.CPU):
			found = append(found, finding.Finding{
				Severity: finding.Error, Code: "pin-no-pmd", Path: pin.Path,
				What: fmt.Sprintf("queue %d of %s is pinned to CPU %d, which is no PMD; the PMDs are %s", pin.Queue, q.Port, pin.CPU, p.PMDs),
				Cost: "OVS would put the queue on another core and say so only in its log",
				Fix:  fmt.Sprintf("pin it to one of %s, or add CPU %d to cpu.pmd", p.PMDs, pin.CPU),
			})
		case q.Physical && !p.on(max(q.Node, 0)).IsEmpty() && nodeOf(t, pin.CPU) != max(q.Node, 0):
			found = append(found, finding.Finding{
				Severity: finding.Warning, Code: "pin-other-node", Path: pin.Path,
				What: fmt.Sprintf("queue %d of %s (node %d) is pinned to CPU %d of node %d", pin.Queue, q.Port, max(q.Node, 0), pin.CPU, nodeOf(t, pin.CPU)),
				Cost: "cross-NUMA polling: every packet of the queue crosses the sockets' interconnect",
				Fix:  fmt.Sprintf("pin it to one of %s", p.on(max(q.Node, 0))),
			})
		}
	}
	return found
}

// checkIsolated applies pmd-rxq-isolate=true: a PMD with a pin takes no
// unpinned queue, so nodes, or the host, can run out of PMDs for those.
func checkIsolated(queues []Queue, p Plan) []finding.Finding {
	var pinnedTo cpuset.Set
	var loose []string
	for _, q := range queues {
		for _, pin := range q.Pins {
			if p.PMDs.Contains(pin.CPU) {
				pinnedTo = pinnedTo.Union(cpuset.Of(pin.CPU))
			}
		}
		if len(q.Pins) < q.RxQueues {
			loose = append(loose, q.Port)
		}
	}
	if p.PMDs.SubsetOf(pinnedTo) && len(loose) > 0 {
		return []finding.Finding{{
			Severity: finding.Error, Code: "isolate-unpolled", Path: "cpu.isolate",
			What: fmt.Sprintf("every PMD (%s) holds a pin and isolate is true: no PMD polls the unpinned queues of %s", p.PMDs, strings.Join(loose, ", ")),
			Cost: "OVS does not poll those queues at all: everything received there is lost",
			Fix:  "set isolate: false with assign: group, or pin one queue less",
		}}
	}
	var found []finding.Finding
	for _, n := range p.Nodes {
		if !n.PMDs.SubsetOf(pinnedTo) {
			continue
		}
		found = append(found, finding.Finding{
			Severity: finding.Warning, Code: "isolate-all-pinned", Path: "cpu.isolate",
			What: fmt.Sprintf("every PMD of node %d (%s) holds a pin and isolate is true", n.Node, n.PMDs),
			Cost: "queues added later are polled from another node, or, once no PMD of the host is without a pin, not at all",
			Fix:  "set isolate: false with assign: group, or leave one PMD of the node without a pin",
		})
	}
	return found
}
