package ipfix

// enterprise is the number under which OVS's own elements are registered
// (ofproto/ipfix-enterprise-entities.def, OVS 2.17 to 4.0: IPFIX_ENTERPRISE_VMWARE).
const enterprise = 6876

// The elements that a record is made of, by their numbers at IANA
// (ofproto/ipfix-entities.def, OVS 2.17 to 4.0).
const (
	elementOctets           = 1
	elementPackets          = 2
	elementProtocol         = 4
	elementClass            = 5
	elementSourcePort       = 7
	elementSourceIPv4       = 8
	elementIngress          = 10
	elementDestinationPort  = 11
	elementDestinationIPv4  = 12
	elementEgress           = 14
	elementSourceIPv6       = 27
	elementDestinationIPv6  = 28
	elementSourceMAC        = 56
	elementVLAN             = 58
	elementIPVersion        = 60
	elementDirection        = 61
	elementDestinationMAC   = 80
	elementInterfaceName    = 82
	elementDroppedPackets   = 133
	elementEndReason        = 136
	elementPoint            = 138
	elementExporter         = 144
	elementStart            = 158
	elementEnd              = 159
	elementNotSent          = 167
	elementICMPType4        = 176
	elementICMPCode4        = 177
	elementICMPType6        = 178
	elementICMPCode6        = 179
	elementEtherType        = 256
	elementLayer2Octets     = 352
	elementTunnelType       = 891
	elementTunnelKey        = 892
	elementTunnelSource     = 893
	elementTunnelTarget     = 894
	elementTunnelProtocol   = 895
	elementTunnelSourcePort = 896
	elementTunnelTargetPort = 897
	elementVirtualID        = 898
)

// action is what is done with a field's value.
type action uint8

const (
	skip action = iota
	takeOctets
	takePackets
	takeProtocol
	takeClass
	takeSourcePort
	takeDestinationPort
	takeSource4
	takeDestination4
	takeSource6
	takeDestination6
	takeIngress
	takeEgress
	takeIngressName
	takeEgressName
	takeSourceMAC
	takeDestinationMAC
	takeVLAN
	takeIPVersion
	takeDirection
	takeDropped
	takeEndReason
	takePoint
	takeExporter
	takeStart
	takeEnd
	takeNotSent
	takeICMPType
	takeICMPCode
	takeEtherType
	takeLayer2Octets
	takeTunnelType
	takeTunnelKey
	takeTunnelSource
	takeTunnelTarget
	takeTunnelTargetPort
	takeVirtualID
)

// kind is how an element's value is written, and so which lengths it can have.
type kind uint8

const (
	number   kind = iota // up to 8 bytes, or fewer than its type has (RFC 7011, section 6.2)
	address4             // 4 bytes
	address6             // 16 bytes
	mac                  // 6 bytes
	text                 // any
)

// fits tells whether a value of this length can be one of this kind. A variable
// length is judged in the record.
func (k kind) fits(length uint16) bool {
	switch k {
	case number:
		return length >= 1 && length <= 8
	case address4:
		return length == 4
	case address6:
		return length == 16
	case mac:
		return length == 6
	case text:
	}
	return true
}

// meaning is what an element says.
type meaning struct {
	take action
	kind kind
}

var iana = map[uint16]meaning{
	elementOctets: {takeOctets, number}, elementPackets: {takePackets, number}, elementProtocol: {takeProtocol, number},
	elementClass: {takeClass, number}, elementSourcePort: {takeSourcePort, number}, elementDestinationPort: {takeDestinationPort, number},
	elementSourceIPv4: {takeSource4, address4}, elementDestinationIPv4: {takeDestination4, address4},
	elementSourceIPv6: {takeSource6, address6}, elementDestinationIPv6: {takeDestination6, address6},
	elementIngress: {takeIngress, number}, elementEgress: {takeEgress, number}, elementInterfaceName: {takeIngressName, text},
	elementSourceMAC: {takeSourceMAC, mac}, elementDestinationMAC: {takeDestinationMAC, mac}, elementVLAN: {takeVLAN, number},
	elementIPVersion: {takeIPVersion, number}, elementDirection: {takeDirection, number},
	elementDroppedPackets: {takeDropped, number}, elementEndReason: {takeEndReason, number}, elementPoint: {takePoint, number},
	elementExporter: {takeExporter, number}, elementStart: {takeStart, number}, elementEnd: {takeEnd, number}, elementNotSent: {takeNotSent, number},
	elementICMPType4: {takeICMPType, number}, elementICMPCode4: {takeICMPCode, number},
	elementICMPType6: {takeICMPType, number}, elementICMPCode6: {takeICMPCode, number},
	elementEtherType: {takeEtherType, number}, elementLayer2Octets: {takeLayer2Octets, number},
}

var own = map[uint16]meaning{
	elementTunnelType: {takeTunnelType, number}, elementTunnelKey: {takeTunnelKey, number},
	elementTunnelSource: {takeTunnelSource, address4}, elementTunnelTarget: {takeTunnelTarget, address4},
	elementTunnelTargetPort: {takeTunnelTargetPort, number}, elementVirtualID: {takeVirtualID, text},
}

// step reads one field of a record, or several that nobody asks for.
type step struct {
	take   action
	kind   kind
	length int // bytes; -1 = the record says it
}

// compile turns a template's fields into steps. What is not known, or has a length that
// its kind cannot have, is skipped. OVS names both interfaces of an egress record by the
// same elements: a name after egressInterface is that interface's.
func compile(fields []Field) []step {
	var steps []step
	egress := false
	for _, f := range fields {
		m := iana[f.Element]
		switch f.Enterprise {
		case 0:
		case enterprise:
			m = own[f.Element]
		default:
			m = meaning{}
		}
		s := step{take: m.take, kind: m.kind, length: int(f.Length)}
		if f.Length == variable {
			s.length = -1
		} else if !m.kind.fits(f.Length) {
			s.take = skip
		}
		egress = egress || s.take == takeEgress
		if s.take == takeIngressName && egress {
			s.take = takeEgressName
		}
		if n := len(steps); s.take == skip && s.length >= 0 && n > 0 && steps[n-1].take == skip && steps[n-1].length >= 0 {
			steps[n-1].length += s.length
			continue
		}
		steps = append(steps, s)
	}
	return steps
}
