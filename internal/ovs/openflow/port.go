package openflow

import "strconv"

// Port is an OpenFlow port number: 1 to 0xfeff, or one of the reserved ports.
type Port uint32

// Reserved ports (OpenFlow 1.5.1 section 7.2.1; OFPP_*).
const (
	PortInPort     Port = 0xfffffff8
	PortTable      Port = 0xfffffff9
	PortNormal     Port = 0xfffffffa
	PortFlood      Port = 0xfffffffb
	PortAll        Port = 0xfffffffc
	PortController Port = 0xfffffffd
	PortLocal      Port = 0xfffffffe
	// PortNone is no port, or any, by what asks.
	PortNone Port = 0xffffffff
	// PortUnset is what actset_output has at first.
	PortUnset Port = 0xfffffff7
)

// String is what ovs-ofctl prints without port names
// (lib/ofp-port.c, ofputil_port_get_reserved_name).
func (p Port) String() string {
	switch p {
	case PortInPort:
		return "IN_PORT"
	case PortTable:
		return "TABLE"
	case PortNormal:
		return "NORMAL"
	case PortFlood:
		return "FLOOD"
	case PortAll:
		return "ALL"
	case PortController:
		return "CONTROLLER"
	case PortLocal:
		return "LOCAL"
	case PortNone:
		return "ANY"
	case PortUnset:
		return "UNSET"
	}
	return strconv.FormatUint(uint64(p), 10)
}

// short is the number with the 16 bits of OpenFlow 1.0, which Nicira actions have.
func (p Port) short() uint16 { return uint16(p) }

// longPort is the port of a number of 16 bits.
func longPort(n uint16) Port {
	if n >= uint16(PortUnset&0xffff) {
		return 0xffff0000 | Port(n)
	}
	return Port(n)
}
