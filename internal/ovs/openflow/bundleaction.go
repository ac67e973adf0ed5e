package openflow

import "encoding/binary"

// BundlePorts chooses one of some ports that are up, by a hash of the packet, and
// sends the packet there or stores the port's number. What the hash reads counts
// as matched: choose the fields with care.
type BundlePorts struct {
	Fields    HashFields
	Basis     uint16
	Algorithm BundleAlgorithm
	Members   []Port
	// To is where the number goes, PortNone where no port is up; nil means
	// the packet is sent.
	To *Subfield
}

// HashFields is what a hash is made of (include/openflow/nicira-ext.h, enum nx_hash_fields).
type HashFields uint16

// Fields of hashes.
const (
	HashEthSrc HashFields = iota
	HashSymmetricL4
	HashSymmetricL3L4
	HashSymmetricL3L4UDP
	HashIPSrc
	HashIPDst
	HashSymmetricL3
)

// BundleAlgorithm is how a hash chooses (enum nx_bd_algorithm).
type BundleAlgorithm uint16

// Algorithms of BundlePorts.
const (
	BundleActiveBackup BundleAlgorithm = iota
	BundleHRW
)

func (a BundlePorts) appendTo(b []byte) []byte {
	start := len(b)
	kind := uint16(nxBundle)
	if a.To != nil {
		kind = nxBundleLoad
	}
	b = u16(u16(nicira(b, kind), uint16(a.Algorithm)), uint16(a.Fields))
	b = u32(u16(b, a.Basis), header(classNXM0, 0, 2)) // members are in_port numbers
	b = u16(b, uint16(len(a.Members)))
	if a.To != nil {
		b = u32(u16(b, a.To.range16()), a.To.nxm())
	} else {
		b = u32(u16(b, 0), 0)
	}
	b = append(b, 0, 0, 0, 0)
	for _, m := range a.Members {
		b = u16(b, m.short())
	}
	return finish(b, start)
}

func decodeBundle(b []byte) Action {
	if len(b) < 22 {
		return nil
	}
	a := BundlePorts{
		Algorithm: BundleAlgorithm(binary.BigEndian.Uint16(b)), Fields: HashFields(binary.BigEndian.Uint16(b[2:])),
		Basis: binary.BigEndian.Uint16(b[4:]),
	}
	if h := binary.BigEndian.Uint32(b[14:]); h != 0 {
		to, ok := subfieldOfRange(h, binary.BigEndian.Uint16(b[12:]))
		if !ok {
			return nil
		}
		a.To = &to
	}
	n := int(binary.BigEndian.Uint16(b[10:]))
	if b = b[22:]; len(b) < 2*n {
		return nil
	}
	for i := range n {
		a.Members = append(a.Members, longPort(binary.BigEndian.Uint16(b[2*i:])))
	}
	return a
}
