package openflow

import (
	"encoding/binary"
)

// Direction is which way a sampled packet goes.
type Direction uint8

// Directions of samples.
const (
	DirectionAny Direction = iota
	DirectionIngress
	DirectionEgress
)

// Sample sends some packets to the IPFIX collectors of a set.
type Sample struct {
	// Probability is of 65535: how many packets are taken.
	Probability  uint16
	CollectorSet uint32
	// Domain and Point tell the collector where the packet was seen.
	Domain, Point uint32
	// Port is the port the packet is counted for; 0 means none.
	Port      Port
	Direction Direction
}

func (a Sample) appendTo(b []byte) []byte {
	start := len(b)
	kind, port := uint16(nxSample3), a.Port
	switch {
	case a.Direction == DirectionAny && port == 0:
		kind = nxSample
	case a.Direction == DirectionAny:
		kind = nxSample2
	}
	b = u32(u16(nicira(b, kind), a.Probability), a.CollectorSet)
	b = u32(u32(b, a.Domain), a.Point)
	if kind == nxSample {
		return finish(b, start)
	}
	if port == 0 {
		port = PortNone
	}
	return finish(append(u16(b, port.short()), byte(a.Direction), 0, 0, 0, 0, 0), start)
}

func decodeSample(b []byte) Action {
	s := Sample{
		Probability: binary.BigEndian.Uint16(b), CollectorSet: binary.BigEndian.Uint32(b[2:]),
		Domain: binary.BigEndian.Uint32(b[6:]), Point: binary.BigEndian.Uint32(b[10:]),
	}
	if len(b) >= 17 {
		if s.Port = longPort(binary.BigEndian.Uint16(b[14:])); s.Port == PortNone {
			s.Port = 0
		}
		s.Direction = Direction(b[16])
	}
	return s
}

func (a Sample) text() string {
	var p printer
	p.f("sample(probability=%d,collector_set_id=%d,obs_domain_id=%d,obs_point_id=%d",
		a.Probability, a.CollectorSet, a.Domain, a.Point)
	if a.Port != 0 {
		p.f(",sampling_port=%s", a.Port)
	}
	switch a.Direction {
	case DirectionIngress:
		p.f(",ingress")
	case DirectionEgress:
		p.f(",egress")
	case DirectionAny:
	}
	p.f(")")
	return p.String()
}
