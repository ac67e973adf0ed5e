package ipfix

// Protocol is what a packet is of, in the few words that a label may have.
type Protocol string

// protocols names IP's protocols (IANA); others are "ip".
var protocols = map[uint8]Protocol{1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah", 58: "icmpv6", 89: "ospf", 103: "pim", 112: "vrrp", 132: "sctp"}

// etherTypes names what is no IP (IEEE); others are "other".
var etherTypes = map[uint16]Protocol{0x0806: "arp", 0x8035: "rarp", 0x8809: "lacp", 0x8847: "mpls", 0x88cc: "lldp", 0x88f7: "ptp", 0x8863: "pppoe", 0x8864: "pppoe"}

// ProtocolOf names what a record's packets are of.
func ProtocolOf(r *Record) Protocol {
	if r.IPVersion == 0 {
		if p, ok := etherTypes[r.EtherType]; ok {
			return p
		}
		return "other"
	}
	if p, ok := protocols[r.Protocol]; ok {
		return p
	}
	return "ip"
}
