package respond

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// Messages of DHCPv6 (RFC 8415, section 7.3).
const (
	dhcp6Solicit, dhcp6Advertise, dhcp6Request, dhcp6Confirm = 1, 2, 3, 4
	dhcp6Renew, dhcp6Rebind, dhcp6Reply, dhcp6Release        = 5, 6, 7, 8
	dhcp6Decline, dhcp6Information                           = 9, 11
)

// Options of DHCPv6 (RFC 8415 section 21, RFC 3646).
const (
	opt6Client, opt6Server, opt6Address, opt6Temporary = 1, 2, 3, 4
	opt6Lease, opt6Status, opt6Rapid                   = 5, 13, 14
	opt6DNS, opt6Domain, opt6Prefix                    = 23, 24, 25
)

// Status codes (RFC 8415, section 21.13).
const (
	statusSuccess, statusNoAddress, statusNotOnLink, statusNoPrefix = 0, 2, 4, 6
)

// association is what a client wants addresses or prefixes for.
type association struct {
	code uint16 // opt6Address, opt6Temporary, opt6Prefix
	id   [4]byte
	has  []netip.Addr
}

// dhcp6Message is what a client sent.
type dhcp6Message struct {
	kind   uint8
	xid    [3]byte
	client []byte
	server []byte
	rapid  bool
	wants  []association
}

func (m *dhcp6Message) addresses() []netip.Addr {
	var all []netip.Addr
	for _, w := range m.wants {
		all = append(all, w.has...)
	}
	return all
}

// What a client is answered for at most, so that the answer fits any network: how many
// associations, addresses that it has in each, and bytes of its identifier (RFC 8415,
// section 11.1).
const maxAssociations, maxLeases, maxDUID = 4, 4, 130

// parseDHCP6 reads a client's message.
func parseDHCP6(b []byte) (*dhcp6Message, error) {
	if len(b) < 4 {
		return nil, errors.New("it is no DHCPv6 message")
	}
	m := &dhcp6Message{kind: b[0], xid: [3]byte(b[1:])}
	err := options6(b[4:], func(code uint16, v []byte) {
		switch {
		case code == opt6Client && len(v) > 0 && len(v) <= maxDUID:
			m.client = v
		case code == opt6Server && len(v) > 0:
			m.server = v
		case code == opt6Rapid:
			m.rapid = true
		case len(m.wants) == maxAssociations:
		case code == opt6Temporary && len(v) >= 4:
			m.wants = append(m.wants, association{code: code, id: [4]byte(v)})
		case (code == opt6Address || code == opt6Prefix) && len(v) >= 12:
			m.wants = append(m.wants, association{code: code, id: [4]byte(v), has: leases(v[12:])})
		}
	})
	return m, err
}

// leases are the addresses that a client says it has.
func leases(b []byte) []netip.Addr {
	var all []netip.Addr
	_ = options6(b, func(code uint16, v []byte) { // what is cut short is not there
		if code == opt6Lease && len(v) >= 24 && len(all) < maxLeases {
			all = append(all, netip.AddrFrom16([16]byte(v)))
		}
	})
	return all
}

// options6 walks options.
func options6(b []byte, f func(code uint16, v []byte)) error {
	for len(b) > 0 {
		if len(b) < 4 || len(b) < 4+int(binary.BigEndian.Uint16(b[2:])) {
			return errors.New("an option of a DHCPv6 message is cut short")
		}
		end := 4 + int(binary.BigEndian.Uint16(b[2:]))
		f(binary.BigEndian.Uint16(b), b[4:end])
		b = b[end:]
	}
	return nil
}
