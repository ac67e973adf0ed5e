package vhost

import (
	"fmt"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Reason is one reason why a port does not pass packets.
type Reason struct {
	// Code names the reason, stable over releases: "socket-missing".
	Code string
	// What is wrong, with the values concerned.
	What string
	// Fix is what to do about it.
	Fix string
}

// Facts is everything Explain looks at, gathered by the caller.
type Facts struct {
	// Row tells whether the Interface row exists; the rest describes it.
	Row        bool
	Type       string // Interface.type
	ServerPath string // options:vhost-server-path
	Interface  vswitch.InterfaceStatus
	// RunningPath is the socket that the running OVS uses, where it tells; "" =
	// unknown. OVS reads ServerPath when the port is made, never again.
	RunningPath string
	// Named tells whether the profile names the port: then the daemon makes it
	// again where somebody deletes it.
	Named bool
	// Received is how many packets the port has received (rx_packets of
	// Interface.statistics) since this ovs-vswitchd made it; 0 = none, or unknown.
	Received int64
	// Left is when the daemon saw its guest go, of a port that is not connected; zero =
	// it saw none go.
	Left time.Time
	// DPDK is Open_vSwitch.dpdk_initialized.
	DPDK   bool
	Socket SocketFacts
	// Queues are the port's queues of dpif-netdev/pmd-rxq-show; nil = unknown.
	// A queue that no PMD polls is missing there.
	Queues []PolledQueue
}

// PolledQueue is a rx queue that a PMD polls.
type PolledQueue struct {
	Queue, Core int
	Enabled     bool // the guest's driver has enabled it
}

// Explain tells why a port does not pass packets: causes first, none when
// nothing is wrong with it. socket is where the port's socket shall be
// (Spec.SocketOf).
func Explain(want PortSpec, socket string, f Facts) []Reason {
	e := explanation{want: want, socket: socket, facts: f, status: ParseStatus(f.Interface)}
	if !e.configured() {
		return e.reasons // what follows would only be consequences
	}
	switch e.status.State {
	case StateFailed:
		e.failed()
	case StatePending:
		e.add("pending", "OVS has not processed the port yet", "wait some seconds; if it stays so, see whether ovs-vswitchd is running and answers")
	case StateWaiting:
		e.waiting()
	case StateConnected:
		e.connected()
	}
	return e.reasons
}

type explanation struct {
	want    PortSpec
	socket  string
	facts   Facts
	status  Status
	reasons []Reason
}

func (e *explanation) add(code, what, fix string) {
	e.reasons = append(e.reasons, Reason{code, what, fix})
}

// configured looks at what the database says, before what came of it.
func (e *explanation) configured() bool {
	f := e.facts
	switch {
	case !f.Row:
		e.add("port-missing", fmt.Sprintf("OVS has no port %s", e.want.Name), "apply the profile; sluicectl host plan shows what is pending")
	case f.Type == "dpdkvhostuser":
		e.add("server-mode", "the port is of type dpdkvhostuser: OVS makes the socket and waits for the guest to connect, and so a restart of OVS cuts the guest off",
			fmt.Sprintf("make the port anew as %s, and let the guest make the socket (QEMU: server=on)", Type))
	case f.Type != Type:
		e.add("wrong-type", fmt.Sprintf("the port is of type %q, not %s", f.Type, Type), "apply the profile: the port is made anew")
	case f.ServerPath != e.socket:
		e.add("wrong-path", fmt.Sprintf("OVS connects to %q, the profile says %s", f.ServerPath, e.socket), "apply the profile: the port is made anew, for OVS reads the path only then")
	case f.RunningPath != "" && f.RunningPath != e.socket:
		e.add("stale-path", fmt.Sprintf("OVS connects to %s, though the database says %s by now: it read the path when the port was made", f.RunningPath, e.socket),
			e.makeAnew()+"; a guest that is connected is cut off meanwhile")
	case !f.DPDK:
		e.add("no-dpdk", "DPDK is not initialized in ovs-vswitchd, so no vhost port can work",
			"look at ovs-vswitchd's log for EAL; set dpdk.init: try, correct what EAL refuses, and restart ovs-vswitchd")
	default:
		return true
	}
	return false
}

// makeAnew says how OVS comes to read a path again.
func (e *explanation) makeAnew() string {
	if e.facts.Named {
		return fmt.Sprintf("ovs-vsctl del-port %s: the daemon makes the port again, with that path", e.want.Name)
	}
	return "no profile names the port: whoever made it must delete it and add it again, with that path"
}

// failed puts Interface.error into words.
func (e *explanation) failed() {
	text := e.status.Error
	switch {
	case text == "":
		e.add("refused", "OVS refused the port and does not say why", "look at ovs-vswitchd's log for "+e.want.Name)
	case strings.Contains(text, "Address family not supported"):
		e.add("refused", "OVS: "+text+" (no DPDK in this ovs-vswitchd)", "set dpdk.init: try; use the ovs-vswitchd built with DPDK; restart it")
	case strings.Contains(text, "Cannot allocate memory"), strings.Contains(text, "Invalid argument"):
		e.add("refused", "OVS: "+text+" (most often no mempool for the port's MTU on its NUMA node)",
			"look at ovs-vswitchd's log for mempool; sluicectl host check tells how many hugepages are missing, and where")
	default:
		e.add("refused", "OVS: "+text, "look at ovs-vswitchd's log for "+e.want.Name)
	}
}
