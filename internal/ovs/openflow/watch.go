package openflow

import "encoding/binary"

// A flow monitor (OpenFlow 1.5.1 section 7.3.5.17; in OVS since 3.0,
// lib/ofp-monitor.c).
const (
	multipartFlowMonitor = 16

	monitorAdd     = 1 << 1
	monitorRemoved = 1 << 2
	monitorModify  = 1 << 3

	eventInitial  = 0
	eventModified = 3
	eventPaused   = 5
)

// AppendFlowMonitor appends a request to be told of each flow that another
// connection adds, changes or removes, or that times out. Of what this one does
// the switch tells once a message, in brief.
func AppendFlowMonitor(b []byte, xid, id uint32) []byte {
	start := len(b)
	b = u32(beginMultipart(b, xid, multipartFlowMonitor), id)
	b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) // any port, any group
	b = u16(b, monitorAdd|monitorRemoved|monitorModify)
	b = append(b, AllTables, 0) // OFPFMC_ADD
	return endMessage(appendMatch(b, Match("")), start)
}

// AppendForward appends a request to be told of the changes of groups and meters
// that other connections make (section 7.3.10; OFPACPT_REQUESTFORWARD_SLAVE and
// _MASTER). It leaves the rest of AppendAsync's choice as it is.
func AppendForward(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, typeSetAsync, xid)
	for _, kind := range []uint16{10, 11} {
		b = u32(property(b, kind, 8), 1<<0|1<<1) // OFPRFR_GROUP_MOD, OFPRFR_METER_MOD
	}
	return endMessage(b, start)
}

// Foreign reports whether a message tells that somebody else changed a flow, a
// group or a meter, or that there were too many changes to tell.
func Foreign(m []byte) bool {
	h, err := ParseHeader(m)
	if err != nil {
		return false
	}
	if h.Type == TypeRequestForward {
		return true
	}
	foreign := false
	err = entries(m, multipartFlowMonitor, 0, func(b []byte) bool {
		if len(b) < 4 {
			return false
		}
		event := binary.BigEndian.Uint16(b[2:])
		foreign = foreign || event >= eventInitial && event <= eventModified || event == eventPaused
		return true
	})
	return err == nil && foreign
}
