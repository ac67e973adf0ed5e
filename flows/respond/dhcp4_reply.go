package respond

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

const defaultLease = 3600

// reply makes a message of a kind for the client.
func (m *dhcp4Message) reply(sw *logical.Switch, to served, kind uint8) []byte {
	b := make([]byte, bootpFixed, bootpLeast)
	b[0], b[1], b[2] = 2, 1, 6
	copy(b[4:], m.xid[:])
	if m.broadcast {
		b[10] = 0x80
	}
	if kind != dhcpNak {
		copy(b[12:], m.current.AsSlice())
		if m.kind != dhcpInform {
			copy(b[16:], to.address.AsSlice())
		}
	}
	copy(b[28:], m.mac[:])
	b = append(b, magic[:]...)
	for _, o := range m.options(sw, to, kind) {
		b = append(append(b, o.code, byte(len(o.value))), o.value...) //nolint:gosec // at most 255
	}
	b = append(b, optEnd)
	if len(b) < bootpLeast {
		b = b[:bootpLeast]
	}
	h := header{src: to.mac, dst: m.mac, from: to.server, to: to.address, ttl: 64}
	switch {
	case kind == dhcpNak, m.broadcast && m.current.IsUnspecified():
		h.dst, h.to = broadcast, netip.AddrFrom4([4]byte{255, 255, 255, 255})
	case !m.current.IsUnspecified():
		h.to = m.current
	}
	return h.udp(67, 68, b)
}

// dhcpOption is an option by its number.
type dhcpOption struct {
	code  uint8
	value []byte
}

// options are what the client is told, those that the switch gives by number in place of
// ours.
func (m *dhcp4Message) options(sw *logical.Switch, to served, kind uint8) []dhcpOption {
	all := []dhcpOption{{optKind, []byte{kind}}, {optServer, to.server.AsSlice()}}
	if kind == dhcpNak {
		return append(all, dhcpOption{optMessage, []byte("the port has another address")})
	}
	if m.kind != dhcpInform {
		lease := sw.DHCP.Lease
		if lease == 0 {
			lease = defaultLease
		}
		all = append(all, dhcpOption{optLease, seconds(lease)}, dhcpOption{optRenew, seconds(lease / 2)}, dhcpOption{optRebind, seconds(uint32(uint64(lease) * 7 / 8))}) //nolint:gosec // less than lease
	}
	told := m.told(sw, to)
	for _, o := range sw.DHCP.Other {
		value, err := hex.DecodeString(o.Value)
		if err != nil || len(value) > 255 || o.Code == optPad || o.Code == optEnd || o.Code == optKind {
			continue
		}
		told = slices.DeleteFunc(told, func(t dhcpOption) bool { return t.code == o.Code })
		all = slices.DeleteFunc(all, func(t dhcpOption) bool { return t.code == o.Code })
		told = append(told, dhcpOption{o.Code, value})
	}
	if m.client != nil { // RFC 6842
		told = append(told, dhcpOption{optClient, m.client})
	}
	return append(all, told...)
}

// told is what the network says of itself.
func (m *dhcp4Message) told(sw *logical.Switch, to served) []dhcpOption {
	var mask [4]byte
	binary.BigEndian.PutUint32(mask[:], ^uint32(0)<<(32-to.network.Bits()))
	all := []dhcpOption{{optMask, mask[:]}}
	switch {
	case sw.DHCP.Router.Is4():
		all = append(all, dhcpOption{optRouter, sw.DHCP.Router.AsSlice()})
	case to.port != nil:
		all = append(all, dhcpOption{optRouter, to.server.AsSlice()})
	}
	var servers []byte
	for _, a := range resolvers4(sw, to.port) {
		servers = append(servers, a.AsSlice()...)
	}
	if servers != nil {
		all = append(all, dhcpOption{optDNS, servers})
	}
	if d := sw.DHCP.Domain; d != "" && len(d) <= 255 {
		all = append(all, dhcpOption{optDomain, []byte(d)})
	}
	if mtu := mtuOf(sw, to.port); mtu != 0 {
		all = append(all, dhcpOption{optMTU, binary.BigEndian.AppendUint16(nil, mtu)})
	}
	return all
}

func seconds(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
