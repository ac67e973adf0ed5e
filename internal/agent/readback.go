package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
)

// settleTime is how long OVS may take to report what it made of a configuration:
// it tells that it carried it out first, and writes the status of ports after.
const settleTime = 2 * time.Second

// readBack returns the database with what OVS refused of the wanted rows. After
// changes it gives OVS a moment to report; what shows then counts.
func (a *Agent) readBack(ctx context.Context, db *ovsdb.Client, want vswitch.Desired, out outcome) (vswitch.Observed, []string) {
	o := out.after
	refused := readBack(want, o, a.rxqShow(ctx))
	if len(out.made) == 0 || len(refused) == 0 {
		return o, append(out.refused, refused...)
	}
	settling, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	now, err := db.WaitFor(settling, func(o vswitch.Observed) bool {
		o.OVSVersion = out.after.OVSVersion
		refused = readBack(want, o, a.rxqShow(ctx))
		return len(refused) == 0
	})
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		now.OVSVersion, o = o.OVSVersion, now
	}
	return o, append(out.refused, refused...)
}

// dpdkRuns tells whether EAL has started. Its interface types are written with
// the configuration that started it, dpdk_initialized only after that.
func dpdkRuns(o vswitch.Observed) bool {
	return o.DPDKInitialized || slices.Contains(o.IfaceTypes, "dpdk")
}

// readBack compares what OVS made of the wanted rows with what was asked of it,
// and says what it refused, in the operator's words: of settings that still wait
// to be written nothing was refused. OVS only logs some refusals; those are told
// from their effects. rxqs is nil where pmd-rxq-show could not be read.
func readBack(want vswitch.Desired, o vswitch.Observed, rxqs *pmd.RxqShow) []string {
	var refused []string
	if root, ok := o.Row(vswitch.Root); ok {
		asked := root.Settings["other_config:dpdk-init"]
		if (asked == "try" || asked == "true") && root.Mark.Owns("other_config:dpdk-init") && o.OVSVersion != "" && !dpdkRuns(o) {
			refused = append(refused, withoutDPDK(o))
		}
	}
	for _, r := range want.Rows {
		is, ok := o.Row(r.ID)
		if r.Table != vswitch.IfaceTable || !ok || is.Status == nil {
			continue
		}
		refused = append(refused, interfaceRefusals(is)...)
		if rxqs != nil {
			refused = append(refused, queueRefusals(is, *rxqs)...)
		}
	}
	return refused
}

// withoutDPDK says why DPDK does not run. A build without it says "none" in
// dpdk_version (lib/dpdk-stub.c).
func withoutDPDK(o vswitch.Observed) string {
	if o.DPDKVersion == "none" {
		return "this ovs-vswitchd is built without DPDK: install openvswitch-switch-dpdk, choose its binary (update-alternatives --set ovs-vswitchd /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk), restart it"
	}
	return "DPDK is not initialized: EAL did not start (ovs-vswitchd's log says why, search for EAL); mend it, then restart ovs-vswitchd, which tries only once"
}

func interfaceRefusals(is vswitch.ObservedRow) []string {
	var refused []string
	s := is.Status
	switch {
	case s.Error != "":
		refused = append(refused, fmt.Sprintf("port %s: OVS says: %s", is.Name, s.Error))
	case s.OFPort != nil && *s.OFPort < 0:
		refused = append(refused, fmt.Sprintf("port %s: OVS could not add it to its bridge (no reason given; see ovs-vswitchd's log)", is.Name))
	}
	if mtu := is.Settings["mtu_request"]; mtu != "" && s.Error == "" && s.MTU != nil && *s.MTU != 0 && strconv.FormatInt(*s.MTU, 10) != mtu {
		refused = append(refused, fmt.Sprintf("port %s: asked for MTU %s, runs with %d: the device refused it", is.Name, mtu, *s.MTU))
	}
	return refused
}

// queueRefusals finds queues that no PMD polls and pins that were not kept:
// pmd-rxq-show lists only queues that are assigned.
func queueRefusals(is vswitch.ObservedRow, rxqs pmd.RxqShow) []string {
	typ := is.Settings["type"]
	if typ != "dpdk" && typ != "dpdkvhostuserclient" || is.Status.Error != "" || len(rxqs.PMDs) == 0 {
		return nil
	}
	polled := map[int]int{} // queue -> core
	for _, p := range rxqs.PMDs {
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
	if typ == "dpdk" && len(polled) < queues {
		refused = append(refused, fmt.Sprintf("port %s: %d of %d rx queues are polled by a PMD; packets of the others are lost", is.Name, len(polled), queues))
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
