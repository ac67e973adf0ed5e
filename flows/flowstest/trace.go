package flowstest

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows"
)

// Arrival is a packet that left the network by an interface.
type Arrival struct {
	Place
	Packet Packet
}

// Outcome is what became of a packet, on all hosts it came to.
type Outcome struct {
	Arrivals []Arrival
	// Asked are the requests to the daemon.
	Asked []flows.Opcode
	// Megaflows are the entries of the datapath that the packet made, one a host.
	Megaflows []string
	// Text is the whole of what ofproto/trace printed.
	Text string
}

// maxHops is how many hosts one packet comes to at most.
const maxHops = 16

// Trace lets a packet in by an interface of a host.
func (r *Rig) Trace(ctx context.Context, at Place, p Packet) (*Outcome, error) {
	h := r.hosts[at.Host]
	if h == nil || h.all[at.Port] == 0 {
		return nil, fmt.Errorf("host %s has no interface %s", at.Host, at.Port)
	}
	o := &Outcome{}
	err := r.hop(ctx, o, at.Host, fmt.Sprintf("in_port=%d", h.all[at.Port]), p, 0)
	return o, err
}

// hop is the way through one bridge (ofproto/ofproto-dpif-trace.c, OVS 3.1).
func (r *Rig) hop(ctx context.Context, o *Outcome, host, meta string, p Packet, n int) error {
	if n == maxHops {
		return fmt.Errorf("the packet came to %d hosts\n%s", n, o.Text)
	}
	text, err := r.lab.AppCtl(ctx, "ofproto/trace", host, meta+","+p.String())
	if err != nil {
		return err
	}
	o.Text += text
	for _, m := range regexp.MustCompile(`(?m)^ *controller\(userdata=([0-9a-f]{2})`).FindAllStringSubmatch(text, -1) {
		op, err := strconv.ParseUint(m[1], 16, 8)
		if err != nil {
			return err
		}
		o.Asked = append(o.Asked, flows.Opcode(op))
	}
	for line := range strings.Lines(text) {
		if m, ok := strings.CutPrefix(strings.TrimSpace(line), "Megaflow: "); ok {
			o.Megaflows = append(o.Megaflows, m)
		}
		if actions, ok := strings.CutPrefix(strings.TrimSpace(line), "Datapath actions: "); ok {
			if err := r.follow(ctx, o, host, actions, p, n); err != nil {
				return fmt.Errorf("%w\n%s", err, text)
			}
		}
	}
	return nil
}

// follow does datapath actions.
func (r *Rig) follow(ctx context.Context, o *Outcome, host, actions string, p Packet, n int) error {
	for _, a := range split(actions) {
		name, body, _ := strings.Cut(strings.TrimSuffix(a, ")"), "(")
		switch name {
		case "drop", "userspace":
		case "set":
			p = write(p, body)
		case "clone":
			if err := r.follow(ctx, o, host, body, p, n); err != nil {
				return err
			}
		case "check_pkt_len":
			// check_pkt_len(size=…,gt(…),le(…))
			branches := split(body)
			branch := branches[len(branches)-1]
			if p.Big {
				branch = branches[len(branches)-2]
			}
			_, branch, _ = strings.Cut(strings.TrimSuffix(branch, ")"), "(")
			if err := r.follow(ctx, o, host, branch, p, n); err != nil {
				return err
			}
		case "push_vlan":
			vid, _, _ := strings.Cut(strings.TrimPrefix(body, "vid="), ",")
			p = p.With("dl_vlan", vid)
		case "pop_vlan":
			p = p.Without("dl_vlan")
		case "tnl_push":
			if err := r.tunnel(ctx, o, host, body, p, n); err != nil {
				return err
			}
		default:
			port, err := strconv.Atoi(a)
			if err != nil {
				return fmt.Errorf("datapath action %q is not known here", a)
			}
			if at := r.ports[port]; at.Host != underlay {
				o.Arrivals = append(o.Arrivals, Arrival{at, p})
			}
		}
	}
	return nil
}

var tunnelHeader = regexp.MustCompile(`ipv4\(src=[0-9.]+,dst=([0-9.]+),.*geneve\((?:crit,)?vni=(0x[0-9a-f]+)(?:,options\(\{class=0xff00,type=0x81,len=4,(0x[0-9a-f]+)\}\))?`)

// tunnel goes on at the host that a packet is sent to.
func (r *Rig) tunnel(ctx context.Context, o *Outcome, from, header string, p Packet, n int) error {
	m := tunnelHeader.FindStringSubmatch(header)
	if m == nil {
		return fmt.Errorf("tunnel header %s is not known here", header)
	}
	to, err := netip.ParseAddr(m[1])
	if err != nil {
		return err
	}
	option := m[3]
	if option == "" {
		option = "0"
	}
	for name, h := range r.hosts {
		if h.address == to {
			meta := fmt.Sprintf("in_port=%d,tun_src=%s,tun_dst=%s,tun_id=%s,tun_metadata0=%s", tunnelPort, r.hosts[from].address, to, m[2], option)
			return r.hop(ctx, o, name, meta, p, n+1)
		}
	}
	return fmt.Errorf("no host has %s", to)
}

// write does a set action: "eth(src=…,dst=…)".
func write(p Packet, body string) Packet {
	header, fields, _ := strings.Cut(strings.TrimSuffix(body, ")"), "(")
	for _, f := range split(fields) {
		name, value, _ := strings.Cut(f, "=")
		if as := written(header, name); as != "" {
			value, _, _ = strings.Cut(value, "/")
			p = p.With(as, value)
		}
	}
	return p
}

// split cuts at the commas outside of parentheses.
func split(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range text {
		switch c {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}
