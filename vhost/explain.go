package vhost

import (
	"fmt"
	"path"
	"strings"

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

// waiting explains a port that no guest is connected to.
func (e *explanation) waiting() {
	if e.unreachable() {
		return
	}
	s := e.facts.Socket
	if dir, missing := s.missingDir(); missing {
		e.add("directory-missing", fmt.Sprintf("the guest cannot make its socket: there is no directory %s", dir.Path), "apply the profile: it makes the directory")
		return
	}
	if file, denied := s.denied(); denied {
		need := "search it (x)"
		if file.Path == s.Socket.Path {
			need = "read and write it (rw)"
		}
		e.add("permission", fmt.Sprintf("ovs-vswitchd (uid %d) may not %s: %s", s.OVS.UID, need, file),
			"set the port's access (user, group, mode) so that OVS's user or group has it, and restart the guest if the socket itself is the matter")
		return
	}
	switch {
	case !s.Socket.Exists:
		what := "the guest was never started, or waits for OVS to make the socket: nothing is at " + e.socket
		if n := len(s.Dirs); n > 0 {
			what += fmt.Sprintf("; who starts it must be able to write %s", s.Dirs[n-1])
		}
		e.add("socket-missing", what, fmt.Sprintf("start the guest with its side as server (QEMU: -chardev socket,path=%s,server=on; virtio-user: server=1)", e.socket))
	case !isSocket(s.Socket):
		e.add("not-a-socket", fmt.Sprintf("%s is not a socket", e.socket), "remove it, and start the guest anew")
	case s.Listening != nil && !*s.Listening:
		e.add("nobody-listens", fmt.Sprintf("%s is there, but nobody listens on it: its guest has ended, or connects itself as a client", e.socket),
			"start the guest (QEMU: server=on); it replaces the socket")
	case s.Listening == nil:
		e.add("guest-gone-or-not-ready", fmt.Sprintf("%s is there, but no guest is connected through it: the guest has ended and left the socket behind, or its virtio driver is not up (whether somebody listens cannot be told from here: a guest in another network namespace is not shown)", e.socket),
			"is the guest's process running? start it (QEMU: server=on; it replaces the socket). If it runs: is its driver bound, and its memory shared (memory-backend-file or -memfd, share=on)?")
	default:
		e.add("guest-not-ready", "a guest listens on the socket, but its virtio driver is not up: it is booting, has no driver for the device, or shares no memory",
			"look whether the guest's driver is bound; QEMU needs its memory shared (memory-backend-file or -memfd, share=on), best from hugepages; after features changed (TSO, IOMMU) the guest must be powered off and on")
	}
}

// unreachable finds paths that no socket can have.
func (e *explanation) unreachable() bool {
	if len(e.socket) > maxPath {
		e.add("path-too-long", fmt.Sprintf("the socket's path has %d bytes; unix sockets hold %d", len(e.socket), maxPath), "shorten "+path.Dir(e.socket))
		return true
	}
	for _, d := range e.facts.Socket.Dirs {
		if d.Exists && !d.Mode.IsDir() {
			e.add("not-a-directory", d.Path+" is not a directory", "remove it, and apply the profile")
			return true
		}
	}
	return false
}
