package appctl

import (
	"io"
	"strings"
)

// LACP is the state of the protocol on one bond.
type LACP struct {
	Name    string
	Members []LACPMember
}

// LACPMember is the protocol's state of one interface.
type LACPMember struct {
	Name string
	// State is "current" while the other end speaks, "expired" once it has not for
	// long, "defaulted" when it never did or was given up.
	State    string
	Attached bool // it is part of the aggregate
}

// ParseLACP reads the reply of lacp/show without a port.
//
// Printed by lacp_print_details of lib/lacp.c, the same from OVS 2.17 to 4.0.
func ParseLACP(r io.Reader) ([]LACP, error) {
	var all []LACP
	err := eachLine(r, "lacp/show", func(line string) bool {
		if name, ok := between(line, "---- ", " ----"); ok && name != "" {
			all = append(all, LACP{Name: name})
			return true
		}
		if len(all) == 0 {
			return false
		}
		l := &all[len(all)-1]
		text, ok := strings.CutPrefix(line, "member: ")
		if !ok { // the partner's state has nothing behind its colon while there is none
			return strings.HasPrefix(line, "  ") && strings.Contains(line, ":")
		}
		name, words, ok := cutLast(text, ": ")
		state, attached, ok2 := strings.Cut(words, " ")
		l.Members = append(l.Members, LACPMember{Name: name, State: state, Attached: attached == "attached"})
		return ok && ok2 && (attached == "attached" || attached == "detached") &&
			(state == "current" || state == "expired" || state == "defaulted")
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// LACPCounts are what one member of a bond counted since LACP was started on it.
type LACPCounts struct {
	Bond, Member string
	// PDUs sent and received, those received that made no sense, and marker requests.
	Tx, Rx, RxBad, RxMarker uint64
	// How often the other end fell silent, was given up, and the link's carrier changed.
	Expired, Defaulted, CarrierChanges uint64
}

// ParseLACPStats reads the reply of lacp/show-stats without a port.
//
// Printed by lacp_print_stats of lib/lacp.c, the same from OVS 2.17 to 4.0.
func ParseLACPStats(r io.Reader) ([]LACPCounts, error) {
	var all []LACPCounts
	bond := ""
	err := eachLine(r, "lacp/show-stats", func(line string) bool {
		if name, ok := between(line, "---- ", " statistics ----"); ok && name != "" {
			bond = name
			return true
		}
		if name, ok := between(line, "member: ", ":"); ok && bond != "" {
			all = append(all, LACPCounts{Bond: bond, Member: name})
			return name != ""
		}
		return len(all) > 0 && all[len(all)-1].parse(line)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (c *LACPCounts) parse(line string) bool {
	key, value, ok := strings.Cut(line, ": ")
	var slot *uint64
	switch key {
	case "  TX PDUs":
		slot = &c.Tx
	case "  RX PDUs":
		slot = &c.Rx
	case "  RX Bad PDUs":
		slot = &c.RxBad
	case "  RX Marker Request PDUs":
		slot = &c.RxMarker
	case "  Link Expired":
		slot = &c.Expired
	case "  Link Defaulted":
		slot = &c.Defaulted
	case "  Carrier Status Changed":
		slot = &c.CarrierChanges
	}
	return ok && slot != nil && number(slot, value, 64)
}
