// Package ipfix describes the flow records that OVS exports and where they go.
package ipfix

import (
	"net/netip"
	"time"
)

// Mode is how flows are sampled.
type Mode string

// The modes. ModePorts samples in the pipeline, ModeBridge whole bridges.
const (
	ModeOff    Mode = "off"
	ModePorts  Mode = "ports"
	ModeBridge Mode = "bridge"
)

// Spec is the profile's monitor.ipfix.
type Spec struct {
	Mode     Mode
	Sampling int            // 1 in N packets
	Listen   netip.AddrPort // the daemon's own collector
	ExportTo []string       // further collectors, host:port
	Bridges  []string
	// CacheTimeout is after how long a flow in OVS's cache is exported, though it goes on, in
	// whole seconds; CacheFlows how many the cache has room for. Where one is 0 there is no
	// cache: each sampled packet is a message that the PMD thread sends itself, by a system
	// call (ofproto-dpif-ipfix.c, ipfix_cache_update). With one, the main thread sends what
	// has timed out, all at once: the collector's socket must have room for it.
	CacheTimeout time.Duration
	CacheFlows   int
	MaxSeries    int // cardinality cap of what is shown to Prometheus
}
