package respond

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// Lifetimes that a router advertisement tells, in seconds: of the router, which is told of
// again three times meanwhile, and of prefixes (RFC 4861, section 6.2.1).
const (
	routerLifetime  = 1800
	prefixValid     = 30 * 24 * 3600
	prefixPreferred = 7 * 24 * 3600
	// Interval is the seconds between two advertisements that nobody asked for.
	Interval = routerLifetime / 4
)

// solicited answers a guest that asks for routers: each one of its switch advertises.
func solicited(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, f frame) ([][]byte, error) {
	if _, err := discovery(f, typeRouterSolicitation, 8); err != nil {
		return nil, err
	}
	to, mac := f.from, f.src
	if to.IsUnspecified() {
		to, mac = allNodes, allNodesMAC
	}
	all := advertise(s, sw, p, to, mac)
	if len(all) == 0 {
		return nil, errors.New("switch " + sw.Name + " has no router that speaks IPv6")
	}
	return all, nil
}

// Advertise makes the router advertisements that the guests of a host get though they
// did not ask, ascending by switch and port.
func Advertise(s *logical.Snapshot, local flows.Local) []flows.Reply {
	var all []flows.Reply
	tell := func(p *logical.SwitchPort) {
		sw := s.Switch(p.Switch)
		if sw == nil || p.Key == 0 || p.Kind != logical.PortGuest && p.Kind != logical.PortUnknown {
			return
		}
		for _, packet := range advertise(s, sw, p, allNodes, allNodesMAC) {
			all = append(all, flows.ToPort(s.SwitchKey(sw), p.Key, packet))
		}
	}
	for name := range local.Ports {
		p := s.PortByName(name)
		if p == nil {
			continue
		}
		tell(p)
		for child := range s.PortsOver(p.ID) {
			tell(child)
		}
	}
	slices.SortFunc(all, func(a, b flows.Reply) int {
		return cmp.Or(cmp.Compare(a.Datapath, b.Datapath), cmp.Compare(a.Out, b.Out), bytes.Compare(a.Packet, b.Packet))
	})
	return all
}

// advertise makes the advertisement of each router of a switch for one of its ports.
func advertise(s *logical.Snapshot, sw *logical.Switch, p *logical.SwitchPort, to netip.Addr, mac logical.MAC) [][]byte {
	var all [][]byte
	for rp := range s.RouterPortsOn(sw.ID) {
		if slices.ContainsFunc(rp.Networks, func(n netip.Prefix) bool { return n.Addr().Is6() }) {
			h := header{src: rp.MAC, dst: mac, from: linkLocal(rp.MAC), to: to, ttl: 255}
			all = append(all, h.icmp(routerAdvertisement(sw, rp, p)))
		}
	}
	return all
}

// Flags of a router advertisement and of its prefixes (RFC 4861, sections 4.2 and 4.6.2).
const (
	flagManaged, flagOther       = 0x80, 0x40
	flagOnLink, flagSelfAssigned = 0x80, 0x40
)

// routerAdvertisement is what a router tells a port. Who gets its address by DHCP is told
// to ask there; who may send from the address that its MAC makes of a prefix, to take it.
func routerAdvertisement(sw *logical.Switch, rp *logical.RouterPort, p *logical.SwitchPort) []byte {
	flags := byte(0)
	if sw.DHCP.Enabled {
		flags = flagManaged | flagOther
	}
	m := []byte{typeRouterAdvertisement, 0, 0, 0, 64, flags}
	m = binary.BigEndian.AppendUint16(m, routerLifetime)
	m = withMAC(append(m, make([]byte, 8)...), optionSourceMAC, rp.MAC)
	if mtu := mtuOf(sw, rp); mtu >= 1280 {
		m = binary.BigEndian.AppendUint32(append(m, 5, 1, 0, 0), uint32(mtu))
	}
	for _, n := range rp.Networks {
		if n.Addr().Is4() {
			continue
		}
		flags := byte(flagOnLink)
		if n.Bits() == 64 && !sw.DHCP.Enabled && (!p.Security || slices.Contains(p.Addresses, eui64(n, p.MAC))) {
			flags |= flagSelfAssigned
		}
		m = append(m, 3, 4, byte(n.Bits()), flags) //nolint:gosec // at most 128
		m = binary.BigEndian.AppendUint32(m, prefixValid)
		m = append(binary.BigEndian.AppendUint32(m, prefixPreferred), 0, 0, 0, 0)
		m = append(m, n.Masked().Addr().AsSlice()...)
	}
	return append(m, resolvers(sw, rp)...)
}

// resolvers are the options of RFC 8106: servers, and the domain to complete names with.
func resolvers(sw *logical.Switch, rp *logical.RouterPort) []byte {
	var m []byte
	if servers := resolvers6(sw, rp); len(servers) > 0 {
		m = append(m, 25, byte(1+2*len(servers)), 0, 0) //nolint:gosec // few
		m = binary.BigEndian.AppendUint32(m, routerLifetime)
		for _, a := range servers {
			m = append(m, a.AsSlice()...)
		}
	}
	if name := domain(sw.DHCP.Domain); name != nil {
		for len(name)%8 != 0 {
			name = append(name, 0)
		}
		m = append(m, 31, byte(1+len(name)/8), 0, 0) //nolint:gosec // at most 33
		m = append(binary.BigEndian.AppendUint32(m, routerLifetime), name...)
	}
	return m
}

// mtuOf is the MTU that guests of a switch are told, 0 for none.
func mtuOf(sw *logical.Switch, rp *logical.RouterPort) uint16 {
	if sw.DHCP.MTU == 0 && rp != nil {
		return rp.MTU
	}
	return sw.DHCP.MTU
}
