package ipfix

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// CollectorSet is the number by which the pipeline's sample() finds its exporter.
const CollectorSet = 4739

// Keys returns the settings of exporters that this package writes. A change of one makes
// OVS export what it has and look at its flows anew; no packet is lost.
func Keys() []vswitch.Key {
	const t = vswitch.IPFIXTable
	return []vswitch.Key{
		{Table: t, Name: "targets", Class: vswitch.Live},
		{Table: t, Name: "sampling", Class: vswitch.Live, Kind: vswitch.Number, Default: "400"},
		{Table: t, Name: "cache_active_timeout", Class: vswitch.Live, Kind: vswitch.Number, Default: "0"},
		{Table: t, Name: "cache_max_flows", Class: vswitch.Live, Kind: vswitch.Number, Default: "0"},
		{Table: vswitch.CollectorSetTable, Name: "id", Class: vswitch.Live, Kind: vswitch.Number},
	}
}

// Decide returns the rows that make OVS export: one of each bridge in ModeBridge, a
// collector set of the integration bridge in ModePorts. Which directions are sampled is
// left to OVS: both, by default; the settings for it mean their opposite in OVS 3.1.
func Decide(s *Spec, integration string) []vswitch.Row {
	if s == nil {
		return nil
	}
	var rows []vswitch.Row
	switch s.Mode {
	case ModeBridge:
		for _, b := range s.Bridges {
			r := s.exporter(vswitch.ID{Table: vswitch.BridgeTable, Name: b})
			r.Settings["sampling"] = strconv.Itoa(s.Sampling)
			rows = append(rows, r)
		}
	case ModePorts:
		number := strconv.Itoa(CollectorSet)
		set := vswitch.ID{Table: vswitch.CollectorSetTable, Name: integration + "/" + number}
		rows = append(rows, vswitch.Row{
			ID: set, Parent: vswitch.ID{Table: vswitch.BridgeTable, Name: integration}, Settings: vswitch.Settings{"id": number},
		}, s.exporter(set))
	case ModeOff:
	}
	return rows
}

// exporter is the row of what a bridge or set exports.
func (s *Spec) exporter(of vswitch.ID) vswitch.Row {
	targets := append([]string{s.Listen.String()}, s.ExportTo...)
	slices.Sort(targets)
	return vswitch.Row{
		ID: vswitch.ID{Table: vswitch.IPFIXTable, Name: of.Name}, Parent: of,
		Settings: vswitch.Settings{
			"targets":              strings.Join(targets, ","),
			"cache_active_timeout": strconv.Itoa(int(s.CacheTimeout / time.Second)),
			"cache_max_flows":      strconv.Itoa(s.CacheFlows),
		},
	}
}
