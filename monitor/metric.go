// Package monitor shows what the packets meet: the table of metrics, a
// collector over typed snapshots of the switch, the recorder of the daemon's
// own work, and the HTTP side with its status page.
//
// Only what stands in the table can be shown. What is not known is absent; it
// is never shown as 0.
package monitor

import "slices"

// Type is a metric's Prometheus type.
type Type string

// The types.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Unit is what a metric's number counts. Bytes, seconds and ratio stand in the
// metric's name too, as Prometheus wants it; None is for truths (0 or 1) and
// for metrics that only carry labels.
type Unit string

// The units.
const (
	None       Unit = ""
	Bytes      Unit = "bytes"
	ByteRate   Unit = "bytes_per_second"
	Seconds    Unit = "seconds"
	Ratio      Unit = "ratio" // 0 to 1
	Cycles     Unit = "cycles"
	Packets    Unit = "packets"
	Passes     Unit = "passes"
	Batches    Unit = "batches"
	Iterations Unit = "iterations"
	Retries    Unit = "retries"
	Resets     Unit = "resets"
	Changes    Unit = "changes"
	Flows      Unit = "flows"
	Rows       Unit = "rows"

	Ports         Unit = "ports"
	Switches      Unit = "switches"
	Subtables     Unit = "subtables"
	Notifications Unit = "notifications"
	Connections   Unit = "connections"
	Reconnects    Unit = "reconnects"
	VRings        Unit = "vrings"
	Descriptors   Unit = "descriptors"
	Queues        Unit = "queues"
	Buffers       Unit = "buffers"
	Members       Unit = "members"
	PDUs          Unit = "pdus"
	Flaps         Unit = "flaps"
	Failures      Unit = "failures"
	Interfaces    Unit = "interfaces"
	Events        Unit = "events"
	Objects       Unit = "objects"
)

// Set groups metrics by what they are read for.
type Set string

// The sets.
const (
	Base     Set = "base"     // what a host is and whether it is well
	Errors   Set = "errors"   // packets lost
	Perf     Set = "perf"     // where cycles go and how lookups end
	Counters Set = "counters" // packets and bytes
	Self     Set = "self"     // the daemon's own work
	Queue    Set = "queues"   // packets and bytes of each queue, descriptors of each ring
)

// Metric is one row of the table.
type Metric struct {
	Name   string   `json:"name"`
	Type   Type     `json:"type"`
	Unit   Unit     `json:"unit,omitempty"`
	Labels []string `json:"labels,omitempty"`
	Help   string   `json:"help"`
	Set    Set      `json:"set"`
	// Source is where the number is read: a control command, a column of the
	// database, or the daemon itself.
	Source string `json:"source"`
	// Since is the first OVS release that tells it, "3.1"; empty = every
	// release from 2.17 on.
	Since string `json:"since,omitempty"`
}

// Table returns every metric that can be shown, in the order of the documented
// page. The caller owns the slice.
func Table() []Metric {
	rows := table()
	metrics := slices.Clone(rows[:])
	for i := range metrics {
		metrics[i].Labels = slices.Clone(metrics[i].Labels)
	}
	return metrics
}
