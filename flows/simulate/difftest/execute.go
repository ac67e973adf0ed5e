package difftest

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows/simulate"
)

// Emission is one thing that leaves a switch: a packet at a datapath port, behind a
// tunnel header or not, or a packet for the daemon.
type Emission struct {
	Port   int // of the datapath; of a tunnelled packet the one its outer packet takes
	Packet simulate.Packet
	Tunnel *Tunnel
	Punt   *Controller
}

// Tunnel is a Geneve header.
type Tunnel struct {
	VNI      uint32
	Src, Dst netip.Addr
	Option   string // the value of the one option, "0x10002"; "" = none
}

// Controller is a packet-in.
type Controller struct {
	Reason   int    // OFPR_*: 1 = an action, 2 = TTL exceeded
	Userdata string // as in Trace
}

// reasonTTL is OFPR_INVALID_TTL (openflow/openflow-common.h).
const reasonTTL = 2

// Execute does to a packet what the actions of a trace say.
func Execute(t Trace, p simulate.Packet) ([]Emission, error) {
	x := execution{trace: t, userdata: t.Userdata}
	if err := x.list(t.Passes[0].Actions, state{packet: p}); err != nil {
		return nil, err
	}
	return x.out, nil
}

type execution struct {
	trace    Trace
	userdata []string // not yet seen
	out      []Emission
	passes   int
}

// state is the packet between two actions.
type state struct {
	packet simulate.Packet
	tunnel *Tunnel
}

// list does actions one after the other. What clone and its like do to the packet
// ends with them, as state is a copy.
func (x *execution) list(all []Action, s state) error {
	for _, a := range all {
		if err := x.one(a, &s); err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
	}
	return nil
}

func (x *execution) one(a Action, s *state) (err error) {
	if port, err := strconv.Atoi(a.Word); err == nil && a.Args == nil {
		x.out = append(x.out, Emission{Port: port, Packet: s.packet, Tunnel: s.tunnel})
		return nil
	}
	switch a.Word {
	case "drop":
	case "set":
		return set(a, &s.packet)
	case "push_vlan":
		vid, _ := a.value("vid")
		return number(vid, 12, &s.packet.VLAN)
	case "pop_vlan":
		s.packet.VLAN = 0
	case "clone":
		return x.list(a.Args, *s)
	case "sample":
		return x.sample(a, s)
	case "tnl_push":
		s.tunnel, err = tunnel(a)
	case "userspace":
		return x.userspace(a, s)
	case "check_pkt_len":
		return x.checkLength(a, s)
	case "recirc":
		return x.recirc(a, s)
	default:
		if strings.HasPrefix(a.Word, "hash") || strings.HasPrefix(a.Word, "meter") {
			return nil // they choose the next pass, which the trace shows, and pass by
		}
		return fmt.Errorf("an action that the tests do not know")
	}
	return err
}

// sample does what is done to each packet: so OVS keeps a meter from what comes behind.
func (x *execution) sample(a Action, s *state) error {
	if p, _ := a.value("sample"); p != "100.0%" {
		return fmt.Errorf("not to each packet")
	}
	do, _ := a.arg("actions")
	return x.list(do.Args, *s)
}

func (x *execution) userspace(a Action, s *state) error {
	c, ok := a.arg("controller")
	if !ok {
		return fmt.Errorf("not for the controller")
	}
	reason, _ := c.value("reason")
	n, err := strconv.Atoi(reason)
	if err != nil {
		return err
	}
	punt := &Controller{Reason: n}
	if n != reasonTTL && len(x.userdata) > 0 {
		punt.Userdata, x.userdata = x.userdata[0], x.userdata[1:]
	}
	x.out = append(x.out, Emission{Packet: s.packet, Punt: punt})
	return nil
}

// checkLength takes the branch for the packet's size. The datapath looks at the
// whole frame (lib/odp-execute.c, odp_execute_check_pkt_len).
func (x *execution) checkLength(a Action, s *state) error {
	text, _ := a.value("size")
	limit, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	frame := s.packet.Size + 14
	if s.packet.VLAN != 0 {
		frame += 4
	}
	for _, branch := range a.Args {
		if branch.Word != "gt" && branch.Word != "le" {
			continue
		}
		if taken := branch.Word == "gt" == (frame > limit); taken {
			err = x.list(branch.Args, *s)
		} else if strings.Contains(branch.String(), "controller(") && len(x.userdata) > 0 {
			x.userdata = x.userdata[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *execution) recirc(a Action, s *state) error {
	if len(a.Args) != 1 {
		return fmt.Errorf("no number")
	}
	p, ok := x.trace.pass(a.Args[0].Word)
	if x.passes++; !ok || x.passes > len(x.trace.Passes) {
		return fmt.Errorf("the trace has no such pass")
	}
	return x.list(p.Actions, *s)
}

// tunnel reads tnl_push (lib/odp-util.c, format_odp_tnl_push_header).
func tunnel(a Action) (*Tunnel, error) {
	header, _ := a.arg("header")
	ip, ok := header.arg("ipv4")
	if !ok {
		ip, _ = header.arg("ipv6")
	}
	g, ok := header.arg("geneve")
	if !ok {
		return nil, fmt.Errorf("no Geneve header")
	}
	var t Tunnel
	vni, _ := g.value("vni")
	if err := number(vni, 24, &t.VNI); err != nil {
		return nil, err
	}
	src, _ := ip.value("src")
	dst, _ := ip.value("dst")
	var err error
	if t.Src, err = netip.ParseAddr(src); err != nil {
		return nil, err
	}
	if t.Dst, err = netip.ParseAddr(dst); err != nil {
		return nil, err
	}
	if options, ok := g.arg("options"); ok && len(options.Args) > 0 {
		if len(options.Args) > 1 || len(options.Args[0].Args) != 4 {
			return nil, fmt.Errorf("not one option with a value")
		}
		t.Option = options.Args[0].Args[3].Word
	}
	return &t, nil
}
