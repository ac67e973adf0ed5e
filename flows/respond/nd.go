package respond

import (
	"cmp"
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// Flags of a neighbour advertisement (RFC 4861, section 4.4).
const flagRouter, flagOverride = 0x80, 0x20

// Types of neighbour discovery, and of its options (RFC 4861, section 4).
const (
	typeRouterSolicitation, typeRouterAdvertisement = 133, 134
	typeNeighbourSolicitation                       = 135
	typeNeighbourAdvertisement                      = 136
	optionSourceMAC, optionTargetMAC                = 1, 2
)

// discovery is the body of a message of neighbour discovery, of a type and no less long
// than it must be. What a router sent on is none (RFC 4861, section 6.1).
func discovery(f frame, kind uint8, size int) ([]byte, error) {
	m := f.payload
	switch {
	case f.etherType != typeIPv6 || f.proto != protoICMP6 || f.later || len(m) < size:
		return nil, errors.New("it is no message of neighbour discovery")
	case m[0] != kind || m[1] != 0:
		return nil, errors.New("it is another message of neighbour discovery")
	case f.ttl != 255:
		return nil, errors.New("a message of neighbour discovery was routed")
	}
	return m, nil
}

// probed answers who asks from no address, to learn that nobody else has the one it
// wants (RFC 4862, section 5.4): all are told who has it. Where nobody has, and where a
// physical network asks for a port of another host, the question goes on.
func probed(s *logical.Snapshot, local flows.Local, sw *logical.Switch, q flows.Question, f frame) ([]flows.Reply, error) {
	m, err := discovery(f, typeNeighbourSolicitation, 24)
	if err != nil {
		return nil, err
	}
	target := netip.AddrFrom16([16]byte(m[8:]))
	who := holder(s, sw, target)
	if who == nil || who.MAC.IsZero() || !f.from.IsUnspecified() || q.Outside() && !speaksFor(s, local, who) {
		return []flows.Reply{flows.Onward(&q)}, nil
	}
	if p := asker(s, local, sw, q); p == who {
		return []flows.Reply{flows.Onward(&q)}, nil
	}
	h := header{src: who.MAC, dst: allNodesMAC, from: target, to: allNodes, ttl: 255}
	packet := h.icmp(advertisement(who, target, flagOverride))
	return []flows.Reply{flows.ToPort(q.Datapath, q.In, packet)}, nil
}

// holder is who has an address on a switch, a link-local one included.
func holder(s *logical.Snapshot, sw *logical.Switch, a netip.Addr) *logical.SwitchPort {
	if p := s.PortByAddress(sw.ID, a); p != nil || !a.IsLinkLocalUnicast() {
		return p
	}
	b := a.As16()
	m := logical.MAC{b[8] ^ 2, b[9], b[10], b[13], b[14], b[15]}
	if linkLocal(m) != a {
		return nil
	}
	return s.PortByMAC(sw.ID, m)
}

// speaksFor says whether this host answers a physical network for a port: the one where
// the port is, or where its router works. For a router that works everywhere none does.
func speaksFor(s *logical.Snapshot, local flows.Local, p *logical.SwitchPort) bool {
	h := s.HostOf(p)
	if rp := s.RouterPortOf(p); rp != nil {
		h = placeOf(s, s.Router(rp.Router))
	}
	return h != nil && h.Name == local.Host
}

// placeOf is where a pinned router works: the first of its hosts that is there and not
// drained, or the first that is there.
func placeOf(s *logical.Snapshot, r *logical.Router) *logical.Host {
	var drained *logical.Host
	if r == nil {
		return nil
	}
	for _, name := range r.Hosts {
		h := s.HostByName(name)
		if h != nil && !h.Drained {
			return h
		}
		drained = cmp.Or(drained, h)
	}
	return drained
}

func advertisement(who *logical.SwitchPort, target netip.Addr, flags uint32) []byte {
	if who.Kind == logical.PortRouter {
		flags |= flagRouter
	}
	m := binary.BigEndian.AppendUint32([]byte{typeNeighbourAdvertisement, 0, 0, 0}, flags<<24)
	return withMAC(append(m, target.AsSlice()...), optionTargetMAC, who.MAC)
}

func withMAC(m []byte, option uint8, mac logical.MAC) []byte {
	return append(append(m, option, 1), mac[:]...)
}
