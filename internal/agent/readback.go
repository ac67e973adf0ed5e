package agent

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// dpdkRuns tells whether EAL has started. Its interface types are written with
// the configuration that started it, dpdk_initialized only after that.
func dpdkRuns(o vswitch.Observed) bool {
	return o.DPDKInitialized || slices.Contains(o.IfaceTypes, "dpdk")
}

// refusals compares what OVS made of the wanted rows with what was asked of it,
// and says what it refused, in the operator's words: of settings that still wait
// to be written nothing was refused. OVS only logs some refusals; those are told
// from their effects, as far as the running switch told of them. Where it does
// not answer, as while EAL starts, the database is of the switch that ran before.
func refusals(want vswitch.Desired, o vswitch.Observed, heard replies, m meanings) []string {
	if silent(heard.unread) {
		return nil
	}
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
		for _, s := range m.shortfalls(is, m.judged(r, is.Settings), heard) {
			if !s.unasked {
				refused = append(refused, s.String())
			}
		}
		refused = append(refused, heard.queueRefusals(is)...)
	}
	for _, p := range heard.policers {
		if s, short := p.shortfall(); short {
			refused = append(refused, s.String())
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
	return append(refused, mtuRefusal(is)...)
}

// mtuRefusal compares the MTU. OVS takes that of a vhost port up only while a
// guest is connected (lib/netdev-dpdk.c, dpdk_vhost_reconfigure_helper): until
// one comes, what was asked for is neither in force nor refused.
func mtuRefusal(is vswitch.ObservedRow) []string {
	s, mtu := is.Status, is.Settings["mtu_request"]
	if mtu == "" || s.Error != "" || s.MTU == nil || *s.MTU == 0 || strconv.FormatInt(*s.MTU, 10) == mtu {
		return nil
	}
	runs := fmt.Sprintf("port %s: asked for MTU %s, runs with %d: ", is.Name, mtu, *s.MTU)
	switch {
	case !vhost.Is(is):
		return []string{runs + "the device refused it"}
	case vhost.Connected(is):
		return []string{runs + fmt.Sprintf("OVS takes a vhost port's MTU up only while a guest is connected, and has not set the port up anew since it was asked; "+
			"while the guest is connected set another value and this one again (ovs-vsctl set Interface %s mtu_request=…), or make the port anew, which cuts the guest off meanwhile", is.Name)}
	}
	return nil
}
