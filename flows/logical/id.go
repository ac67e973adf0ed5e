package logical

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
)

// UUID names a row of the store. The zero UUID names none.
type UUID [16]byte

// ParseUUID reads the usual form of 36 characters, in either case.
func ParseUUID[T string | []byte](text T) (UUID, error) {
	var u UUID
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return UUID{}, fmt.Errorf("%.40q is no UUID", text)
	}
	group, i := 1, 0
	for at := range u {
		if text[i] == '-' && i == [...]int{8, 13, 18, 23}[min(group-1, 3)] {
			group, i = group+1, i+1
		}
		high, low := nibble(text[i]), nibble(text[i+1])
		if high|low > 15 {
			return UUID{}, fmt.Errorf("%.40q is no UUID: group %d is not hexadecimal", text, group)
		}
		u[at], i = high<<4|low, i+2
	}
	return u, nil
}

// nibble is what a hexadecimal digit stands for, more than 15 where it is none.
func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// String returns the usual form of 36 characters.
func (u UUID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText writes the usual form.
func (u UUID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the usual form.
func (u *UUID) UnmarshalText(text []byte) error {
	parsed, err := ParseUUID(text)
	*u = parsed
	return err
}

// Compare orders UUIDs by their bytes, which is the order of their text.
func (u UUID) Compare(o UUID) int { return bytes.Compare(u[:], o[:]) }

// IsZero says whether u names no row.
func (u UUID) IsZero() bool { return u == UUID{} }

// ID is the UUID of an E: that of a switch cannot be taken for a router's.
// The zero ID names none.
type ID[E any] UUID

// UUID returns the id without its type.
func (id ID[E]) UUID() UUID { return UUID(id) }

// String returns the usual form of the UUID.
func (id ID[E]) String() string { return UUID(id).String() }

// IsZero says whether id names nothing.
func (id ID[E]) IsZero() bool { return id == ID[E]{} }

// Compare orders ids by their bytes.
func (id ID[E]) Compare(o ID[E]) int { return UUID(id).Compare(UUID(o)) }

// MarshalText writes the usual form.
func (id ID[E]) MarshalText() ([]byte, error) { return UUID(id).MarshalText() }

// UnmarshalText reads the usual form.
func (id *ID[E]) UnmarshalText(text []byte) error { return (*UUID)(id).UnmarshalText(text) }

// Kind says what an entity is.
type Kind uint8

// The kinds of entity, in the order in which they are listed.
const (
	KindHost Kind = iota + 1
	KindDatapath
	KindSwitch
	KindSwitchPort
	KindBinding
	KindRouter
	KindRouterPort
	KindRoute
	KindNAT
	KindSecurityGroup
	KindSecurityRule
	KindAddressSet
	KindLoadBalancer
	KindPool
	KindMirror
	KindMeter
	KindTrace
	KindGlobal
)

// kindNames are the operator's words.
var kindNames = [...]string{
	KindHost: "host", KindDatapath: "datapath", KindSwitch: "switch", KindSwitchPort: "switch port",
	KindBinding: "binding", KindRouter: "router", KindRouterPort: "router port", KindRoute: "route",
	KindNAT: "NAT", KindSecurityGroup: "security group", KindSecurityRule: "security rule",
	KindAddressSet: "address set", KindLoadBalancer: "load balancer", KindPool: "pool",
	KindMirror: "mirror", KindMeter: "meter", KindTrace: "trace", KindGlobal: "global",
}

// String returns the operator's word for the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Ref names one entity of any kind.
type Ref struct {
	Kind Kind
	UUID UUID
}

// Compare orders by kind, then by UUID.
func (r Ref) Compare(o Ref) int {
	if r.Kind != o.Kind {
		return cmp.Compare(r.Kind, o.Kind)
	}
	return r.UUID.Compare(o.UUID)
}

// String returns the kind and the UUID.
func (r Ref) String() string { return r.Kind.String() + " " + r.UUID.String() }

// DatapathKey is the number of a switch or router in flows and, for a switch, its
// VNI: 1 to MaxDatapathKey, unique over both. 0 is none.
type DatapathKey uint32

// PortKey is the number of a port within its switch or router: 1 to MaxPortKey.
// Larger ones are multicast groups, 0 is none.
type PortKey uint16

// HostIndex is the number of a host in flows, 1 to 65535.
type HostIndex uint16

// Zone is a conntrack zone that belongs to a datapath, 1 to 65535; 0 is none.
type Zone uint16

// The largest keys: 24 bits of VNI, 15 bits of the tunnel option.
const (
	MaxDatapathKey DatapathKey = 1<<24 - 1
	MaxPortKey     PortKey     = 1<<15 - 1
)
