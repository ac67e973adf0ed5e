package vhost

import (
	"fmt"
	"path"
)

// waiting explains a port that no guest is connected to.
func (e *explanation) waiting() {
	if e.unreachable() {
		return
	}
	s := e.facts.Socket
	gone := !s.Socket.Exists && !e.facts.Left.IsZero()
	if e.facts.Received > 0 && !gone {
		e.received()
	}
	if dir, missing := s.missingDir(); missing {
		e.add("directory-missing", fmt.Sprintf("the guest cannot make its socket: there is no directory %s", dir.Path), e.makeDirectory())
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
	const start = "start it again; the log of libvirt or QEMU on this host says why it ended"
	unless := e.left() // the guest is connected after all
	if e.facts.Received > 0 {
		unless = "if the counters stand still: "
	}
	switch {
	case gone:
		e.add("guest-left", fmt.Sprintf("%sits socket %s is gone: it was stopped or crashed", e.left(), e.socket), start+" (its side is the server: QEMU: server=on)")
	case !s.Socket.Exists:
		what := "the guest was never started, or waits for OVS to make the socket: nothing is at " + e.socket
		if e.facts.Received > 0 {
			what = "the guest has ended, or somebody removed its socket: nothing is at " + e.socket
		}
		if n := len(s.Dirs); n > 0 {
			what += fmt.Sprintf("; who starts it must be able to write %s", s.Dirs[n-1])
		}
		e.add("socket-missing", what, fmt.Sprintf("start the guest with its side as server (QEMU: -chardev socket,path=%s,server=on; virtio-user: server=1)", e.socket))
	case !isSocket(s.Socket):
		e.add("not-a-socket", fmt.Sprintf("%s is not a socket", e.socket), "remove it, and start the guest anew")
	case s.Listening != nil && !*s.Listening:
		e.add("nobody-listens", unless+fmt.Sprintf("%s is there, but nobody listens on it: its guest has ended, or connects itself as a client", e.socket),
			"start the guest (QEMU: server=on); it replaces the socket")
	case s.Listening == nil:
		e.add("guest-gone-or-not-ready", unless+fmt.Sprintf("%s is there, but no guest is connected through it: the guest has ended and left the socket behind, or its virtio driver is not up (whether somebody listens cannot be told from here: a guest in another network namespace is not shown)", e.socket),
			"is the guest's process running? start it (QEMU: server=on; it replaces the socket). If it runs: is its driver bound, and its memory shared (memory-backend-file or -memfd, share=on)?")
	default:
		e.add("guest-not-ready", unless+"a guest listens on the socket, but its virtio driver is not up: it is booting, has no driver for the device, or shares no memory",
			"look whether the guest's driver is bound; QEMU needs its memory shared (memory-backend-file or -memfd, share=on), best from hugepages; after features changed (TSO, IOMMU) the guest must be powered off and on")
	}
}

// left begins a sentence with when the guest went, where that was seen.
func (e *explanation) left() string {
	if e.facts.Left.IsZero() {
		return ""
	}
	return "the guest left at " + e.facts.Left.Format("2006-01-02 15:04:05") + "; "
}

// makeDirectory says who makes a directory: Sluice does for ports that it knows.
func (e *explanation) makeDirectory() string {
	if e.facts.Named {
		return "apply the profile: it makes the directory"
	}
	return "make it so that the guest can write to it and OVS can search it: no profile names the port, so Sluice does not"
}

// received: packets came in, so a guest was connected, whatever the database says.
// After a restart of ovs-vswitchd with guests that reconnect at once it may say
// "disconnected" for good (seen with OVS 3.1). Most likely the transaction of the
// first configuration (vswitchd/bridge.c, daemonize_txn) is still on its way with
// it when the guest comes, and "connected" is left out of the next one as being
// what the process before had written; only a new configuration writes it again.
func (e *explanation) received() {
	e.add("status-may-be-old", fmt.Sprintf("the database says that no guest is connected, but the port has received %d packets since ovs-vswitchd made it: a guest was connected, or is and the database is wrong, as it may be after a restart of ovs-vswitchd", e.facts.Received),
		fmt.Sprintf("see whether the counters move (ovs-vsctl get Interface %[1]s statistics; they are written every 5 s): if they do, the guest is connected, and any change makes OVS write its status anew: ovs-vsctl set Interface %[1]s external_ids:refresh=1 (another value each time, and without --no-wait)", e.want.Name))
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
