package agent

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// The underlay of the tunnel tests: this host and a peer that never answers.
var (
	vtepHere = netip.MustParseAddr("10.9.0.1")
	vtepMute = netip.MustParseAddr("10.9.0.2")
)

// tunnelDrops drops on the way into and out of VXLAN.
func (r *dropRig) tunnelDrops(wire *sender) {
	r.host.Allow(dropLog(`native_tnl|tunnel|ofproto_dpif_upcall|ofproto_dpif_xlate|netdev_linux`))
	up := r.cable("up")
	r.sync("add-br", "phy", "--", "set", "Bridge", "phy", "datapath_type=netdev", "fail-mode=secure", "--", "add-port", "phy", "up")
	r.flows("phy", "in_port=up,actions=LOCAL", "in_port=LOCAL,actions=output:up")
	r.ip("addr", "add", vtepHere.String()+"/24", "dev", "phy")
	r.ip("link", "set", "phy", "up")
	r.sync("add-port", "drop", "far", "--", "set", "Interface", "far", "type=vxlan", "options:key=7", "options:remote_ip=203.0.113.9", "--",
		"add-port", "drop", "mute", "--", "set", "Interface", "mute", "type=vxlan", "options:key=8", "options:remote_ip="+vtepMute.String())
	r.until("the tunnel's port listens", func() error {
		if show := r.appctl("tnl/ports/show", "-v"); !strings.Contains(show, vtepHere.String()) {
			return errors.New(show)
		}
		return nil
	})
	r.settled()
	r.dropsBy("tunnel without a route", leaves{"of_pipeline": 22}, func() {
		r.flows("drop", "in_port=wire,actions=output:far")
		wire.send(22, etherFrame(r.next(), 60))
	})
	r.dropsBy("tunnel without a neighbour", leaves{"of_pipeline": 23}, func() {
		r.flows("drop", "in_port=wire,actions=output:mute")
		wire.send(23, etherFrame(r.next(), 60))
	})
	mac := r.mac("phy")
	r.dropsBy("garbage for the tunnel", leaves{"tunnel_pop_error": 24}, func() {
		up.send(24, vxlan(mac, 0, 0, make([]byte, 60)))
	})
	r.dropsBy("congestion that the inner packet cannot tell", leaves{"congestion": 25}, func() {
		r.flows("drop", "in_port=mute,actions=output:slow")
		inner := append(etherFrame(0x0800, 14), ipv4(0, 17, vtepHere, vtepMute, make([]byte, 30))...)
		up.send(25, vxlan(mac, 3, 0x08000000, inner))
	})
}

func (r *dropRig) ip(args ...string) {
	r.t.Helper()
	if out, err := r.host.Command(r.limit(), "ip", args...).CombinedOutput(); err != nil {
		r.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// mac is the address of a device of the host.
func (r *dropRig) mac(device string) net.HardwareAddr {
	r.t.Helper()
	text, err := r.host.VSCtl(r.limit(), "get", "Interface", device, "mac_in_use")
	if err != nil {
		r.t.Fatal(err)
	}
	mac, err := net.ParseMAC(strings.Trim(text, "\""))
	if err != nil {
		r.t.Fatal(err)
	}
	return mac
}

// vxlan is a frame of tunnel 8 from the mute peer, with traffic class and flags
// (RFC 7348) as given.
func vxlan(to net.HardwareAddr, tos byte, flags uint32, inner []byte) []byte {
	header := binary.BigEndian.AppendUint32(nil, flags)
	header = binary.BigEndian.AppendUint32(header, 8<<8)
	udp := binary.BigEndian.AppendUint16(nil, 50000)
	udp = binary.BigEndian.AppendUint16(udp, 4789)
	udp = binary.BigEndian.AppendUint16(udp, uint16(8+len(header)+len(inner)))
	udp = append(udp, 0, 0) // no checksum
	udp = append(append(udp, header...), inner...)
	f := etherFrame(0x0800, 14)
	copy(f, to)
	return append(f, ipv4(tos, 17, vtepMute, vtepHere, udp)...)
}

// ipv4 is a packet with a right checksum.
func ipv4(tos, protocol byte, from, to netip.Addr, payload []byte) []byte {
	h := []byte{0x45, tos, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0}
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(payload)))
	h = append(append(h, from.AsSlice()...), to.AsSlice()...)
	sum := uint32(0)
	for i := 0; i < len(h); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(h[i:]))
	}
	sum = sum>>16 + sum&0xffff
	sum += sum >> 16
	binary.BigEndian.PutUint16(h[10:], ^uint16(sum))
	return append(h, payload...)
}
