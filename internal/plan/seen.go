package plan

import (
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// seen returns what a running switch tells of the host and of its own memory.
func (m *maker) seen() dpdk.Seen {
	o := m.in.Observed
	root, _ := o.Row(vswitch.Root)
	s := dpdk.Seen{
		// dpdk_initialized outlives the process.
		Running:     m.in.Process != nil && o.DPDKInitialized,
		SocketLimit: numbers(root.Settings["other_config:dpdk-socket-limit"]),
		Ports:       map[string]dpdk.SeenPort{}, MAC: map[string]string{}, MaxRxQueues: map[string]int{},
	}
	if s.Running {
		s.Model = dpdk.Shared
		if root.Settings["other_config:per-port-memory"] == "true" {
			s.Model = dpdk.PerPort
		}
		for _, h := range m.in.Process.Hugepages {
			s.Hugepages = append(s.Hugepages, dpdk.HeldPages(h))
		}
	}
	for _, r := range o.Rows {
		if r.Status == nil {
			continue
		}
		if r.Status.MACInUse != "" {
			s.MAC[r.Name] = r.Status.MACInUse
		}
		if n, err := strconv.Atoi(r.Status.Status["max_rx_queues"]); err == nil {
			s.MaxRxQueues[r.Name] = n
		}
		if typ := r.Settings["type"]; typ == "dpdk" || typ == "dpdkvhostuserclient" || typ == "dpdkvhostuser" {
			s.Ports[r.Name] = seenPort(r)
		}
	}
	return s
}

func seenPort(r vswitch.ObservedRow) dpdk.SeenPort {
	p := dpdk.SeenPort{
		Node:    number(r.Status.Status["numa_id"], number(r.Status.Status["numa"], -1)),
		Request: number(r.Settings["mtu_request"], 0), RxQueues: number(r.Settings["options:n_rxq"], 0),
		RxDesc: number(r.Settings["options:n_rxq_desc"], 0), TxDesc: number(r.Settings["options:n_txq_desc"], 0),
		TxQueues: number(r.Status.Status["n_txq"], 0), // since OVS 3.3
	}
	if r.Status.MTU != nil && r.Status.Error == "" {
		p.MTU = int(*r.Status.MTU)
	}
	return p
}

// number reads a number, or returns what stands for none.
func number(text string, none int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return none
	}
	return n
}

// numbers reads a list, "1024,0,2048"; what is no number counts as 0.
func numbers(list string) []int {
	var out []int
	for word := range strings.SplitSeq(list, ",") {
		if list != "" {
			out = append(out, number(word, 0))
		}
	}
	return out
}
