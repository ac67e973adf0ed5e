package configs

import (
	"time"

	"github.com/sluice-nfv/sluice/pmd"
)

// rawCPU says which cores poll, and how queues are given to them.
type rawCPU struct {
	// CPUs of the operating system and of OVS's threads that are no PMD: a list ("0,28"), {perNode: N} physical cores, or auto (the first physical core of each NUMA node with its siblings).
	Reserved cores `yaml:"reserved"`
	// CPUs that poll: a list ("2-5,30-33"), {perNode: N} physical cores with siblings, or auto (two on nodes that own a dpdk port, one elsewhere).
	PMD cores `yaml:"pmd"`
	// CPUs that guests are pinned to. They are only checked for overlap and isolation.
	Guests cpuList `yaml:"guests"`
	// How OVS gives queues to PMD threads (pmd-rxq-assign).
	Assign pmd.Assign `yaml:"assign" jsonschema:"enum=cycles,enum=group,enum=roundrobin"`
	// Whether a PMD that holds a pinned queue takes no other (pmd-rxq-isolate); once every PMD holds a pin, queues added later are polled by none. Default: false with assign group; the other algorithms cannot do without.
	Isolate *bool `yaml:"isolate"`
	// Longest sleep of an idle PMD, 0us to 10ms; 0us = never. Saves power, costs latency.
	SleepMax duration `yaml:"sleepMax"`
	// Moving queues between PMD threads.
	Rebalance rawRebalance `yaml:"rebalance"`
	// The caches before the megaflow lookup.
	Lookup rawLookup `yaml:"lookup"`
	// How long output packets may wait to leave in one batch, 0us to 1s.
	TxFlushInterval duration `yaml:"txFlushInterval"`
}

func (r *rawCPU) setDefaults() {
	r.Reserved.Auto, r.PMD.Auto = true, true
	r.Assign = pmd.Group
}

func (r *rawCPU) check(say func(key, format string, args ...any)) {
	if !r.SleepMax.within(0, 10*time.Millisecond) {
		say("sleepMax", "is out of range: OVS lets a PMD sleep 10 ms at most; valid: 0us to 10ms")
	}
	if !r.TxFlushInterval.within(0, time.Second) {
		say("txFlushInterval", "is out of range: OVS counts it in microseconds up to one second; valid: 0us to 1s")
	}
	if r.Isolate != nil && !*r.Isolate && r.Assign != pmd.Group {
		say("isolate", "is false, but with assign: %s OVS isolates PMDs that hold a pinned queue in any case; write isolate: true, or assign: group", r.Assign)
	}
}

// rawRebalance moves queues between PMD threads.
type rawRebalance struct {
	// off, advise (say what a move would gain) or auto (move).
	Mode pmd.Mode `yaml:"mode" jsonschema:"enum=off,enum=advise,enum=auto"`
	// Load of a PMD from which on a move is considered, 0 to 1.
	BusyAbove share `yaml:"busyAbove"`
	// Improvement of the load's variance that a move must bring, 0 to 1.
	GainAbove share `yaml:"gainAbove"`
	// Time between two looks, 10s to 24 hours. A move zeroes the load history of the PMDs concerned.
	Every duration `yaml:"every"`
}

func (r *rawRebalance) setDefaults() {
	*r = rawRebalance{Mode: pmd.Advise, BusyAbove: 0.80, GainAbove: 0.10, Every: duration(time.Minute)}
}

func (r *rawRebalance) check(say func(key, format string, args ...any)) {
	if !r.Every.within(10*time.Second, 24*time.Hour) {
		say("every", "is out of range: OVS measures load in slots of 5 s; valid: 10s to 1440m")
	}
}

// rawLookup sets the caches before the megaflow lookup.
type rawLookup struct {
	// One packet in this many enters its flow into the exact-match cache; 0 = none, 1 = every one.
	EMCInverseProbability uint32 `yaml:"emcInverseProbability" jsonschema:"minimum=0,maximum=4294967295"`
	// The signature-match cache: 4 MiB for each PMD.
	SMC bool `yaml:"smc"`
	// Choosing these two by the hit rates seen: off, advise or auto.
	Tune pmd.Mode `yaml:"tune" jsonschema:"enum=off,enum=advise,enum=auto"`
}

func (r *rawLookup) setDefaults() { *r = rawLookup{EMCInverseProbability: 100, Tune: pmd.Off} }
