package dpdk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
)

// describedHost builds a Topology from lines like these:
//
//	node 0: cpus 0-27,56-83, 65536 MiB, 2M 900/1024, 1G 0/0     (free/total pages)
//	nic 0000:3b:00.0 eth0 ixgbe node 0, mac 3c:fd:fe:00:00:01, queues 8, group 12, default-route, bifurcated
//	no iommu
//
// A NIC without a kernel name is written with "-".
func describedHost(t *testing.T, text string) host.Topology {
	t.Helper()
	topo := host.Topology{IOMMU: true}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		var err error
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "":
		case "node":
			err = addNode(&topo, rest)
		case "nic":
			err = addNIC(&topo, rest)
		case "no":
			topo.IOMMU = false
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			t.Fatalf("described host: %s: %v", line, err)
		}
	}
	topo.Allowed = topo.Online()
	return topo
}

func addNode(topo *host.Topology, text string) error {
	id, what, _ := strings.Cut(text, ": ")
	var n host.Node
	if _, err := fmt.Sscanf(id, "%d", &n.ID); err != nil {
		return err
	}
	for part := range strings.SplitSeq(what, ", ") {
		var pages host.Hugepages
		switch {
		case strings.HasPrefix(part, "cpus "):
			set, err := cpuset.Parse(strings.TrimPrefix(part, "cpus "))
			if err != nil {
				return err
			}
			n.CPUs = set
			for cpu := range set.All() {
				topo.CPUs = append(topo.CPUs, host.CPU{ID: cpu, Online: true, Node: n.ID, Siblings: cpuset.Of(cpu)})
			}
		case strings.HasSuffix(part, " MiB"):
			if _, err := fmt.Sscanf(part, "%d MiB", &n.MemoryMiB); err != nil {
				return err
			}
		case strings.HasPrefix(part, "2M "):
			pages.SizeKiB = 2048
			if _, err := fmt.Sscanf(part, "2M %d/%d", &pages.Free, &pages.Total); err != nil {
				return err
			}
			n.Hugepages = append(n.Hugepages, pages)
		case strings.HasPrefix(part, "1G "):
			pages.SizeKiB = 1048576
			if _, err := fmt.Sscanf(part, "1G %d/%d", &pages.Free, &pages.Total); err != nil {
				return err
			}
			n.Hugepages = append(n.Hugepages, pages)
		default:
			return fmt.Errorf("unknown part %q", part)
		}
	}
	topo.Nodes = append(topo.Nodes, n)
	return nil
}

func addNIC(topo *host.Topology, text string) error {
	head, rest, _ := strings.Cut(text, ", ")
	var n host.NIC
	if _, err := fmt.Sscanf(head, "%s %s %s node %d", &n.PCI, &n.Name, &n.Driver, &n.Node); err != nil {
		return err
	}
	n.Name = strings.TrimPrefix(n.Name, "-")
	for part := range strings.SplitSeq(rest, ", ") {
		switch key, value, _ := strings.Cut(part, " "); key {
		case "mac":
			n.MAC = value
		case "queues":
			if _, err := fmt.Sscanf(value, "%d", &n.RxQueues); err != nil {
				return err
			}
		case "group":
			n.IOMMU = value
		case "default-route":
			n.DefaultRoute = true
		case "bifurcated":
			n.Bifurcated = true
		case "":
		default:
			return fmt.Errorf("unknown part %q", part)
		}
	}
	topo.NICs = append(topo.NICs, n)
	return nil
}
