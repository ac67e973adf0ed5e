package openflow

import "strconv"

// Reason is why a packet came to the controller (include/openflow/openflow-common.h, OFPR_*).
type Reason uint8

// Reasons of packet-ins.
const (
	ReasonNoMatch    Reason = 0
	ReasonAction     Reason = 1
	ReasonInvalidTTL Reason = 2
	ReasonActionSet  Reason = 3
	ReasonGroup      Reason = 4
	ReasonPacketOut  Reason = 5
)

// String is what ovs-ofctl prints.
func (r Reason) String() string {
	switch r {
	case ReasonNoMatch:
		return "no_match"
	case ReasonAction:
		return "action"
	case ReasonInvalidTTL:
		return "invalid_ttl"
	case ReasonActionSet:
		return "action_set"
	case ReasonGroup:
		return "group"
	case ReasonPacketOut:
		return "packet_out"
	}
	return strconv.Itoa(int(r))
}

// RemovedReason is why a flow went (OFPRR_*).
type RemovedReason uint8

// Reasons of flow-removed messages.
const (
	RemovedIdle RemovedReason = iota
	RemovedHard
	RemovedDelete
	RemovedGroup
	RemovedMeter
	RemovedEviction
)

// String is what ovs-ofctl prints.
func (r RemovedReason) String() string {
	names := [...]string{"idle", "hard", "delete", "group_delete", "meter_delete", "eviction"}
	if int(r) < len(names) {
		return names[r]
	}
	return strconv.Itoa(int(r))
}
