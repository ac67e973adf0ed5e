package agent

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// rxQueues returns how many rx queues the device was set up with, those for
// itself (rx-steering) left out; false where the switch does not tell.
func rxQueues(is vswitch.ObservedRow, port appctl.DatapathPort) (int, bool) {
	text, known := port.Options["configured_rx_queues"] // until OVS 3.2
	if !known {
		text = is.Status.Status["n_rxq"] // since OVS 3.3
	}
	n, err := strconv.Atoi(text)
	if port.Options["rx-steering"] == "rss+lacp" {
		n--
	}
	return n, err == nil
}

// queueShortfall tells of a device with fewer rx queues than were asked for: OVS
// sets up as many as there are (lib/netdev-dpdk.c, dpdk_eth_dev_port_config).
func queueShortfall(is vswitch.ObservedRow, asked vswitch.Settings, port appctl.DatapathPort) (shortfall, bool) {
	want, err := strconv.Atoi(asked["options:n_rxq"])
	runs, known := rxQueues(is, port)
	if err != nil || !known || runs >= want || is.Settings["type"] != "dpdk" {
		return shortfall{}, false
	}
	return shortfall{
		what:    fmt.Sprintf("port %s: asked for %d rx queues, runs with %d: the device has no more", is.Name, want, runs),
		do:      fmt.Sprintf("set rxQueues: %d on %s in the profile", runs, is.Name),
		setting: "options:n_rxq", byHand: setByHand(is.Name, "options:n_rxq", strconv.Itoa(runs)),
	}, true
}

// queueRefusals finds queues that no PMD polls and pins that were not kept:
// pmd-rxq-show lists only queues that are assigned.
func (r replies) queueRefusals(is vswitch.ObservedRow) []string {
	port, inside := r.ports[is.Name]
	typ := is.Settings["type"]
	switch {
	case typ != "dpdk" && typ != vhost.Type || is.Status.Error != "":
		return nil
	case r.rxqs == nil || r.ports != nil && !inside:
		return nil
	case len(r.rxqs.PMDs) == 0:
		// PMD threads run as long as the datapath has a port for them to poll.
		if !inside {
			return nil
		}
		return []string{fmt.Sprintf("port %s: no PMD thread runs, so nobody polls it and what it receives is lost: pmd-cpu-mask names no core that OVS can use; "+
			"set cpu.pmd to cores that are online (`sluicectl host check`), or take other_config:pmd-cpu-mask out of the Open_vSwitch row", is.Name)}
	}
	polled := map[int]int{} // queue -> core
	for _, p := range r.rxqs.PMDs {
		for _, q := range p.Queues {
			if q.Port == is.Name {
				polled[q.Queue] = p.Core
			}
		}
	}
	var refused []string
	queues := 1
	if n, err := strconv.Atoi(is.Settings["options:n_rxq"]); err == nil {
		queues = n
	}
	if n, known := rxQueues(is, port); known {
		queues = min(queues, n) // queueShortfall tells of those that are not there
	}
	if typ == "dpdk" && len(polled) < queues {
		refused = append(refused, fmt.Sprintf("port %s: %d of %d rx queues are polled by a PMD; packets of the others are lost", is.Name, len(polled), queues))
	}
	// How many queues a guest has is its own affair; one it has always.
	if typ == vhost.Type && vhost.Connected(is) && len(polled) == 0 {
		refused = append(refused, fmt.Sprintf("port %s: no PMD polls it, and what its guest sends is lost; look at cpu.pmd and cpu.isolate: every PMD may hold a pin and be isolated", is.Name))
	}
	for pin := range strings.SplitSeq(is.Settings["other_config:pmd-rxq-affinity"], ",") {
		queue, core, ok := strings.Cut(pin, ":")
		q, err1 := strconv.Atoi(queue)
		c, err2 := strconv.Atoi(core)
		if !ok || err1 != nil || err2 != nil {
			continue
		}
		if at, isPolled := polled[q]; isPolled && at != c {
			refused = append(refused, fmt.Sprintf("port %s: queue %d is pinned to core %d and polled by core %d: is there a PMD on core %d?", is.Name, q, c, at, c))
		}
	}
	return refused
}
