// Package pmd decides which cores poll which queues: PMD mask, queue
// assignment and affinity, sleep and lookup settings. It also owns the grammar
// of dpif-netdev's pmd-* control output.
package pmd

import (
	"time"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// Spec is the profile's cpu section.
type Spec struct {
	Reserved CoreSpec // OS and OVS's non-PMD threads; Auto = first physical core of each node with its siblings
	PMD      CoreSpec
	Guests   cpuset.Set // only checked for overlap and isolation
	Assign   Assign
	Isolate  bool
	SleepMax time.Duration // whole microseconds, 0..10 ms

	Rebalance       RebalanceSpec
	Lookup          LookupSpec
	TxFlushInterval time.Duration // whole microseconds, 0..1 s
}

// CoreSpec is a CPU set, a number of physical cores for each NUMA node, or auto.
type CoreSpec struct {
	Set     cpuset.Set // when not empty
	PerNode int        // when > 0: physical cores with their siblings
	Auto    bool
}

// Assign is other_config:pmd-rxq-assign.
type Assign string

// The assignment algorithms of lib/dpif-netdev.c.
const (
	Cycles     Assign = "cycles"
	Group      Assign = "group"
	RoundRobin Assign = "roundrobin"
)

// Mode is off, advise or auto.
type Mode string

// The modes.
const (
	Off    Mode = "off"
	Advise Mode = "advise"
	Auto   Mode = "auto"
)

// RebalanceSpec is cpu.rebalance.
type RebalanceSpec struct {
	Mode                 Mode
	BusyAbove, GainAbove float64 // shares, 0..1
	Every                time.Duration
}

// LookupSpec is cpu.lookup.
type LookupSpec struct {
	EMCInverseProbability uint32 // 1 in N; 0 = no insertion
	SMC                   bool
	Tune                  Mode
}

// Queue is a port's receive side as the planner sees it; the caller fills it in
// from the profile's dpdk and vhost ports.
type Queue struct {
	Path string // place in the profile
	Port string
	// Node is the NUMA node of the device; -1 = unknown or decided by the guest.
	Node     int
	RxQueues int
	Physical bool // dpdk ports: OVS sets n_rxq; vhost ports: the guest does
	// Dictated tells that the device wants this very number of rx queues, so
	// that more of them than PMDs are no mistake (dpdk.Device.DictatesQueues).
	Dictated bool
	// Pins are the profile's rxAffinity.
	Pins []Pin
}

// Pin pins one rx queue to a PMD core.
type Pin struct {
	Path       string // "bridges[0].ports[0].rxAffinity[1]"
	Queue, CPU int
}
