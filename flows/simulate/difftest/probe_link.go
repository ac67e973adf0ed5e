package difftest

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
)

// special are destinations that no router forwards, and their neighbours that it does.
var special = map[bool][]string{
	true: {
		"0.0.0.0", "0.1.2.3", "1.0.0.1", "127.0.0.1", "126.255.255.255", "169.254.1.1", "169.253.1.1", "224.0.0.5", "239.255.255.255", "240.0.0.1",
		"255.255.255.255", "255.255.255.254",
	},
	false: {"::", "::1", "::2", "fe80::99", "febf::1", "fec0::1", "ff02::1", "ff0e::5", "fe00::1"},
}

// gateway is a router's port on the switch of a port, from both sides; nil where there is
// none.
func (r *prober) gateway(port *logical.SwitchPort) (*logical.SwitchPort, *logical.RouterPort) {
	var all []*logical.RouterPort
	for rp := range r.snap.RouterPortsOn(port.Switch) {
		all = append(all, rp)
	}
	if len(all) == 0 {
		return nil, nil
	}
	rp := all[r.IntN(len(all))]
	return r.snap.SwitchPortOf(rp), rp
}

// astray sends the packet to its router, for where none sends it on.
func (r *prober) astray(p *simulate.Packet, port *logical.SwitchPort) {
	if link, _ := r.gateway(port); link != nil {
		all := special[p.EthType == simulate.TypeIPv4]
		p.EthDst, p.Dst = link.MAC, netip.MustParseAddr(all[r.IntN(len(all))])
	}
}

// linkLocal lets the port speak from its link-local address, mostly, to that of a router,
// or to where it belongs less.
func (r *prober) linkLocal(p *simulate.Packet, port *logical.SwitchPort) {
	link, rp := r.gateway(port)
	if link == nil {
		return
	}
	*p = simulate.Packet{
		EthSrc: port.MAC, EthDst: link.MAC, VLAN: p.VLAN, EthType: simulate.TypeIPv6, Src: simulate.LinkLocal(port.MAC), Dst: simulate.LinkLocal(rp.MAC),
		Proto: simulate.ProtoICMPv6, TTL: 64, SrcPort: 128,
	}
	switch r.IntN(6) {
	case 0:
		p.Src = r.ownOr(port, false)
	case 1:
		p.Dst = r.near(port, false)
	case 2:
		p.Dst = r.target(false)
	case 3:
		p.Proto, p.SrcPort, p.DstPort = simulate.ProtoUDP, 4000, 5000
	}
}

// probe asks the router alone whether it is still there.
func (r *prober) probe(p *simulate.Packet, port *logical.SwitchPort) {
	link, rp := r.gateway(port)
	if link == nil {
		return
	}
	a := simulate.LinkLocal(rp.MAC)
	for _, n := range rp.Networks {
		if n.Addr().Is6() && r.IntN(2) == 0 {
			a = n.Addr()
		}
	}
	*p = simulate.Packet{
		EthSrc: port.MAC, EthDst: link.MAC, VLAN: p.VLAN, EthType: simulate.TypeIPv6, Src: simulate.LinkLocal(port.MAC), Dst: a,
		Proto: simulate.ProtoICMPv6, TTL: 255, SrcPort: 135, Target: a, SourceLL: port.MAC,
	}
	switch r.IntN(6) {
	case 0:
		p.Src = r.ownOr(port, false)
	case 1:
		p.Target = r.near(port, false)
	case 2:
		p.TTL = 64
	case 3:
		p.SourceLL = logical.MAC{}
	}
}
