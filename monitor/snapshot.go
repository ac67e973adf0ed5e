package monitor

import (
	"context"
	"time"
)

// Source reads the switch. Snapshot must respect its context; it is called by
// one goroutine at a time. An error means that nothing could be read: where
// only a part failed, the rest comes with the failure among Collectors.
type Source interface {
	Snapshot(ctx context.Context) (Snapshot, error)
}

// Snapshot is what was read of the switch at one time. Nil pointers and absent
// map keys are what is not known. Once handed out a snapshot is not written to.
type Snapshot struct {
	Taken      time.Time
	Switch     *SwitchSample
	PMDs       []PMDSample       // each thread once
	Interfaces []InterfaceSample // each interface once
	// Collectors tell how reading went, each once.
	Collectors []CollectorResult

	Bridges   []BridgeSample    // each once
	Bonds     []BondSample      // each once
	Mempools  []MempoolSample   // each once
	Heaps     []HeapSample      // each once
	Hugepages []HugepagesSample // each node and size once
	Conntrack *ConntrackSample
	Internals InternalsSample
}

// SwitchSample is what the Open_vSwitch row tells. Versions are empty where
// the row has none.
type SwitchSample struct {
	OVSVersion      string
	DPDKVersion     string
	SchemaVersion   string
	DPDKInitialized *bool
}

// PMDSample is one thread of dpif-netdev. Counters are since the thread
// started or was cleared.
type PMDSample struct {
	Main       bool // the main thread: NUMA and Core have no meaning
	NUMA, Core int

	Lookups              *Lookups
	Passes               *uint64
	RxPackets            *uint64
	TxPackets, TxBatches *uint64

	// UsedCycles are of pmd-perf-show. BusyCycles and IdleCycles are the exact
	// ones of pmd-stats-show, or nil; BusyRatio, 0 to 1, is for when they are nil.
	UsedCycles             *uint64
	BusyCycles, IdleCycles *uint64
	BusyRatio              *float64

	BusyIterations, IdleIterations *uint64
	SleepIterations                *uint64
	Sleep                          *time.Duration

	// What pmd-rxq-show tells: ratios 0 to 1.
	Isolated *bool
	Overhead *float64
	Queues   []QueueSample

	// SubtableLookups is how many subtables a megaflow hit took on average since
	// the counters started.
	SubtableLookups *float64
	// ContextSwitches are of the thread since it started.
	ContextSwitches *ContextSwitches
}

// ContextSwitches are how often a thread left its CPU: waiting, or put off.
type ContextSwitches struct{ Voluntary, Involuntary uint64 }

// Lookups count passes by the tier at which their flow was found. In a thread
// that received nothing all are 0, and known.
type Lookups struct {
	PHWOL, SimpleMatch, EMC, SMC, Megaflow uint64
	Upcall                                 uint64 // misses with a successful upcall
	Lost                                   uint64 // misses with a failed one
}

// QueueSample is one rx queue that a PMD polls.
type QueueSample struct {
	Interface string
	Queue     int
	Enabled   bool
	Usage     *float64 // 0 to 1; nil = NOT AVAIL
}

// InterfaceSample is one row of table Interface.
type InterfaceSample struct {
	Bridge, Port, Interface, Type string

	AdminUp, LinkUp *bool
	Connected       *bool  // vhost ports only
	LinkSpeed       *int64 // bits per second
	LinkResets      *int64
	MTU             *int64 // bytes; 0 counts as not known

	// Statistics is the column as it is. Negative values count as not known.
	Statistics map[string]int64

	Failed *bool // OVS could not set it up
	// PolicingRate and PolicingBurst limit what comes in, in kbit/s and kbit; nil = no limit.
	PolicingRate, PolicingBurst *int64

	Vhost    *VhostSample  // vhost ports only
	BFD      *BFDSample    // where BFD runs
	Tunnel   *TunnelSample // tunnels only
	Identity *Identity     // where whoever made it wrote whose it is
	// Driver is status:driver_name; "" = not known.
	Driver string
}

// CollectorResult tells how one part of a snapshot was read.
type CollectorResult struct {
	Name     string // "pmd-perf", "interfaces"
	Duration time.Duration
	// Error is why the part is absent from the snapshot, or is an older one.
	Error error
	// Fault is the kind of Error; "" counts as FaultFailed.
	Fault Fault
	// Again: nothing was read for this snapshot, whose part and Error are those of
	// an earlier one.
	Again bool
	// Taken is when the part that the snapshot holds was read; zero = it holds none.
	Taken time.Time
}
