package monitor

import "time"

// BridgeSample is one bridge.
type BridgeSample struct {
	Name, DatapathType, FailMode string

	Ports  int
	Flows  *uint64 // of OpenFlow, in all tables
	Meters []MeterSample
}

// MeterSample is one meter of a bridge: what came to it, and what was above the
// rate of each of its bands.
type MeterSample struct {
	ID             uint32
	Packets, Bytes uint64
	Bands          []MeterBand
}

// MeterBand counts what was above one band's rate.
type MeterBand struct{ Packets, Bytes uint64 }

// VhostSample is what is known of a vhost port beside whether a guest is connected.
type VhostSample struct {
	Mode string // "client" or "server"

	// What the guest negotiated; zero and nil while none is connected.
	Socket   string
	Features *uint64
	VRings   *int
	Sizes    []int // descriptors of each ring; negative = not told
	Node     *int  // NUMA node of its memory

	Expected    *int // rings that the profile expects
	RemoteRxqs  *int // queues that a PMD of another node polls
	LastChange  time.Time
	Reconnects  uint64
	FeatureList []string // names of Features
}

// BFDSample is a BFD session.
type BFDSample struct {
	State, RemoteState, Diagnostic string

	Forwarding *bool
	Flaps      *uint64
}

// TunnelSample is a tunnel port.
type TunnelSample struct {
	Local, Remote, Key string // as asked for; "flow" = the flows say

	Egress   string // interface its packets leave by; empty = not told
	EgressUp *bool
}

// BondSample is a bond as OVS runs it.
type BondSample struct {
	Bridge, Port string

	Mode    string
	LACP    string // "negotiated", "configured", "off"
	Members []BondMemberSample
}

// BondMemberSample is one interface of a bond.
type BondMemberSample struct {
	Interface       string
	Enabled, Active bool

	LACPCurrent, LACPAttached *bool // nil = LACP is off
	LACP                      *LACPCounts
}

// LACPCounts are a member's since LACP was started on it.
type LACPCounts struct {
	Tx, Rx, RxBad, RxMarker            uint64
	Expired, Defaulted, CarrierChanges uint64
}

// MempoolSample is one of DPDK's pools of packet buffers.
type MempoolSample struct {
	Name string
	Node int // -1 = none

	Buffers, InUse, BufferBytes uint64
}

// HeapSample is one of DPDK's heaps; sizes are in bytes.
type HeapSample struct {
	Name                     string
	Size, Free, GreatestFree uint64
}

// HugepagesSample is the pool of hugepages of one size on one node.
type HugepagesSample struct {
	Node        int
	SizeKiB     uint64
	Total, Free uint64 // pages
}

// ConntrackSample is the connection table of the userspace datapath.
type ConntrackSample struct{ Connections, Max *uint64 }
