package overlay

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/api"
)

// traceWords puts datapath actions, as lib/odp-util.c formats them, into words.
type traceWords struct {
	ports  map[uint32]string // of the datapath
	guests map[string]string // iface-ids by interface
	host   func(netip.Addr) string
}

// outer is the destination of a tunnel's IP header.
var outer = regexp.MustCompile(`ipv[46]\(src=[^,]*,dst=([0-9a-fA-F.:]+)`)

// of is what becomes of the packet, one line for each place it goes to. Changes of
// the packet are none.
func (w traceWords) of(actions string) []string {
	var all []string
	for _, a := range splitActions(actions) {
		name, body, _ := strings.Cut(strings.TrimSuffix(a, ")"), "(")
		switch name {
		case "drop", "":
			all = append(all, "dropped")
		case "tnl_push":
			all = append(all, w.tunnel(body))
		case "userspace":
			if strings.Contains(body, "controller(") {
				all = append(all, "the daemon gets it")
			} else {
				all = append(all, "ovs-vswitchd gets it")
			}
		case "clone":
			all = append(all, w.of(body)...)
		case "check_pkt_len":
			all = append(all, w.length(body)...)
		case "recirc":
			all = append(all, "goes through the tables again")
		default:
			if n, err := strconv.ParseUint(a, 10, 32); err == nil {
				all = append(all, w.out(uint32(n)))
			}
		}
	}
	if all == nil {
		all = append(all, "dropped")
	}
	return all
}

func (w traceWords) out(port uint32) string {
	name, known := w.ports[port]
	switch id := w.guests[name]; {
	case !known:
		return fmt.Sprintf("out at the datapath's port %d", port)
	case id != "":
		return "out at " + name + ", port " + id
	default:
		return "out at " + name
	}
}

// tunnel reads "tnl_port(6081),header(…,ipv4(src=…,dst=172.16.0.2,…),…),out_port(2)".
func (w traceWords) tunnel(body string) string {
	m := outer.FindStringSubmatch(body)
	if m == nil {
		return "into a tunnel"
	}
	to, err := netip.ParseAddr(m[1])
	if err != nil {
		return "into a tunnel to " + m[1]
	}
	return fmt.Sprintf("into the tunnel to %s, %s", w.host(to), to)
}

// length reads "size=1500,gt(…),le(…)".
func (w traceWords) length(body string) []string {
	var all []string
	size := ""
	for _, part := range splitActions(body) {
		name, inner, _ := strings.Cut(strings.TrimSuffix(part, ")"), "(")
		switch name {
		case "gt":
			for _, line := range w.of(inner) {
				all = append(all, "longer than "+size+" bytes: "+line)
			}
		case "le":
			all = append(all, w.of(inner)...)
		default:
			size = strings.TrimPrefix(part, "size=")
		}
	}
	return all
}

// unanswered is what ofproto/trace says of a next hop without a MAC
// (ofproto/ofproto-dpif-xlate.c, native_tunnel_output).
var unanswered = regexp.MustCompile(`neighbor cache miss for ([0-9a-fA-F.:]+)`)

// lostInTunnels says why what was to go into a tunnel does not.
func lostInTunnels(reply string) []string {
	var all []string
	if strings.Contains(reply, "native tunnel routing failed") {
		all = append(all, "lost on the way into a tunnel: the switch has no route there; sluicectl tunnel show says more")
	}
	for _, m := range unanswered.FindAllStringSubmatch(reply, -1) {
		all = append(all, "not judged: the MAC of "+m[1]+", the next hop of a tunnel, is not known yet; the switch asks for it with the first packet: send one and trace again")
	}
	return all
}

// outcome is what becomes of the packet; refused names the table and the object of the
// rule by which it ended, "" where that is not known.
func (w traceWords) outcome(actions, reply, refused string) []string {
	lost := lostInTunnels(reply)
	var all []string
	for _, text := range w.of(actions) {
		switch {
		case text != "dropped":
			all = append(all, text)
		case len(lost) > 0: // why is told below, and it is no rule
		case refused != "":
			all = append(all, "dropped by "+refused)
		default:
			all = append(all, text)
		}
	}
	return append(all, lost...)
}

// refusedBy is the last lookup of a trace in words: where a packet that goes nowhere
// ended.
func refusedBy(lines []api.TraceLine) string {
	for _, l := range slices.Backward(lines) {
		switch {
		case l.Table == "":
		case l.Owner == "":
			return "table " + l.Table
		default:
			return "table " + l.Table + ", " + l.Owner
		}
	}
	return ""
}

// splitActions cuts at the commas outside of parentheses.
func splitActions(text string) []string {
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
