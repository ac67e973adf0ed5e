package openflow

import "encoding/binary"

// Types of multipart messages that ask for counters (OpenFlow 1.5.1 section 7.3.5; OFPMP_*).
const (
	multipartTableStats = 3
	multipartMeterStats = 9
)

// TableCounts is what the switch counts of a flow table (OpenFlow 1.5.1 section
// 7.3.5.4). OVS keeps the number of flows: asking for it walks no flow.
type TableCounts struct {
	Table  uint8
	Active uint32 // flows in it
	// Lookups and Matched are packets that the table was asked for and found a flow
	// for, by the slow path only in part: datapath flows are counted as revalidators go.
	Lookups, Matched uint64
}

// AppendTableStatsRequest appends a request for the counters of every table.
func AppendTableStatsRequest(b []byte, xid uint32) []byte {
	start := len(b)
	return endMessage(beginMultipart(b, xid, multipartTableStats), start)
}

const tableStatsLen = 24

// ParseTableStats calls f for each table, as ParseFlows does.
func ParseTableStats(m []byte, f func(TableCounts)) error {
	return records(m, multipartTableStats, tableStatsLen, func(b []byte) {
		f(TableCounts{
			Table: b[0], Active: binary.BigEndian.Uint32(b[4:]),
			Lookups: binary.BigEndian.Uint64(b[8:]), Matched: binary.BigEndian.Uint64(b[16:]),
		})
	})
}

// MeterCounts is what the switch counts of a meter (OpenFlow 1.5.1 section 7.3.5.12).
// A meter starts again at 0 when it is made anew.
type MeterCounts struct {
	ID             uint32
	Flows          uint32 // that use it
	Packets, Bytes uint64 // that came to it
	Bands          []BandCounts
}

// BandCounts are the packets that were above the band's rate: dropped, or remarked.
// The one band counts a packet whose rate is the highest of those exceeded.
type BandCounts struct{ Packets, Bytes uint64 }

// AppendMeterStatsRequest appends a request for the counters of a meter, or AllMeters.
func AppendMeterStatsRequest(b []byte, xid, meter uint32) []byte {
	return appendIDRequest(b, xid, multipartMeterStats, meter)
}

const (
	meterStatsLen = 40
	bandStatsLen  = 16
)

// ParseMeterStats calls f for each meter, as ParseFlows does.
func ParseMeterStats(m []byte, f func(MeterCounts)) error {
	return entries(m, multipartMeterStats, 4, func(b []byte) bool {
		if len(b) < meterStatsLen || (len(b)-meterStatsLen)%bandStatsLen != 0 {
			return false
		}
		s := MeterCounts{
			ID: binary.BigEndian.Uint32(b), Flows: binary.BigEndian.Uint32(b[12:]),
			Packets: binary.BigEndian.Uint64(b[16:]), Bytes: binary.BigEndian.Uint64(b[24:]),
		}
		for b = b[meterStatsLen:]; len(b) > 0; b = b[bandStatsLen:] {
			s.Bands = append(s.Bands, BandCounts{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])})
		}
		f(s)
		return true
	})
}
