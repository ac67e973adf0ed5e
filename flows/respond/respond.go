package respond

import (
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// Respond answers a question that the switch of a host put. No reply and no error is an
// answer, too: what was asked needs none. An error says why there is none; it is about
// what the guest sent or how the network is made, and nothing to try again.
// What is given is only read; Respond may run concurrently with itself.
func Respond(s *logical.Snapshot, local flows.Local, q flows.Question) ([]flows.Reply, error) {
	f, err := parse(q.Packet)
	if err != nil {
		return nil, err
	}
	path := s.DatapathByKey(q.Datapath)
	if path == nil {
		return nil, fmt.Errorf("nothing has the key %d", q.Datapath)
	}
	if r := s.RouterOf(path.ID); r != nil {
		return atRouter(s, local, r, q, f)
	}
	if sw := s.SwitchOf(path.ID); sw != nil {
		return atSwitch(s, local, sw, q, f)
	}
	return nil, fmt.Errorf("no switch or router has the key %d", q.Datapath)
}

var errNotHere = errors.New("it is not asked for here")

// atSwitch answers what guests ask their switch.
func atSwitch(s *logical.Snapshot, local flows.Local, sw *logical.Switch, q flows.Question, f frame) ([]flows.Reply, error) {
	if q.Op == flows.OpND {
		return probed(s, local, sw, q, f)
	}
	p := asker(s, local, sw, q)
	if p == nil {
		return nil, fmt.Errorf("no guest of this host is behind port %d of switch %s", q.In, sw.Name)
	}
	var out [][]byte
	var err error
	switch q.Op {
	case flows.OpDHCPv4:
		out, err = one(dhcp4(s, sw, p, f))
	case flows.OpDHCPv6:
		out, err = one(dhcp6(s, sw, p, f))
	case flows.OpRA:
		out, err = solicited(s, sw, p, f)
	default:
		err = errNotHere
	}
	var all []flows.Reply
	for _, packet := range out {
		all = append(all, flows.ToPort(q.Datapath, q.In, packet))
	}
	return all, err
}

// atRouter answers what is asked of a router, and tells of packets that it cannot send
// on.
func atRouter(s *logical.Snapshot, local flows.Local, r *logical.Router, q flows.Question, f frame) ([]flows.Reply, error) {
	at, err := entry(s, r, f)
	if err != nil {
		return nil, err
	}
	var packet []byte
	switch q.Op {
	case flows.OpExpired:
		packet, err = expired(at, f)
	case flows.OpTooBig:
		packet, err = tooBig(at, f, q.MTU)
	case flows.OpDHCPv4:
		packet, err = renew(at, f)
	case flows.OpDNS:
		packet, err = dns(at, f)
	default:
		err = errNotHere
	}
	if packet == nil || err != nil {
		return nil, err
	}
	return []flows.Reply{at.reply(local, f, packet)}, nil
}

// one is a list of the packet, none where there is none.
func one(packet []byte, err error) ([][]byte, error) {
	if packet == nil || err != nil {
		return nil, err
	}
	return [][]byte{packet}, nil
}

// asker is the port of a guest that a packet came in by: that of the interface, or one
// that it carries tagged.
func asker(s *logical.Snapshot, local flows.Local, sw *logical.Switch, q flows.Question) *logical.SwitchPort {
	is := func(p *logical.SwitchPort) bool { return p.Key == q.In && p.Switch == sw.ID }
	for name, port := range local.Ports {
		p := s.PortByName(name)
		if port != q.Port || p == nil {
			continue
		}
		if is(p) {
			return p
		}
		for child := range s.PortsOver(p.ID) {
			if is(child) {
				return child
			}
		}
	}
	return nil
}
