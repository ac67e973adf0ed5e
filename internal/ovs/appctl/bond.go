package appctl

import (
	"io"
	"strings"
)

// Bond is a bond as OVS runs it.
type Bond struct {
	Name string
	Mode string // "balance-tcp", "active-backup", ...
	LACP string // "negotiated", "configured" or "off"
	// Members are in the order of the reply, which has no meaning.
	Members []BondMember
}

// BondMember is an interface of a bond.
type BondMember struct {
	Name      string
	Enabled   bool // it may send and receive
	Active    bool // it is the one that sends what only one may send
	MayEnable bool // its link is up, and LACP agrees
}

// ParseBonds reads the reply of bond/show without a port. Without bonds it is empty.
//
// Printed by bond_print_details of ofproto/bond.c. OVS up to 2.14 said slave
// for member; from 2.17 to 4.0 it is the same but for lines that come and go, which are
// passed over.
func ParseBonds(r io.Reader) ([]Bond, error) {
	var bonds []Bond
	err := eachLine(r, "bond/show", func(line string) bool {
		if name, ok := between(line, "---- ", " ----"); ok && name != "" {
			bonds = append(bonds, Bond{Name: name})
			return true
		}
		return len(bonds) > 0 && bonds[len(bonds)-1].parse(line)
	})
	if err != nil {
		return nil, err
	}
	return bonds, nil
}

func (b *Bond) parse(line string) bool {
	if text, ok := strings.CutPrefix(line, "member "); ok {
		name, state, ok := cutLast(text, ": ")
		b.Members = append(b.Members, BondMember{Name: name, Enabled: state == "enabled"})
		return ok && (state == "enabled" || state == "disabled")
	}
	if text, ok := strings.CutPrefix(line, "  "); ok {
		return len(b.Members) > 0 && b.Members[len(b.Members)-1].parse(text)
	}
	// "active member mac: 00:00:00:00:00:00(none)" has a key as well.
	key, value, ok := strings.Cut(line, ": ")
	switch key {
	case "bond_mode":
		b.Mode = value
	case "lacp_status":
		b.LACP = value
	}
	return ok && key != ""
}

func (m *BondMember) parse(text string) bool {
	switch text {
	case "active member":
		m.Active = true
		return true
	case "may_enable: true":
		m.MayEnable = true
		return true
	case "may_enable: false":
		return true
	}
	// "updelay expires in 31 ms", "hash 12: 345 kB load", "all members active: true"
	return strings.HasPrefix(text, "hash ") || strings.Contains(text, "delay expires in ") || strings.Contains(text, ": ")
}
