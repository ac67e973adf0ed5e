package difftest

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/simulate"
)

// maxHops bounds the tunnels that a packet may take one after the other.
const maxHops = 8

type (
	// Packet is a frame in the words of the model.
	Packet = simulate.Packet
	// Place is where one comes in or out.
	Place = simulate.Place
	// Delivery is one that comes out.
	Delivery = simulate.Delivery
)

// ParsePacket reads a packet as Open vSwitch writes flows.
func ParsePacket(text string) (Packet, error) { return simulate.ParsePacket(text) }

// Observed is what the switches do to a packet.
type Observed struct {
	Out   []simulate.Delivery // in the order of an Outcome
	Punts []Punted
	// Circles says that a switch dropped the packet as it went in circles.
	Circles bool
	// Texts are the traces, each headed by its switch and packet, for whoever has to
	// find out.
	Texts []string
	// Megaflows are those the packet would make, one for each pass of each switch, with
	// its name in front.
	Megaflows []string
}

// Punted is a packet that the daemon of a host gets.
type Punted struct {
	Host string
	Controller
}

// Follow traces a packet from the place where it comes in, through all tunnels.
// An error means that a switch does what the model has no words for.
func (f *Fleet) Follow(ctx context.Context, in simulate.Place, p simulate.Packet) (Observed, error) {
	var o Observed
	s := f.Switches[in.Host]
	if s == nil {
		return o, fmt.Errorf("no switch of host %s", in.Host)
	}
	port, ok := s.wire[in.Port]
	if !ok {
		return o, fmt.Errorf("no interface %s on %s", in.Port, in.Host)
	}
	err := f.follow(ctx, &o, s, fmt.Sprintf("in_port=%d", port), p, 0)
	simulate.Sort(o.Out)
	return o, err
}

func (f *Fleet) follow(ctx context.Context, o *Observed, s *Switch, in string, p simulate.Packet, hops int) error {
	if hops > maxHops {
		return fmt.Errorf("more than %d tunnels one after the other", maxHops)
	}
	size := p.Size
	p.Size = 0 // no field of a flow
	flow := in + "," + p.String()
	p.Size = size
	t, text, err := s.Trace(ctx, flow)
	o.Texts = append(o.Texts, s.Name+": "+flow+"\n"+text)
	if err != nil {
		return err
	}
	if t.TooDeep {
		o.Circles = true
		return nil
	}
	for _, pass := range t.Passes {
		o.Megaflows = append(o.Megaflows, s.Name+": "+pass.Megaflow)
	}
	out, err := Execute(t, p)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	for _, e := range out {
		if err := f.emit(ctx, o, s, e, hops); err != nil {
			return err
		}
	}
	return nil
}

// emit follows one thing that leaves a switch.
func (f *Fleet) emit(ctx context.Context, o *Observed, s *Switch, e Emission, hops int) error {
	switch {
	case e.Punt != nil:
		o.Punts = append(o.Punts, Punted{Host: s.Name, Controller: *e.Punt})
		return nil
	case e.Tunnel != nil:
		if e.Port != s.phy {
			return fmt.Errorf("%s: tunnel packet to datapath port %d, not the underlay", s.Name, e.Port)
		}
		peer := f.at(e.Tunnel.Dst)
		if peer == nil || peer == s {
			return fmt.Errorf("%s: tunnel to %s, where nobody is", s.Name, e.Tunnel.Dst)
		}
		in := fmt.Sprintf("in_port=%d,tun_id=%d,tun_src=%s,tun_dst=%s", TunnelPort, e.Tunnel.VNI, e.Tunnel.Src, e.Tunnel.Dst)
		if e.Tunnel.Option != "" {
			in += ",tun_metadata0=" + e.Tunnel.Option
		}
		return f.follow(ctx, o, peer, in, e.Packet, hops+1)
	}
	name, ok := s.names[s.ports[e.Port]]
	if !ok {
		return fmt.Errorf("%s: output to datapath port %d, where nobody is", s.Name, e.Port)
	}
	o.Out = append(o.Out, simulate.Delivery{Place: simulate.Place{Host: s.Name, Port: name}, Packet: e.Packet})
	return nil
}

func (f *Fleet) at(a netip.Addr) *Switch {
	for _, s := range f.Switches {
		if s.Address == a {
			return s
		}
	}
	return nil
}
