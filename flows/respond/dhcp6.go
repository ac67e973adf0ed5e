package respond

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
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

// dhcp6 answers the DHCPv6 message of a guest. nil is no answer.
func dhcp6(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, f frame) ([]byte, error) {
	if f.sport != 546 || f.dport != 547 {
		return nil, errNotHere
	}
	m, err := parseDHCP6(f.data)
	if err != nil {
		return nil, err
	}
	if !sw.DHCP.Enabled {
		return nil, fmt.Errorf("switch %s does not serve DHCP", sw.Name)
	}
	to, ok := serve(s, sw, p, false)
	if !ok {
		to = served{server: nobody, mac: logical.DefaultMAC(nobody)}
		for rp := range s.RouterPortsOn(sw.ID) {
			to.port, to.mac = rp, rp.MAC
			break
		}
	}
	kind, err := m.answered(to)
	if kind == 0 || err != nil {
		return nil, err
	}
	h := header{src: to.mac, dst: f.src, from: linkLocal(to.mac), to: f.from, ttl: 64}
	return h.udp(547, 546, m.reply(sw, to, kind)), nil
}

// answered is the kind of answer that a message gets, 0 for none (RFC 8415, section 16).
func (m *dhcp6Message) answered(to served) (uint8, error) {
	named := m.server != nil
	switch m.kind {
	case dhcp6Solicit, dhcp6Confirm, dhcp6Rebind:
		if named || m.client == nil {
			return 0, errors.New("a DHCPv6 message to all names a server, or no client")
		}
	case dhcp6Request, dhcp6Renew, dhcp6Release, dhcp6Decline:
		if m.client == nil || !named {
			return 0, errors.New("a DHCPv6 message to one server names none, or no client")
		}
	case dhcp6Information:
	default:
		return 0, errors.New("it is no message of a DHCPv6 client")
	}
	switch {
	case named && !bytes.Equal(m.server, duid(to.mac)):
		return 0, nil // it is for another
	case m.kind == dhcp6Confirm && len(m.addresses()) == 0:
		return 0, nil // RFC 8415, section 18.3.3
	case m.kind == dhcp6Decline:
		return 0, fmt.Errorf("a guest says that somebody else has %s", to.address)
	case m.kind == dhcp6Solicit && !m.rapid:
		return dhcp6Advertise, nil
	}
	return dhcp6Reply, nil
}

// duid is the identifier of the server with a MAC (RFC 8415, section 11.4).
func duid(m logical.MAC) []byte { return append([]byte{0, 3, 0, 1}, m[:]...) }

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

// reply makes a message of a kind for the client.
func (m *dhcp6Message) reply(sw *logical.Switch, to served, kind uint8) []byte {
	b := append([]byte{kind}, m.xid[:]...)
	if m.client != nil {
		b = option6(b, opt6Client, m.client)
	}
	b = option6(b, opt6Server, duid(to.mac))
	switch m.kind {
	case dhcp6Release:
		return option6(b, opt6Status, status(statusSuccess, "it stays the port's"))
	case dhcp6Confirm:
		for _, a := range m.addresses() {
			if !to.network.IsValid() || !to.network.Contains(a) {
				return option6(b, opt6Status, status(statusNotOnLink, "the port is in another network"))
			}
		}
		return option6(b, opt6Status, status(statusSuccess, "it is in the port's network"))
	case dhcp6Information:
	default:
		if m.kind == dhcp6Solicit && kind == dhcp6Reply {
			b = option6(b, opt6Rapid, nil)
		}
		for _, w := range m.wants {
			b = option6(b, w.code, w.granted(sw, to))
		}
	}
	var servers []byte
	for _, a := range resolvers6(sw, to.port) {
		servers = append(servers, a.AsSlice()...)
	}
	if servers != nil {
		b = option6(b, opt6DNS, servers)
	}
	if name := domain(sw.DHCP.Domain); name != nil {
		b = option6(b, opt6Domain, name)
	}
	return b
}

// granted is what a client gets for an association: the port's address, and lifetimes of
// nothing for others that it says it has.
func (w association) granted(sw *logical.Switch, to served) []byte {
	if w.code == opt6Temporary {
		return option6(w.id[:], opt6Status, status(statusNoAddress, "there are no temporary addresses"))
	}
	lease := sw.DHCP.Lease
	if lease == 0 {
		lease = defaultLease
	}
	b := slices.Concat(w.id[:], seconds(lease/2), seconds(uint32(uint64(lease)*4/5))) //nolint:gosec // less than lease
	switch {
	case w.code == opt6Prefix:
		return option6(b, opt6Status, status(statusNoPrefix, "there are no prefixes to delegate"))
	case !to.address.IsValid():
		return option6(b, opt6Status, status(statusNoAddress, "the port has no IPv6 address"))
	}
	b = option6(b, opt6Lease, slices.Concat(to.address.AsSlice(), seconds(lease), seconds(lease)))
	for _, a := range w.has {
		if a != to.address {
			b = option6(b, opt6Lease, slices.Concat(a.AsSlice(), seconds(0), seconds(0)))
		}
	}
	return b
}

func option6(b []byte, code uint16, v []byte) []byte {
	b = binary.BigEndian.AppendUint16(slices.Clip(b), code)
	b = binary.BigEndian.AppendUint16(b, uint16(len(v))) //nolint:gosec // ours, or part of a packet
	return append(b, v...)
}

func status(code uint16, text string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, code), text...)
}
