package respond

import (
	"encoding/binary"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

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
