package respond

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Messages of DHCP (RFC 2132, section 9.6).
const (
	dhcpDiscover, dhcpOffer, dhcpRequest, dhcpDecline = 1, 2, 3, 4
	dhcpAck, dhcpNak, dhcpRelease, dhcpInform         = 5, 6, 7, 8
)

// Options of DHCP (RFC 2132, but where another is named).
const (
	optPad, optEnd                             = 0, 255
	optMask, optRouter, optDNS, optDomain      = 1, 3, 6, 15
	optMTU, optRequested, optLease, optKind    = 26, 50, 51, 53
	optServer, optMessage, optRenew, optRebind = 54, 56, 58, 59
	optClient                                  = 61
)

const defaultLease = 3600

// dhcp4 answers the DHCP message of a guest that all can hear. nil is no answer.
func dhcp4(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, f frame) ([]byte, error) {
	m, err := parseDHCP4(f)
	if err != nil {
		return nil, err
	}
	if !sw.DHCP.Enabled {
		return nil, fmt.Errorf("switch %s does not serve DHCP", sw.Name)
	}
	if !p.HasMAC(m.mac) {
		return nil, fmt.Errorf("%s behind port %s asks for an address: the port has another MAC", m.mac, p.Name)
	}
	to, ok := serve(s, sw, p, true)
	if !ok {
		return nil, fmt.Errorf("port %s has no IPv4 address in a network of switch %s or its routers", p.Name, sw.Name)
	}
	return m.answer(sw, to)
}

// renew answers a guest that asks its router alone to go on with its address.
func renew(at ingress, f frame) ([]byte, error) {
	for rp := range at.snap.RouterPortsOf(at.router.ID) {
		link := at.snap.SwitchPortOf(rp)
		if link == nil || !networkOf(rp, f.from).IsValid() {
			continue
		}
		sw, p := at.snap.Switch(link.Switch), at.snap.PortByAddress(link.Switch, f.from)
		if sw != nil && p != nil && p.Kind == logical.PortGuest {
			return dhcp4(at.snap, sw, p, f)
		}
	}
	return nil, fmt.Errorf("%s asks a router to go on with an address that no guest has", f.from)
}

// answer decides what a guest is told (RFC 2131, section 4.3). What it is told does not
// depend on what it asks for: it is the network's.
func (m *dhcp4Message) answer(sw *logical.Switch, to served) ([]byte, error) {
	switch m.kind {
	case dhcpDiscover:
		return m.reply(sw, to, dhcpOffer), nil
	case dhcpRequest:
		if m.server.IsValid() && m.server != to.server {
			return nil, nil // it took another's offer
		}
		if m.wanted() != to.address {
			return m.reply(sw, to, dhcpNak), nil
		}
		return m.reply(sw, to, dhcpAck), nil
	case dhcpInform:
		return m.reply(sw, to, dhcpAck), nil
	case dhcpRelease:
		return nil, nil // it is the port's, now as then
	case dhcpDecline:
		return nil, fmt.Errorf("%s says that somebody else on switch %s has %s", m.mac, sw.Name, m.wanted())
	}
	return nil, errors.New("it is no message of a DHCP client")
}

// dhcp4Message is what a client sent.
type dhcp4Message struct {
	kind      uint8
	xid       [4]byte
	mac       logical.MAC
	broadcast bool
	current   netip.Addr // that it has: ciaddr
	requested netip.Addr // not valid where it names none
	server    netip.Addr
	client    []byte // its identifier
}

// wanted is the address that the client speaks of.
func (m *dhcp4Message) wanted() netip.Addr {
	if m.requested.IsValid() {
		return m.requested
	}
	return m.current
}

const (
	bootpFixed = 236 // RFC 2131, section 2
	bootpLeast = 300 // RFC 1542, section 2.1
)

var magic = [4]byte{99, 130, 83, 99}

// parseDHCP4 reads a client's message.
func parseDHCP4(f frame) (*dhcp4Message, error) {
	b := f.data
	if f.sport != 68 || f.dport != 67 || len(b) < bootpFixed+4 || [4]byte(b[bootpFixed:]) != magic {
		return nil, errors.New("it is no DHCP message")
	}
	if b[0] != 1 || b[1] != 1 || b[2] != 6 {
		return nil, errors.New("it is no DHCP message of an Ethernet client")
	}
	if [4]byte(b[24:]) != [4]byte{} {
		return nil, errors.New("a DHCP relay sent it: guests ask for themselves here")
	}
	m := &dhcp4Message{xid: [4]byte(b[4:]), mac: logical.MAC(b[28:34]), broadcast: b[10]&0x80 != 0, current: netip.AddrFrom4([4]byte(b[12:]))}
	for o := b[bootpFixed+4:]; len(o) > 0 && o[0] != optEnd; {
		if o[0] == optPad {
			o = o[1:]
			continue
		}
		if len(o) < 2 || len(o) < 2+int(o[1]) {
			return nil, errors.New("an option of a DHCP message is cut short")
		}
		m.option(o[0], o[2:2+int(o[1])])
		o = o[2+int(o[1]):]
	}
	return m, nil
}

func (m *dhcp4Message) option(code uint8, v []byte) {
	switch {
	case code == optKind && len(v) == 1:
		m.kind = v[0]
	case code == optRequested && len(v) == 4:
		m.requested = netip.AddrFrom4([4]byte(v))
	case code == optServer && len(v) == 4:
		m.server = netip.AddrFrom4([4]byte(v))
	case code == optClient:
		m.client = v
	}
}

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
