package openflow

import (
	"bytes"
	"encoding/binary"
)

// PortDesc is a port as the switch describes it (OpenFlow 1.5.1 section 7.2.1).
type PortDesc struct {
	Port Port
	MAC  [6]byte
	// Name is the interface's; OpenFlow cuts it to 15 bytes.
	Name string
	// Down tells that the port is administratively down, NoLink that it has no
	// link, Live that a group that watches it counts it as alive.
	Down, NoLink, Live bool
}

const portLen = 40

func decodePort(b []byte) (p PortDesc, ok bool) {
	if len(b) < portLen {
		return p, false
	}
	p.Port = Port(binary.BigEndian.Uint32(b))
	copy(p.MAC[:], b[8:])
	name, _, _ := bytes.Cut(b[16:32], []byte{0})
	p.Name = string(name)
	config, state := binary.BigEndian.Uint32(b[32:]), binary.BigEndian.Uint32(b[36:])
	p.Down, p.NoLink, p.Live = config&1 != 0, state&1 != 0, state&4 != 0
	return p, true
}

// PortStatus is a change of a port.
type PortStatus struct {
	Added, Deleted bool // neither: modified
	Port           PortDesc
}

// ParsePortStatus reads a message of TypePortStatus. The error matches ErrFormat.
func ParsePortStatus(m []byte) (PortStatus, error) {
	if len(m) < headerLen+8+portLen {
		return PortStatus{}, short("port-status", m)
	}
	p, _ := decodePort(m[headerLen+8:])
	return PortStatus{Added: m[headerLen] == 0, Deleted: m[headerLen] == 1, Port: p}, nil
}

// TableFeatures is what a table can do, as far as it is of use
// (OpenFlow 1.5.1 section 7.3.5.18).
type TableFeatures struct {
	Table      uint8
	Name       string
	MaxEntries uint32
}

const tableLen = 64

func decodeTable(b []byte) (t TableFeatures, ok bool) {
	if len(b) < tableLen {
		return t, false
	}
	name, _, _ := bytes.Cut(b[8:40], []byte{0})
	return TableFeatures{Table: b[2], Name: string(name), MaxEntries: binary.BigEndian.Uint32(b[60:])}, true
}
