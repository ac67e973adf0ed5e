package openflow

import (
	"encoding/binary"
)

// CT sends the packet through connection tracking.
type CT struct {
	Commit bool
	// Force, with Commit, replaces a connection whose first packet went the other way.
	Force bool
	// Table is where the packet goes on, with ct_state, beside the actions that
	// follow here. Without Recirculate it goes on here only, without ct_state.
	Table       uint8
	Recirculate bool
	// Zone is the zone, unless ZoneField is set.
	Zone uint16
	// ZoneField is where the zone is read; nil means Zone.
	ZoneField *Subfield
	// ALG is the port of a helper, 21 for FTP and 69 for TFTP; 0 means none.
	ALG uint16
	// NAT is address translation; nil means none.
	NAT *NAT
	// Exec sets ct_mark and ct_label of the connection. It needs Commit.
	Exec []Action
}

const noTable = 0xff

func (a CT) appendTo(b []byte) []byte {
	start := len(b)
	var flags uint16
	if a.Commit {
		flags |= 1
	}
	if a.Force {
		flags |= 2
	}
	b = u16(nicira(b, nxCT), flags)
	if a.ZoneField != nil {
		b = u16(u32(b, a.ZoneField.nxm()), a.ZoneField.range16())
	} else {
		b = u16(u32(b, 0), a.Zone)
	}
	table := a.Table
	if !a.Recirculate {
		table = noTable
	}
	b = u16(append(b, table, 0, 0, 0), a.ALG)
	if a.NAT != nil {
		b = a.NAT.appendTo(b)
	}
	for _, e := range a.Exec {
		b = e.appendTo(b)
	}
	return finish(b, start)
}

func decodeCT(b []byte, depth int) Action {
	flags, zone := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[6:])
	ct := CT{
		Commit: flags&1 != 0, Force: flags&2 != 0, ALG: binary.BigEndian.Uint16(b[12:]),
		Table: b[8], Recirculate: b[8] != noTable, Zone: zone,
	}
	if !ct.Recirculate {
		ct.Table = 0
	}
	if h := binary.BigEndian.Uint32(b[2:]); h != 0 {
		s, ok := subfieldOfRange(h, zone)
		if !ok {
			return nil
		}
		ct.ZoneField, ct.Zone = &s, 0
	}
	ct.Exec = decodeActions(b[14:], depth+1)
	if len(ct.Exec) > 0 {
		if raw, ok := ct.Exec[0].(Raw); ok {
			if nat, ok := decodeNAT([]byte(raw.Bytes)); ok {
				ct.NAT, ct.Exec = &nat, ct.Exec[1:]
			}
		}
	}
	if len(ct.Exec) == 0 {
		ct.Exec = nil
	}
	return ct
}

func (a CT) text() string {
	var p printer
	if a.Commit {
		p.f("commit,")
	}
	if a.Force {
		p.f("force,")
	}
	if a.Recirculate {
		p.f("table=%d,", a.Table)
	}
	if a.ZoneField != nil {
		p.f("zone=%s,", a.ZoneField)
	} else if a.Zone != 0 {
		p.f("zone=%d,", a.Zone)
	}
	if a.NAT != nil {
		p.f("%s,", a.NAT.text())
	}
	if len(a.Exec) > 0 {
		p.f("exec(%s),", listText(a.Exec))
	}
	switch a.ALG {
	case 0:
	case 21:
		p.f("alg=ftp,")
	case 69:
		p.f("alg=tftp,")
	default:
		p.f("alg=%d,", a.ALG)
	}
	return "ct(" + chomp(p.String()) + ")"
}
