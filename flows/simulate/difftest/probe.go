package difftest

import (
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
)

// Probe is a packet at the place where it comes in.
type Probe struct {
	simulate.Place
	Packet simulate.Packet
}

// prober makes random probes for one network.
type prober struct {
	*rand.Rand
	snap    *logical.Snapshot
	from    []*logical.SwitchPort // ports of guests that are somewhere
	targets []netip.Addr
}

// Probes makes random packets for a network: mostly what a guest would send to
// somebody there, but also what it should not send, and what nobody expects. The
// same r makes the same. There are none where no guest is on any host.
func Probes(r *rand.Rand, s *logical.Snapshot, n int) []Probe {
	p := &prober{Rand: r, snap: s}
	for port := range s.Ports() {
		if port.Kind == logical.PortGuest && !port.MAC.IsZero() && s.HostOf(port) != nil {
			p.from = append(p.from, port)
		}
		p.targets = append(p.targets, port.Addresses...)
	}
	if len(p.from) == 0 {
		return nil
	}
	var all []Probe
	for len(all) < n {
		all = append(all, p.one())
	}
	return all
}

func (r *prober) one() Probe {
	port := r.from[r.IntN(len(r.from))]
	probe := r.talk(port)
	k := &probe.Packet
	switch r.IntN(20) {
	case 0, 1:
		r.arp(k, port)
	case 2, 3:
		r.solicit(k, port)
	case 4:
		k.EthSrc[5] ^= byte(1 + r.IntN(255))
	case 5:
		if k.Src = r.target(k.Src.Is4()); r.IntN(3) == 0 {
			k.Src = netip.IPv6Unspecified()
			if k.EthType == simulate.TypeIPv4 {
				k.Src = netip.IPv4Unspecified()
			}
		}
	case 6:
		k.EthDst = logical.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	case 7:
		k.EthDst[5] ^= byte(1 + r.IntN(255))
	case 8:
		r.service(k, port)
	case 9:
		k.VLAN = uint16(1 + r.IntN(200))
	case 10:
		k.Size = 1390 + r.IntN(20)
	case 12:
		r.astray(k, port)
	case 13:
		r.linkLocal(k, port)
	case 14:
		r.probe(k, port)
	case 11:
		r.stranger(&probe, port)
	case 15:
		r.wire(&probe, port)
	}
	return probe
}

// stranger lets the packet come from an outside or unknown port, where there is one, else
// from a physical network.
func (r *prober) stranger(probe *Probe, port *logical.SwitchPort) {
	o, ok := r.outside()
	if !ok {
		r.wire(probe, port)
		return
	}
	k := &probe.Packet
	probe.Place, k.VLAN = o, 0
	k.EthSrc = logical.MAC{2, 0, 0, 9, 9, 9}
	switch r.IntN(4) {
	case 0:
		r.arp(k, port)
	case 1:
		r.service(k, port)
	}
	k.VLAN = 0
}

// talk is a well-behaved packet, as far as there is one: to a known address or to one
// close by.
func (r *prober) talk(port *logical.SwitchPort) Probe {
	var probe Probe
	for range 8 {
		to := r.target(r.IntN(2) == 0)
		in, p, err := simulate.Guest(r.snap, port.Name, to)
		if err == nil {
			probe = Probe{in, p}
			break
		}
	}
	p := &probe.Packet
	if p.EthType == 0 {
		// It has nobody to talk to: it tries the broken way.
		in := simulate.Place{Host: r.snap.HostOf(port).Name, Port: port.Name}
		if trunk := r.snap.Port(port.Trunk); trunk != nil {
			in.Port, p.VLAN = trunk.Name, port.Tag
		}
		probe.Place = in
		*p = simulate.Packet{
			EthSrc: port.MAC, EthDst: port.MAC, VLAN: p.VLAN, EthType: simulate.TypeIPv4, Proto: simulate.ProtoUDP, TTL: 64,
			Src: netip.AddrFrom4([4]byte{10, 9, 9, 9}), Dst: r.target(true), SrcPort: 1, DstPort: 2,
		}
	}
	p.TTL = []uint8{64, 64, 64, 1, 2, 3, 255}[r.IntN(7)]
	switch r.IntN(4) {
	case 0:
		p.Proto = simulate.ProtoTCP
	case 1, 2:
		p.Proto, p.SrcPort, p.DstPort = simulate.ProtoICMP, 8, 0
		if p.EthType == simulate.TypeIPv6 {
			p.Proto, p.SrcPort = simulate.ProtoICMPv6, 128
		}
	}
	return probe
}

// target is an address of the family: known, near a known one, or elsewhere.
func (r *prober) target(v4 bool) netip.Addr {
	for range 16 {
		a := r.targets[r.IntN(len(r.targets))]
		if a.Is4() != v4 {
			continue
		}
		switch r.IntN(8) {
		case 0:
			b := a.AsSlice()
			b[len(b)-1] ^= byte(r.IntN(256))
			a, _ = netip.AddrFromSlice(b)
		case 1:
			a = netip.MustParseAddr("203.0.113.7")
			if !v4 {
				a = netip.MustParseAddr("2001:db8::7")
			}
		}
		return a
	}
	if v4 {
		return netip.AddrFrom4([4]byte{10, 0, 0, 99})
	}
	return netip.MustParseAddr("fd00::99")
}

// arp asks for an address, or tells of one.
func (r *prober) arp(p *simulate.Packet, port *logical.SwitchPort) {
	a := simulate.Packet{
		EthSrc: port.MAC, EthDst: logical.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, VLAN: p.VLAN, EthType: simulate.TypeARP, Proto: 1,
		Src: r.ownOr(port, true), Dst: r.near(port, true), ARPSrc: port.MAC,
	}
	switch r.IntN(7) {
	case 4: // it lies about whose MAC that is
		a.ARPSrc = p.EthDst
	case 0:
		a.Proto, a.EthDst, a.ARPDst = 2, p.EthDst, p.EthDst
	case 1:
		a.Src = netip.IPv4Unspecified()
	case 2:
		a.Dst = a.Src
	case 3:
		a.EthDst = p.EthDst // as who looks whether its neighbour is still there
	}
	*p = a
}

// solicit asks for a neighbour, or tells of one.
func (r *prober) solicit(p *simulate.Packet, port *logical.SwitchPort) {
	target := r.near(port, false)
	t := target.As16()
	a := simulate.Packet{
		EthSrc: port.MAC, EthDst: logical.MAC{0x33, 0x33, 0xff, t[13], t[14], t[15]}, VLAN: p.VLAN, EthType: simulate.TypeIPv6,
		Src: r.ownOr(port, false), Dst: netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 11: 1, 12: 0xff, 13: t[13], 14: t[14], 15: t[15]}),
		Proto: simulate.ProtoICMPv6, TTL: 255, SrcPort: 135, Target: target, SourceLL: port.MAC,
	}
	switch r.IntN(6) {
	case 0:
		a.SrcPort, a.EthDst, a.Dst, a.Target = 136, p.EthDst, target, a.Src
		a.SourceLL, a.TargetLL = logical.MAC{}, port.MAC
	case 1:
		a.Src, a.SourceLL = netip.IPv6Unspecified(), logical.MAC{}
	case 2:
		a.Target = a.Src
	case 3: // it lies about whose MAC that is
		a.SrcPort, a.EthDst, a.Dst = 136, p.EthDst, target
		a.SourceLL, a.TargetLL = logical.MAC{}, port.MAC
	}
	*p = a
}

// ownOr is an address of the port, or where it has none of the family some other.
func (r *prober) ownOr(port *logical.SwitchPort, v4 bool) netip.Addr {
	for _, a := range port.Addresses {
		if a.Is4() == v4 {
			return a
		}
	}
	return r.target(v4)
}

// near is an address on the port's switch, mostly.
func (r *prober) near(port *logical.SwitchPort, v4 bool) netip.Addr {
	for range 8 {
		if a := r.target(v4); r.snap.PortByAddress(port.Switch, a) != nil {
			return a
		}
	}
	return r.target(v4)
}

// service asks for what the daemon answers.
func (r *prober) service(p *simulate.Packet, port *logical.SwitchPort) {
	all := logical.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	lla := simulate.LinkLocal(port.MAC)
	ask := simulate.Packet{EthSrc: port.MAC, EthDst: all, VLAN: p.VLAN, EthType: simulate.TypeIPv4, Proto: simulate.ProtoUDP, TTL: 64}
	switch r.IntN(4) {
	case 0:
		ask.Src, ask.Dst, ask.SrcPort, ask.DstPort = netip.IPv4Unspecified(), netip.AddrFrom4([4]byte{255, 255, 255, 255}), 68, 67
	case 1:
		ask.EthDst, ask.EthType, ask.Src, ask.Dst = logical.MAC{0x33, 0x33, 0, 1, 0, 2}, simulate.TypeIPv6, lla, netip.MustParseAddr("ff02::1:2")
		ask.SrcPort, ask.DstPort = 546, 547
	case 2:
		ask.EthDst, ask.EthType, ask.Src, ask.Dst = logical.MAC{0x33, 0x33, 0, 0, 0, 2}, simulate.TypeIPv6, lla, netip.IPv6LinkLocalAllRouters()
		ask.Proto, ask.TTL, ask.SrcPort = simulate.ProtoICMPv6, 255, 133
	case 3:
		p.Proto, p.SrcPort, p.DstPort = simulate.ProtoUDP, 4000, 53
		return
	}
	*p = ask
}

// wire lets the packet come from a physical network of the port's switch, on some host,
// where it has one: mostly with the tag that the switch has there.
func (r *prober) wire(probe *Probe, port *logical.SwitchPort) {
	sw := r.snap.Switch(port.Switch)
	if sw == nil {
		return
	}
	var all []simulate.Place
	add := func(network string) {
		for h := range r.snap.Hosts() {
			if slices.Contains(h.Provider, network) {
				all = append(all, simulate.Place{Host: h.Name, Port: simulate.Fabric(network)})
			}
		}
	}
	if sw.Kind == logical.SwitchVLAN {
		add(sw.Network)
	}
	for p := range r.snap.PortsOf(sw.ID) {
		if p.Kind == logical.PortLocalnet {
			add(p.Network)
		}
	}
	if len(all) == 0 {
		return
	}
	probe.Place = all[r.IntN(len(all))]
	probe.Packet.EthSrc = logical.MAC{2, 0, 0, 9, 9, 9}
	switch r.IntN(4) {
	case 0:
		r.arp(&probe.Packet, port)
	case 1:
		r.service(&probe.Packet, port)
	}
	if probe.Packet.VLAN = sw.VLAN; r.IntN(10) == 0 {
		probe.Packet.VLAN = uint16(r.IntN(110)) //nolint:gosec // a tag
	}
}

// outside is a place where what is not of the network comes in.
func (r *prober) outside() (simulate.Place, bool) {
	var all []simulate.Place
	for port := range r.snap.Ports() {
		h := r.snap.HostOf(port)
		if h != nil && (port.Kind == logical.PortOutside || port.Kind == logical.PortUnknown) {
			all = append(all, simulate.Place{Host: h.Name, Port: port.Name})
		}
	}
	if len(all) == 0 {
		return simulate.Place{}, false
	}
	return all[r.IntN(len(all))], true
}
