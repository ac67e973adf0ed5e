package agent

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
)

// readBack compares what OVS made of the wanted rows with the rows, and says
// what it refused, in the operator's words. OVS only logs some refusals; those
// are told from their effects. rxqs is nil where pmd-rxq-show could not be read.
func readBack(want vswitch.Desired, o vswitch.Observed, rxqs *pmd.RxqShow) []string {
	var refused []string
	say := func(format string, args ...any) { refused = append(refused, fmt.Sprintf(format, args...)) }
	if root, ok := want.Row(vswitch.Root); ok {
		initWanted := root.Settings["other_config:dpdk-init"]
		if (initWanted == "try" || initWanted == "true") && o.OVSVersion != "" && !o.DPDKInitialized {
			say("DPDK is not initialized: EAL did not start (ovs-vswitchd's log says why, search for EAL); mend it, then restart ovs-vswitchd, which tries only once")
		}
	}
	for _, r := range want.Rows {
		if r.Table != vswitch.IfaceTable {
			continue
		}
		is, ok := o.Row(r.ID)
		if !ok || is.Status == nil {
			continue
		}
		refused = append(refused, interfaceRefusals(r, is)...)
		if rxqs != nil {
			refused = append(refused, queueRefusals(r, is, *rxqs)...)
		}
	}
	return refused
}

func interfaceRefusals(want vswitch.Row, is vswitch.ObservedRow) []string {
	var refused []string
	s := is.Status
	switch {
	case s.Error != "":
		refused = append(refused, fmt.Sprintf("port %s: OVS says: %s", want.Name, s.Error))
	case s.OFPort != nil && *s.OFPort < 0:
		refused = append(refused, fmt.Sprintf("port %s: OVS could not add it to its bridge (no reason given; see ovs-vswitchd's log)", want.Name))
	}
	if mtu := want.Settings["mtu_request"]; mtu != "" && s.Error == "" && s.MTU != nil && *s.MTU != 0 && strconv.FormatInt(*s.MTU, 10) != mtu {
		refused = append(refused, fmt.Sprintf("port %s: asked for MTU %s, runs with %d: the device refused it", want.Name, mtu, *s.MTU))
	}
	return refused
}

// queueRefusals finds queues that no PMD polls and pins that were not kept:
// pmd-rxq-show lists only queues that are assigned.
func queueRefusals(want vswitch.Row, is vswitch.ObservedRow, rxqs pmd.RxqShow) []string {
	typ := want.Settings["type"]
	if typ != "dpdk" && typ != "dpdkvhostuserclient" || is.Status.Error != "" || len(rxqs.PMDs) == 0 {
		return nil
	}
	polled := map[int]int{} // queue -> core
	for _, p := range rxqs.PMDs {
		for _, q := range p.Queues {
			if q.Port == want.Name {
				polled[q.Queue] = p.Core
			}
		}
	}
	var refused []string
	queues := 1
	if n, err := strconv.Atoi(want.Settings["options:n_rxq"]); err == nil {
		queues = n
	}
	if typ == "dpdk" && len(polled) < queues {
		refused = append(refused, fmt.Sprintf("port %s: %d of %d rx queues are polled by a PMD; packets of the others are lost", want.Name, len(polled), queues))
	}
	for pin := range strings.SplitSeq(want.Settings["other_config:pmd-rxq-affinity"], ",") {
		queue, core, ok := strings.Cut(pin, ":")
		q, err1 := strconv.Atoi(queue)
		c, err2 := strconv.Atoi(core)
		if !ok || err1 != nil || err2 != nil {
			continue
		}
		if at, isPolled := polled[q]; isPolled && at != c {
			refused = append(refused, fmt.Sprintf("port %s: queue %d is pinned to core %d and polled by core %d: is there a PMD on core %d?", want.Name, q, c, at, c))
		}
	}
	return refused
}
