package vhost

import (
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// State is how far a vhost port has come.
type State string

// The states.
const (
	// StateFailed: OVS could not open the port; Status.Error says why.
	StateFailed State = "failed"
	// StatePending: OVS has not processed the port yet.
	StatePending State = "pending"
	// StateWaiting: the port is there and no guest is connected to it.
	StateWaiting State = "waiting"
	// StateConnected: a guest's driver is up.
	StateConnected State = "connected"
)

// Features of virtio that explain a port's behaviour, as bit numbers (virtio
// 1.2, sections 5.1.3 and 6).
const (
	featureMTU = 3  // VIRTIO_NET_F_MTU
	featureMQ  = 22 // VIRTIO_NET_F_MQ
)

// Status is what OVS reports of a vhost port, typed. Numbers that OVS does not
// report are -1.
type Status struct {
	State    State
	Error    string // Interface.error
	Server   bool   // mode=server: OVS makes the socket, the guest connects
	Socket   string // of the live connection; empty while there is none
	LinkUp   bool
	MTU      int // in force; 0 before the first connection, -1 = not reported
	GuestMTU int // negotiated with the guest
	Node     int // NUMA node of the guest's memory
	VRings   int // two for each queue pair
	// RingSizes holds the descriptors of each vring: even ones receive in the
	// guest, odd ones send.
	RingSizes []int
	Features  uint64
	// TSOOff: OVS withdrew TSO from this guest (userspace-tso=disabled, OVS 3.3).
	TSOOff bool
}

// ParseStatus reads the status of a vhost port's Interface row, as
// lib/netdev-dpdk.c, netdev_dpdk_vhost_user_get_status, of OVS 2.17 to 4.0
// writes it. What it does not understand it reports as not there.
func ParseStatus(s vswitch.InterfaceStatus) Status {
	st := Status{
		State: StatePending, Error: s.Error, LinkUp: s.LinkState == "up",
		Server: s.Status["mode"] == "server", Socket: s.Status["socket"],
		MTU: -1, GuestMTU: number(s.Status["mtu"]), Node: number(s.Status["numa"]), VRings: number(s.Status["num_of_vrings"]),
		TSOOff: s.Status["userspace-tso"] == "disabled",
	}
	if s.MTU != nil {
		st.MTU = int(*s.MTU)
	}
	if hex, ok := strings.CutPrefix(s.Status["features"], "0x"); ok {
		if n, err := strconv.ParseUint(hex, 16, 64); err == nil {
			st.Features = n
		}
	}
	for i := range min(max(st.VRings, 0), maxVRings) {
		st.RingSizes = append(st.RingSizes, number(s.Status["vring_"+strconv.Itoa(i)+"_size"]))
	}
	switch {
	case s.Error != "" || s.OFPort != nil && *s.OFPort < 0:
		st.State = StateFailed
	case s.Status["status"] == "connected":
		st.State = StateConnected
	case s.Status["status"] == "disconnected" || s.OFPort != nil:
		st.State = StateWaiting
	}
	return st
}

// maxVRings is VHOST_MAX_QUEUE_PAIRS of DPDK's vhost library, doubled.
const maxVRings = 256

// QueuePairs returns the number of negotiated queue pairs, or -1.
func (s Status) QueuePairs() int {
	if s.VRings < 0 {
		return -1
	}
	return s.VRings / 2
}

func (s Status) has(feature uint) bool { return s.Features&(1<<feature) != 0 }

// number reads a decimal number of at most 31 bits, or returns -1.
func number(text string) int {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}
