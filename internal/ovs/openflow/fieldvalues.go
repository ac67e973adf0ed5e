package openflow

import "net/netip"

// InPort is the port the packet came in by.
func InPort(p Port) FieldValue { return Number(FieldInPort, uint64(p)) }

// SetInPort is the port the packet counts as having come in by, for set_field:
// PortNone lets it be sent back out of the port it came from. p is a port
// number below 0xff00 or one of the reserved ports.
func SetInPort(p Port) FieldValue { return Number(FieldActionInPort, uint64(p&0xffff)) }

// Metadata is the metadata register.
func Metadata(v uint64) FieldValue { return Number(FieldMetadata, v) }

// MetadataMasked is the metadata register, in the bits of mask.
func MetadataMasked(v, mask uint64) FieldValue { return NumberMasked(FieldMetadata, v, mask) }

// Reg is register n, 0 to 15. It panics for another.
func Reg(n int, v uint32) FieldValue { return Number(register(n), uint64(v)) }

// RegMasked is register n, 0 to 15, in the bits of mask. It panics for another.
func RegMasked(n int, v, mask uint32) FieldValue {
	return NumberMasked(register(n), uint64(v), uint64(mask))
}

func register(n int) Field {
	if n < 0 || n >= registers {
		panic("openflow: no such register")
	}
	return FieldReg0 + Field(n)
}

// XXReg is registers 4n to 4n+3 as one of 128 bits, n of 0 to 3: room for an
// IPv6 address. It panics for another.
func XXReg(n int, v [16]byte) FieldValue {
	if n < 0 || n >= registers/4 {
		panic("openflow: no such register")
	}
	return Wide(FieldXXReg0+Field(n), v)
}

// EthSrc is the Ethernet source.
func EthSrc(mac [6]byte) FieldValue { return MAC(FieldEthSrc, mac) }

// EthDst is the Ethernet destination.
func EthDst(mac [6]byte) FieldValue { return MAC(FieldEthDst, mac) }

// Ethernet types that OVS knows by name.
const (
	TypeIPv4 = 0x0800
	TypeARP  = 0x0806
	TypeRARP = 0x8035
	TypeIPv6 = 0x86dd
)

// EthType is the type of what the frame carries, behind its VLAN tags.
func EthType(t uint16) FieldValue { return Number(FieldEthType, uint64(t)) }

// vlanPresent is the bit of vlan_vid that tells that there is a tag (OFPVID_PRESENT).
const vlanPresent = 0x1000

// VLAN is a frame with an outer tag of this VLAN; as what set_field writes, the VLAN.
func VLAN(vid uint16) FieldValue { return Number(FieldVLANVID, uint64(vid)|vlanPresent) }

// NoVLAN is a frame without a tag.
func NoVLAN() FieldValue { return Number(FieldVLANVID, 0) }

// AnyVLAN is a frame with a tag of any VLAN.
func AnyVLAN() FieldValue { return NumberMasked(FieldVLANVID, vlanPresent, vlanPresent) }

// VLANPCP is the priority of the outer tag, 0 to 7. It needs VLAN or AnyVLAN.
func VLANPCP(p uint8) FieldValue { return Number(FieldVLANPCP, uint64(p)) }

// IPSrc is the source of an IP packet, by the family of p. It needs EthType. It
// panics for an invalid prefix, as the other addresses do.
func IPSrc(p netip.Prefix) FieldValue { return family(FieldIPSrc, FieldIPv6Src, p) }

// IPDst is the destination of an IP packet, by the family of p. It needs EthType.
func IPDst(p netip.Prefix) FieldValue { return family(FieldIPDst, FieldIPv6Dst, p) }

// TunSrc is the source of the tunnel's outer packet, by the family of p.
func TunSrc(p netip.Prefix) FieldValue { return family(FieldTunSrc, FieldTunIPv6Src, p) }

// TunDst is the destination of the tunnel's outer packet, by the family of p.
func TunDst(p netip.Prefix) FieldValue { return family(FieldTunDst, FieldTunIPv6Dst, p) }

// Host is the prefix that only a contains.
func Host(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

func family(v4, v6 Field, p netip.Prefix) FieldValue {
	if p.Addr().Is4() {
		return Prefix(v4, p)
	}
	return Prefix(v6, p)
}

// IP protocol numbers that OVS knows by name.
const (
	ProtoICMP   = 1
	ProtoTCP    = 6
	ProtoUDP    = 17
	ProtoICMPv6 = 58
	ProtoSCTP   = 132
)

// IPProto is the protocol of an IP packet. It needs EthType.
func IPProto(p uint8) FieldValue { return Number(FieldIPProto, uint64(p)) }

// TTL is the TTL or hop limit of an IP packet. It needs EthType.
func TTL(ttl uint8) FieldValue { return Number(FieldIPTTL, uint64(ttl)) }

// DSCP is the DSCP of an IP packet, 0 to 63. It needs EthType.
func DSCP(v uint8) FieldValue { return Number(FieldIPDSCP, uint64(v)) }

// LaterFragment is every fragment of an IP packet but the first, or, negated,
// whatever has its transport header. It needs EthType.
func LaterFragment(is bool) FieldValue {
	if is {
		return NumberMasked(FieldIPFrag, 2, 2)
	}
	return NumberMasked(FieldIPFrag, 0, 2)
}

// TCPSrc is the source port of TCP. Ports need EthType and IPProto.
func TCPSrc(p uint16) FieldValue { return Number(FieldTCPSrc, uint64(p)) }

// TCPDst is the destination port of TCP.
func TCPDst(p uint16) FieldValue { return Number(FieldTCPDst, uint64(p)) }

// UDPSrc is the source port of UDP.
func UDPSrc(p uint16) FieldValue { return Number(FieldUDPSrc, uint64(p)) }

// UDPDst is the destination port of UDP.
func UDPDst(p uint16) FieldValue { return Number(FieldUDPDst, uint64(p)) }

// ICMPType is the type of an ICMP message of IPv4. It needs EthType and IPProto.
func ICMPType(t uint8) FieldValue { return Number(FieldICMPType, uint64(t)) }

// ICMPCode is the code of an ICMP message of IPv4.
func ICMPCode(c uint8) FieldValue { return Number(FieldICMPCode, uint64(c)) }

// ICMPv6Type is the type of an ICMPv6 message. It needs EthType and IPProto.
func ICMPv6Type(t uint8) FieldValue { return Number(FieldICMPv6Type, uint64(t)) }

// ICMPv6Code is the code of an ICMPv6 message.
func ICMPv6Code(c uint8) FieldValue { return Number(FieldICMPv6Code, uint64(c)) }

// NDTarget is the target of a neighbour solicitation or advertisement. It needs
// ICMPv6Type 135 or 136 and ICMPv6Code 0, as do NDSLL (135) and NDTLL (136).
func NDTarget(a netip.Addr) FieldValue { return Addr(FieldNDTarget, a) }

// NDSLL is the source link-layer address of a neighbour solicitation.
func NDSLL(mac [6]byte) FieldValue { return MAC(FieldNDSLL, mac) }

// NDTLL is the target link-layer address of a neighbour advertisement.
func NDTLL(mac [6]byte) FieldValue { return MAC(FieldNDTLL, mac) }

// NDOptionsType is the type of the option of a solicitation or advertisement that holds
// a link-layer address: 1 the sender's, 2 the target's.
func NDOptionsType(t uint8) FieldValue { return Number(FieldNDOptionsType, uint64(t)) }

// ARPOp is the operation of ARP. ARP fields need EthType.
func ARPOp(op uint16) FieldValue { return Number(FieldARPOp, uint64(op)) }

// ARPSPA is the sender's protocol address.
func ARPSPA(p netip.Prefix) FieldValue { return Prefix(FieldARPSPA, p) }

// ARPTPA is the target's protocol address.
func ARPTPA(p netip.Prefix) FieldValue { return Prefix(FieldARPTPA, p) }

// ARPSHA is the sender's hardware address.
func ARPSHA(mac [6]byte) FieldValue { return MAC(FieldARPSHA, mac) }

// ARPTHA is the target's hardware address.
func ARPTHA(mac [6]byte) FieldValue { return MAC(FieldARPTHA, mac) }

// TunID is the key of the tunnel: the VNI of Geneve.
func TunID(id uint64) FieldValue { return Number(FieldTunID, id) }

// TunOAM is a tunnel's packet with, or without, the OAM flag.
func TunOAM(is bool) FieldValue {
	if is {
		return Number(FieldTunFlags, 1)
	}
	return Number(FieldTunFlags, 0)
}

// PktMark is the packet's mark.
func PktMark(v uint32) FieldValue { return Number(FieldPktMark, uint64(v)) }

// CTBits are bits of ct_state (lib/packets.h, CS_STATES).
type CTBits uint32

// Bits of ct_state.
const (
	CTNew CTBits = 1 << iota
	CTEst
	CTRel
	CTRpl
	CTInv
	CTTrk
	CTSNAT
	CTDNAT
)

// CTState is a packet's state in connection tracking: the bits of set are set,
// those of clear are not.
func CTState(set, clear CTBits) FieldValue {
	return NumberMasked(FieldCTState, uint64(set), uint64(set|clear))
}

// CTZone is the zone the packet was tracked in.
func CTZone(z uint16) FieldValue { return Number(FieldCTZone, uint64(z)) }

// CTMark is the mark of the packet's connection.
func CTMark(v uint32) FieldValue { return Number(FieldCTMark, uint64(v)) }

// CTMarkMasked is the mark of the packet's connection, in the bits of mask.
func CTMarkMasked(v, mask uint32) FieldValue {
	return NumberMasked(FieldCTMark, uint64(v), uint64(mask))
}

// CTLabel is the label of the packet's connection, in the bits of mask.
func CTLabel(v, mask [16]byte) FieldValue { return WideMasked(FieldCTLabel, v, mask) }
