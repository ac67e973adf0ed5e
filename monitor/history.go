package monitor

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"sync"
)

// Fault is the kind of error that a read ended with.
type Fault string

// The faults.
const (
	FaultSilent  Fault = "silent"  // no answer in time, or the connection was closed
	FaultRefused Fault = "refused" // the switch said no
	FaultGarbled Fault = "garbled" // the answer makes no sense
	FaultFailed  Fault = "failed"  // anything else
)

// FaultOf is the kind of an error of which nothing more is known than that it is one.
func FaultOf(err error) Fault {
	if errors.Is(err, context.DeadlineExceeded) {
		return FaultSilent
	}
	return FaultFailed
}

// history counts over snapshots what one alone cannot tell: reads that failed, and
// counters that ran backwards. Safe for concurrent use.
type history struct {
	mu       sync.Mutex
	failures map[failure]uint64
	ifaces   map[string]uint64 // resets by interface
	threads  map[thread]uint64 // resets by thread
	// What was read last: a snapshot in between may hold none.
	interfaces []InterfaceSample
	pmds       []PMDSample
	lookups    lookupSum
}

type failure struct {
	collector string
	fault     Fault
}

type thread struct{ numa, core string }

func newHistory() *history {
	return &history{failures: map[failure]uint64{}, ifaces: map[string]uint64{}, threads: map[thread]uint64{}}
}

func (h *history) fail(collector string, fault Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures[failure{collector, fault}]++
}

// look compares a snapshot with those before it. What is gone is forgotten.
func (h *history) look(is Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range is.Collectors {
		if c.Error != nil && !c.Again {
			h.failures[failure{c.Name, cmp.Or(c.Fault, FaultFailed)}]++
		}
	}
	if len(is.Interfaces) > 0 {
		h.lookAtInterfaces(h.interfaces, is.Interfaces)
		h.interfaces = is.Interfaces
	}
	if len(is.PMDs) > 0 {
		h.lookAtThreads(h.pmds, is.PMDs)
		h.pmds = is.PMDs
		h.lookups.look(is.PMDs)
	}
}

func (h *history) lookAtInterfaces(was, is []InterfaceSample) {
	before := make(map[string]map[string]int64, len(was))
	for _, i := range was {
		before[i.Interface] = i.Statistics
	}
	resets := make(map[string]uint64, len(is))
	for _, i := range is {
		resets[i.Interface] = h.ifaces[i.Interface]
		if ranBack(before[i.Interface], i.Statistics) {
			resets[i.Interface]++
		}
	}
	h.ifaces = resets
}

// ranBack tells whether a counter is lower than it was.
func ranBack(was, is map[string]int64) bool {
	if reflect.ValueOf(was).Pointer() == reflect.ValueOf(is).Pointer() {
		return false // the very map: nothing was written meanwhile
	}
	for name, n := range is {
		if former, ok := was[name]; ok && n >= 0 && n < former {
			return true
		}
	}
	return false
}

func (h *history) lookAtThreads(was, is []PMDSample) {
	before := make(map[thread]PMDSample, len(was))
	for _, p := range was {
		before[p.thread()] = p
	}
	resets := make(map[thread]uint64, len(is))
	for _, p := range is {
		t := p.thread()
		resets[t] = h.threads[t]
		b := before[t]
		if lower(b.Passes, p.Passes) || lower(b.TxPackets, p.TxPackets) || lower(b.UsedCycles, p.UsedCycles) {
			resets[t]++
		}
	}
	h.threads = resets
}

func (s PMDSample) thread() thread {
	numa, core := s.labels()
	return thread{numa, core}
}

func lower(was, is *uint64) bool { return was != nil && is != nil && *is < *was }

// emitFailures adds the reads that failed.
func (h *history) emitFailures(e emitter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f, n := range h.failures {
		e.emit(collectorFailures, float64(n), f.collector, string(f.fault))
	}
}

// emitResets adds the resets of what the snapshot has.
func (h *history) emitResets(e emitter, s Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, i := range s.Interfaces {
		if n, ok := h.ifaces[i.Interface]; ok && len(i.Statistics) > 0 {
			e.emit(ifaceResets, float64(n), i.Bridge, i.Interface)
		}
	}
	for _, p := range s.PMDs {
		if n, ok := h.threads[p.thread()]; ok && p.Passes != nil {
			numa, core := p.labels()
			e.emit(pmdResets, float64(n), numa, core)
		}
	}
	h.lookups.emit(e, s.Internals.Datapaths)
}
