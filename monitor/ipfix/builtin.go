package ipfix

// What OVS sends, from 2.17 to 4.0 alike: ofproto/ofproto-dpif-ipfix.c,
// ipfix_define_template_fields and ipfix_get_template_id. It tells of its templates when an
// exporter starts and then every ten minutes (every template_interval from 3.2 on):
// a collector that starts between reads records by these until the real ones come.
const (
	l2Kinds = 2 // Ethernet, 802.1Q
	l3Kinds = 3 // other, IPv4, IPv6
	l4Kinds = 5 // other, TCP, UDP, SCTP, ICMP
	// optionsNumber is the template of the exporter's own counters, in domain 0: the number
	// that the formula gives one past the end of each kind.
	optionsNumber = firstDataSet + (((l2Kinds*l3Kinds+l3Kinds)*l4Kinds+l4Kinds)*2+2)*2 + 2
)

// shape is what a template of OVS is for.
type shape struct {
	vlan   bool
	l3, l4 int
	tunnel bool
	egress bool
}

// number is the template's.
func (s shape) number() uint16 {
	return uint16(firstDataSet + (((bit(s.vlan)*l3Kinds+s.l3)*l4Kinds+s.l4)*2+bit(s.tunnel))*2 + bit(s.egress))
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shapes lists what OVS has templates for: 88.
func shapes() []shape {
	var all []shape
	for i := range l2Kinds * l3Kinds * l4Kinds * 4 {
		s := shape{egress: i%2 == 1, tunnel: i/2%2 == 1, l4: i / 4 % l4Kinds, l3: i / (4 * l4Kinds) % l3Kinds, vlan: i >= 4*l4Kinds*l3Kinds}
		if s.l3 != 0 || s.l4 == 0 {
			all = append(all, s)
		}
	}
	return all
}

// fields lists the template's elements. virtual is for an exporter with a
// virtual_obs_id.
func (s shape) fields(virtual bool) []Field {
	var fs []Field
	add := func(length uint16, elements ...uint16) {
		for _, e := range elements {
			fs = append(fs, Field{Element: e, Length: length})
		}
	}
	addOwn := func(length uint16, elements ...uint16) {
		for _, e := range elements {
			fs = append(fs, Field{Element: e, Length: length, Enterprise: enterprise})
		}
	}
	add(4, elementPoint)
	add(1, elementDirection)
	add(6, elementSourceMAC, elementDestinationMAC)
	add(2, elementEtherType)
	add(1, 240) // ethernetHeaderLength
	add(4, elementIngress, 368)
	add(variable, elementInterfaceName, 83)
	if s.egress {
		add(4, elementEgress, 369)
		add(variable, elementInterfaceName, 83)
	}
	if s.vlan {
		add(2, elementVLAN, 243) // dot1qVlanId
		add(1, 244)              // dot1qPriority
	}
	s.network(add)
	if s.tunnel {
		addOwn(4, elementTunnelSource, elementTunnelTarget)
		addOwn(1, elementTunnelProtocol)
		addOwn(2, elementTunnelSourcePort, elementTunnelTargetPort)
		addOwn(1, elementTunnelType)
		addOwn(variable, elementTunnelKey)
	}
	if virtual {
		addOwn(variable, elementVirtualID)
	}
	add(4, elementStart, elementEnd)
	add(8, elementDroppedPackets, 135, elementPackets, 86, 354, 355, 356, 357, 358, 19, 174, elementLayer2Octets, 353)
	add(1, elementEndReason)
	if s.l3 != 0 {
		add(8, 132, 134, elementOctets, 85, 198, 199, 25, 26, 20, 175)
	}
	if s.l4 == 1 {
		add(8, 222, 219, 221, 220, 218, 223) // ACK, FIN, PSH, RST, SYN, URG
	}
	return fs
}

// network adds the elements of IP and what is above it.
func (s shape) network(add func(length uint16, elements ...uint16)) {
	if s.l3 == 0 {
		return
	}
	add(1, elementIPVersion, 192, elementProtocol, 195, 196, elementClass)
	icmp := []uint16{elementICMPType4, elementICMPCode4}
	if s.l3 == 1 {
		add(4, elementSourceIPv4, elementDestinationIPv4)
	} else {
		add(16, elementSourceIPv6, elementDestinationIPv6)
		add(4, 31) // flowLabelIPv6
		icmp = []uint16{elementICMPType6, elementICMPCode6}
	}
	switch s.l4 {
	case 1, 2, 3:
		add(2, elementSourcePort, elementDestinationPort)
	case 4:
		add(1, icmp...)
	}
}

// guesses are the templates that a record may have been written by before its real one
// is known: the one that fits it exactly is right.
type guesses map[uint16][]*template

// builtIn returns OVS's templates by number.
func builtIn() guesses {
	all := guesses{}
	add := func(id uint16, fields []Field, scope int) {
		t := newTemplate(fields, scope)
		t.builtIn = true
		all[id] = append(all[id], t)
	}
	for _, s := range shapes() {
		add(s.number(), s.fields(false), 0)
		add(s.number(), s.fields(true), 0)
	}
	add(optionsNumber, []Field{{Element: elementExporter, Length: 4}, {Element: elementNotSent, Length: 8}}, 1)
	return all
}
