package agent

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// shortfall is something of a port that is not as it was asked for.
type shortfall struct {
	what string // with the port, what was asked, what runs and why
	look string // where to look first; "" = nowhere
	do   string // what to do about it in the profile that asked for it
	// setting of the row it is about, "" = any; byHand is what changes it where no
	// profile does.
	setting, byHand string
	// unasked: what was asked for is what OVS takes where nobody asks, as a
	// profile does that says nothing of it.
	unasked bool
}

func (s shortfall) String() string { return s.what + "; " + s.remedy() }

// remedy is what to do where the profile asks for just what the database has.
func (s shortfall) remedy() string {
	if s.look == "" {
		return s.do
	}
	return s.look + ", then " + s.do
}

// setByHand is the command that sets an interface's setting.
func setByHand(iface, setting, value string) string {
	return fmt.Sprintf("`ovs-vsctl set Interface %s %s=%s`", iface, setting, value)
}

// echo is an option that the running switch tells as it runs.
type echo struct {
	setting string
	// keys are its names in dpctl/show, the newest first (lib/netdev-dpdk.c,
	// netdev_dpdk_get_config and, since 3.3, vhost_client_get_config).
	keys []string
	// witness is a key whose presence tells that a missing key means absent;
	// empty: a missing key means that this release does not tell.
	witness, absent string
	// status is its key in Interface.status, looked at where dpctl/show tells
	// nothing.
	status string
	why    string
	do     string // a format of the port, what was asked and what runs
	// unasked is OVS's default where it may ask too much of a device.
	unasked string
	// nearest returns what to ask for where it is not just what runs.
	nearest func(asked, runs string) string
}

// echoes of n_rxq are in queueShortfall: fewer than asked is what matters there.
func echoes() []echo {
	const lsc, ofDriver = "dpdk-lsc-interrupt", "the driver does not do it, and ovs-vswitchd's log says so only in passing"
	// lib/netdev-dpdk.c, dpdk_process_queue_size, of 3.1.0, 3.2.0 and 3.6.0.
	const rounded = "OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits"
	return []echo{
		{
			setting: "options:n_rxq_desc", keys: []string{"n_rxq_desc", "configured_rxq_descriptors"},
			why: rounded, do: "set rxDescriptors: %[3]s on %[1]s in the profile", unasked: "2048", nearest: powerOfTwo,
		},
		{
			setting: "options:n_txq_desc", keys: []string{"n_txq_desc", "configured_txq_descriptors"},
			why: rounded, do: "set txDescriptors: %[3]s on %[1]s in the profile", unasked: "2048", nearest: powerOfTwo,
		},
		{
			setting: "options:rx-flow-ctrl", keys: []string{"rx-flow-ctrl"}, witness: lsc, absent: "false",
			why: ofDriver, do: "take flowControl.rx off %[1]s in the profile",
		},
		{
			setting: "options:tx-flow-ctrl", keys: []string{"tx-flow-ctrl"}, witness: lsc, absent: "false",
			why: ofDriver, do: "take flowControl.tx off %[1]s in the profile",
		},
		{
			setting: "options:flow-ctrl-autoneg", keys: []string{"flow-ctrl-autoneg"}, witness: lsc, absent: "false",
			why: ofDriver, do: "take flowControl.autoneg off %[1]s in the profile",
		},
		{
			setting: socketSetting, keys: []string{"vhost-server-path"}, status: "socket",
			why: "OVS read the path when the port was made, and it was written anew since", do: "`ovs-vsctl del-port %[1]s`: the daemon makes the port again, with that path; a guest that is connected is cut off meanwhile",
		},
		{
			setting: "options:tx-retries-max", keys: []string{"tx-retries-max"}, witness: "vhost-server-path", absent: "8",
			why: "OVS takes 0 to 32, and 8 for what is neither", do: "set txRetries: %[3]s on %[1]s in the profile",
		},
	}
}

const socketSetting = "options:vhost-server-path"

// runningPath returns the socket that OVS uses for a vhost port; "" = it does
// not tell: before OVS 3.3 it does of connected ports only.
func runningPath(is vswitch.ObservedRow, heard replies) string {
	for _, e := range echoes() {
		if e.setting == socketSetting {
			path, _ := e.running(is, heard.ports[is.Name])
			return path
		}
	}
	return ""
}

// ofDPDK tells whether an interface is DPDK's: of others the switch tells nothing
// that a profile asks for.
func ofDPDK(s vswitch.Settings) bool { return strings.HasPrefix(s["type"], "dpdk") }

// running returns the option as it runs; false where the switch does not tell.
func (e echo) running(is vswitch.ObservedRow, port appctl.DatapathPort) (string, bool) {
	for _, key := range e.keys {
		if text, ok := port.Options[key]; ok {
			return text, true
		}
	}
	if _, ok := port.Options[e.witness]; ok {
		return e.absent, true
	}
	text, ok := is.Status.Status[e.status]
	return text, ok
}

// shortfalls compares an interface's options in the database, asked, with those
// that run.
func (m meanings) shortfalls(is vswitch.ObservedRow, asked vswitch.Settings, heard replies) []shortfall {
	if !taken(is) {
		return nil // interfaceRefusals tells
	}
	port, inside := heard.ports[is.Name]
	if heard.ports != nil && !inside && ofDPDK(is.Settings) {
		return []shortfall{thrownOut(is)}
	}
	var found []shortfall
	for _, e := range m.echoes {
		text, ok := asked[e.setting]
		if !ok {
			continue
		}
		want := m.of(vswitch.IfaceTable, e.setting, text)
		if runs, known := e.running(is, port); known && m.of(vswitch.IfaceTable, e.setting, runs) != want {
			advised := runs
			if e.nearest != nil {
				advised = e.nearest(want, runs)
			}
			found = append(found, shortfall{
				what:    fmt.Sprintf("port %s: asked for %s %s, runs with %s: %s", is.Name, strings.TrimPrefix(e.setting, "options:"), want, runs, e.why),
				do:      fmt.Sprintf(e.do, is.Name, want, advised),
				setting: e.setting, byHand: setByHand(is.Name, e.setting, advised),
				unasked: e.unasked != "" && want == e.unasked,
			})
		}
	}
	if s, ok := queueShortfall(is, asked, port); ok {
		found = append(found, s)
	}
	return found
}

// powerOfTwo returns the number of descriptors to ask for: the power of two at or
// below what runs, for OVS uses 2048 instead of anything else; where just that was
// asked for and is too few for the device, the next.
func powerOfTwo(asked, runs string) string {
	n, err := strconv.Atoi(runs)
	if err != nil || n < 1 {
		return runs
	}
	p := 1 << (bits.Len(uint(n)) - 1)
	if strconv.Itoa(p) == asked {
		p *= 2
	}
	return strconv.Itoa(p)
}

// thrownOut tells of an interface that OVS has opened and that is not in its
// datapath: its settings failed when OVS set them (lib/dpif-netdev.c,
// reconfigure_datapath). The database shows nothing of it until OVS configures
// next: then it tries again, and where that fails sets Interface.error.
func thrownOut(is vswitch.ObservedRow) shortfall {
	why := "its device refused the MTU, the queues, the descriptors or the link interrupt (before 3.4), or there is no memory for its mempool"
	if is.Settings["type"] != "dpdk" {
		why = "most likely there is no memory for its mempool on the NUMA node of its guest"
	}
	return shortfall{
		what: fmt.Sprintf("port %s: OVS took it out of its datapath, and it passes nothing: %s", is.Name, why),
		look: fmt.Sprintf("see why in ovs-vswitchd's log (search for %s); `sluicectl host check` tells of missing hugepages", is.Name),
		do:   "change the port in the profile", byHand: fmt.Sprintf("`ovs-vsctl set Interface %s …` changes what was refused", is.Name),
	}
}
