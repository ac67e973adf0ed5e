// Package ipfix describes the flow records that OVS exports and where they go.
package ipfix

import "net/netip"

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
	Mode      Mode
	Sampling  int            // 1 in N packets
	Listen    netip.AddrPort // the daemon's own collector
	ExportTo  []string       // further collectors, host:port
	Bridges   []string
	MaxSeries int // cardinality cap of what is shown to Prometheus
}
