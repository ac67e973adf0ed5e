package openflow

import "encoding/binary"

// MeterEntry is a meter as the switch holds it.
type MeterEntry struct {
	ID    uint32
	Flags MeterFlags
	Bands []Band
}

// MeterFlags are how a meter counts (OFPMF_*).
type MeterFlags uint16

// Flags of meters.
const (
	// MeterKbps counts kilobits a second, MeterPktps packets a second: one of them.
	MeterKbps MeterFlags = 1 << iota
	MeterPktps
	// MeterBurst lets Band.Burst count.
	MeterBurst
	// MeterStats keeps statistics.
	MeterStats
)

// Band is what happens above a rate.
type Band struct {
	// Rate is in the meter's unit; Burst in kilobits or packets.
	Rate, Burst uint32
	// Remark adds so many steps of drop precedence to the DSCP; 0 drops.
	Remark uint8
}

// Special numbers of meters (include/openflow/openflow-1.3.h, OFPM13_*).
const (
	// MeterSlowPath is for packets that only the main process can handle.
	MeterSlowPath = 0xfffffffd
	// MeterController is for packet-ins whose action names no meter.
	MeterController = 0xfffffffe
	// AllMeters is every meter, to delete or ask for.
	AllMeters = 0xffffffff
)

// MeterCommand is what a MeterMod does (OFPMC_*).
type MeterCommand uint16

// Commands of MeterMod.
const (
	MeterAdd MeterCommand = iota
	MeterModify
	// MeterDelete deletes the meter, and every flow that uses it. That there is
	// none is no error.
	MeterDelete
)

// MeterMod is a change of a meter. OVS takes none in a bundle.
type MeterMod struct {
	Command MeterCommand
	Meter   MeterEntry
}

// Types of bands (OFPMBT_*), each as long.
const (
	bandDrop   = 1
	bandRemark = 2
	bandLen    = 16
)

// decodeMeter reads a struct ofp_meter_desc (OpenFlow 1.5.1 section 7.3.5.14).
func decodeMeter(b []byte) (m MeterEntry, ok bool) {
	if len(b) < 8 {
		return m, false
	}
	m.Flags, m.ID = MeterFlags(binary.BigEndian.Uint16(b[2:])), binary.BigEndian.Uint32(b[4:])
	for b = b[8:]; len(b) >= bandLen; b = b[bandLen:] {
		if binary.BigEndian.Uint16(b[2:]) != bandLen {
			return m, false
		}
		band := Band{Rate: binary.BigEndian.Uint32(b[4:]), Burst: binary.BigEndian.Uint32(b[8:])}
		if binary.BigEndian.Uint16(b) == bandRemark {
			band.Remark = b[12]
		}
		m.Bands = append(m.Bands, band)
	}
	return m, len(b) == 0
}
