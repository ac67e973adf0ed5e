package monitor

import "time"

// InternalsSample is what ovs-vswitchd tells of its own inside. What is nil was
// not read.
type InternalsSample struct {
	// Process is ovs-vswitchd's process id: with another one all counters
	// started anew. 0 = not known.
	Process int
	// StatsInterval is other_config:stats-update-interval; 0 = OVS's own, 5 s.
	StatsInterval time.Duration
	// Coverage holds the coverage counters that counted, by OVS's names.
	Coverage  map[string]uint64
	Datapaths []DatapathSample
	// Memory counts objects by OVS's words: "rules", "udpif keys".
	Memory  map[string]uint64
	Upcalls []UpcallSample
}

// DatapathSample is one datapath of dpctl/show.
type DatapathSample struct {
	Name  string  // "netdev@ovs-netdev"
	Flows *uint64 // megaflows, one on several PMDs several times
	Ports int
}

// UpcallSample is one datapath of upcall/show.
type UpcallSample struct {
	Datapath                   string
	Flows, Average, Max, Limit uint64  // megaflows
	Offloaded                  *uint64 // in hardware; nil = none are offloaded
	DumpDuration               time.Duration
	Revalidators               []RevalidatorSample
}

// RevalidatorSample is one revalidator thread.
type RevalidatorSample struct {
	ID   uint32
	Keys uint64 // megaflows it keeps
}
