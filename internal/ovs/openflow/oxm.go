package openflow

// Field names one match field of OVS. Its number is its rank in a canonical
// match; it is not stable between versions of this package.
type Field uint8

// String is the name set_field and learn use, "eth_src".
func (f Field) String() string {
	if int(f) < len(fields) {
		return fields[f].name
	}
	return "unknown"
}

// Fields in the order of a canonical match: what another field has as its
// prerequisite stands before it (lib/nx-match.c, nx_put_raw, OVS 3.1).
const (
	FieldInPort Field = iota
	FieldEthSrc
	FieldEthDst
	FieldEthType
	FieldVLANVID
	FieldVLANPCP
	FieldIPSrc
	FieldIPDst
	FieldIPv6Src
	FieldIPv6Dst
	FieldIPFrag
	FieldIPDSCP
	FieldIPECN
	FieldIPTTL
	FieldIPv6Label
	FieldIPProto
	FieldTCPSrc
	FieldTCPDst
	FieldTCPFlags
	FieldUDPSrc
	FieldUDPDst
	FieldSCTPSrc
	FieldSCTPDst
	FieldICMPType
	FieldICMPCode
	FieldICMPv6Type
	FieldICMPv6Code
	FieldNDTarget
	FieldNDSLL
	FieldNDTLL
	FieldNDReserved
	FieldNDOptionsType
	FieldARPOp
	FieldARPSPA
	FieldARPTPA
	FieldARPSHA
	FieldARPTHA
	FieldTunID
	FieldTunFlags
	FieldTunSrc
	FieldTunDst
	FieldTunIPv6Src
	FieldTunIPv6Dst
	FieldPktMark
	FieldCTState
	FieldCTZone
	FieldCTMark
	FieldCTLabel
	FieldCTNWSrc
	FieldCTIPv6Src
	FieldCTNWDst
	FieldCTIPv6Dst
	FieldCTNWProto
	FieldCTTPSrc
	FieldCTTPDst
	FieldMetadata
	// FieldActionInPort is in_port as actions know it, with the 16 bits of
	// OpenFlow 1.0: OpenFlow 1.5 forbids to set the one of a match.
	FieldActionInPort
	// FieldReg0 and those after it are the numbered fields: FieldReg0+8 is reg8.
	FieldReg0
	// FieldXReg0 to FieldXReg0+7 are pairs of registers.
	FieldXReg0 = FieldReg0 + registers
	// FieldXXReg0 to FieldXXReg0+3 are groups of four registers.
	FieldXXReg0 = FieldXReg0 + registers/2
	// FieldTunMetadata0 to FieldTunMetadata0+63 are options of a Geneve tunnel,
	// as the switch's TLV map assigns them.
	FieldTunMetadata0 = FieldXXReg0 + registers/4
	fieldCount        = FieldTunMetadata0 + tunnelOptions
)

const (
	registers     = 16
	tunnelOptions = 64
)

// format is how ovs-ofctl prints a value (lib/meta-flow.c, mf_format).
type format uint8

const (
	formatDecimal format = iota
	formatHex
	formatMAC
	formatIPv4
	formatIPv6
	formatPort
	formatCTState
	formatTunFlags
	formatTCPFlags
	formatFrag
)

// fieldInfo is what is constant of a field.
type fieldInfo struct {
	name string
	// formal is what a subfield is called, "NXM_OF_ETH_SRC"
	// (lib/nx-match.c, mf_format_subfield).
	formal string
	// oxm is the header in OpenFlow 1.5, nxm the one inside Nicira actions,
	// which keep the older numbers where there are some. Neither has the mask bit.
	oxm, nxm uint32
	size     uint8 // bytes of the value; of a tunnel option, at most
	bits     uint8 // meaningful bits, counted from the lowest
	format   format
}

// OXM classes: OpenFlow 1.5.1 section 7.2.3.3; include/openflow/nicira-ext.h.
const (
	classNXM0         = 0x0000
	classNXM1         = 0x0001
	classEricsson     = 0x1000
	classBasic        = 0x8000
	classPacketReg    = 0x8001
	classExperimenter = 0xffff
)

// maskBit of a header says that a mask of the value's size follows the value.
const maskBit = 1 << 8

// header is that of an entry without a mask.
func header(class, number, size uint32) uint32 { return class<<16 | number<<9 | size }

// fields is the table of what OVS can match and set, from
// include/openvswitch/meta-flow.h, the same in 2.17 to 4.0.
var fields = fieldTable()

// fieldByHeader finds a field by its OXM or NXM header without mask bit and
// length: the length of tunnel options varies.
var fieldByHeader = indexFields()

func indexFields() map[uint32]Field {
	index := make(map[uint32]Field, 2*len(fields))
	for i := range fields {
		index[fields[i].oxm>>9] = Field(i)
		index[fields[i].nxm>>9] = Field(i)
	}
	return index
}

func fieldTable() (t [fieldCount]fieldInfo) {
	for f, row := range namedFields() {
		t[f] = row
	}
	for i := range uint32(registers) {
		h := header(classNXM1, i, 4)
		t[FieldReg0+Field(i)] = fieldInfo{number("reg", i), number("NXM_NX_REG", i), h, h, 4, 32, formatHex}
	}
	for i := range uint32(registers / 2) {
		h := header(classPacketReg, i, 8)
		t[FieldXReg0+Field(i)] = fieldInfo{number("xreg", i), number("OXM_OF_PKT_REG", i), h, h, 8, 64, formatHex}
	}
	for i := range uint32(registers / 4) {
		h := header(classNXM1, 111+i, 16)
		t[FieldXXReg0+Field(i)] = fieldInfo{number("xxreg", i), number("NXM_NX_XXREG", i), h, h, 16, 128, formatHex}
	}
	for i := range uint32(tunnelOptions) {
		h := header(classNXM1, 40+i, 124)
		t[FieldTunMetadata0+Field(i)] = fieldInfo{number("tun_metadata", i), number("NXM_NX_TUN_METADATA", i), h, h, 124, 0, formatHex}
	}
	return t
}

func number(name string, i uint32) string {
	if i < 10 {
		return name + string(rune('0'+i))
	}
	return name + string(rune('0'+i/10)) + string(rune('0'+i%10))
}
