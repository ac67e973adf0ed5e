package openflow

import "encoding/binary"

// SpeaksOurVersion reports whether the sender of a hello can speak OpenFlow 1.5
// (section 7.5.1): its bitmap of versions says so, or without one its own version.
func SpeaksOurVersion(hello []byte) bool {
	if len(hello) < headerLen || Type(hello[1]) != TypeHello {
		return false
	}
	speaks, told := hello[0] >= Version, false
	eachProperty(hello[headerLen:], func(kind uint16, p []byte) {
		if kind == 1 && len(p) >= 8 && !told {
			told = true
			speaks = binary.BigEndian.Uint32(p[4:])&(1<<Version) != 0
		}
	})
	return speaks
}
