package logical

import (
	"encoding/hex"
	"fmt"
	"net/netip"
)

// MAC is an Ethernet address. The zero MAC is none.
type MAC [6]byte

// OutsideMAC and OutsideAddress are TupleNet's way of writing an outside port:
// what has one of them joins a switch to a physical bridge.
var (
	OutsideMAC     = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xee}
	OutsideAddress = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)

// ParseMAC reads six pairs of hexadecimal digits with colons between them.
func ParseMAC(text string) (MAC, error) {
	var m MAC
	if len(text) != 17 {
		return MAC{}, fmt.Errorf("%.40q is no MAC: write it as 02:00:00:00:00:01", text)
	}
	for i := range m {
		if i > 0 && text[3*i-1] != ':' {
			return MAC{}, fmt.Errorf("%q is no MAC: write it as 02:00:00:00:00:01", text)
		}
		if _, err := hex.Decode(m[i:i+1], []byte(text[3*i:3*i+2])); err != nil {
			return MAC{}, fmt.Errorf("%q is no MAC: write it as 02:00:00:00:00:01", text)
		}
	}
	return m, nil
}

// String returns the form with colons, in lower case.
func (m MAC) String() string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, 17)
	for i, octet := range m {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, digits[octet>>4], digits[octet&15])
	}
	return string(b)
}

// MarshalText writes the form with colons; the zero MAC is empty.
func (m MAC) MarshalText() ([]byte, error) {
	if m.IsZero() {
		return []byte{}, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *MAC) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = MAC{}
		return nil
	}
	parsed, err := ParseMAC(string(text))
	*m = parsed
	return err
}

// IsZero says whether m is none.
func (m MAC) IsZero() bool { return m == MAC{} }

// IsMulticast says whether the group bit is set.
func (m MAC) IsMulticast() bool { return m[0]&1 != 0 }

// DefaultMAC is the MAC of a port that was given none: f2:01: and the four bytes
// of its IPv4 address, as in TupleNet. Of an IPv6 address it takes the last four
// bytes, behind f2:06: so that the two never meet.
func DefaultMAC(a netip.Addr) MAC {
	a = a.Unmap()
	b := a.As16()
	family := byte(0x01)
	if a.Is6() {
		family = 0x06
	}
	return MAC{0xf2, family, b[12], b[13], b[14], b[15]}
}
