package bench

import (
	"regexp"
	"strconv"
	"strings"
)

// megaflowCount is how many entries of a datapath match what.
type megaflowCount struct {
	all      int // of IPv4
	sources  int // match the source address
	prefixes int // match it, and not as a whole
	l4       int // match a port, or type and code of ICMP
}

// countMegaflows reads `ovs-appctl dpctl/dump-flows` (lib/odp-util.c,
// odp_flow_format, the same in 2.17 to 4.0), an entry a line, without -m; what is
// not matched is not printed, and what is matched in part has a mask:
//
//	recirc_id(0),in_port(3),packet_type(ns=0,id=0),eth(src=f2:01:0a:00:00:0a,dst=f2:01:0a:00:00:01),eth_type(0x0800),ipv4(src=10.0.0.0/255.255.255.0,dst=10.0.1.10,proto=17,ttl=64,frag=no), packets:0, bytes:0, used:never, actions:4
//
// What came out of a tunnel is left out.
func countMegaflows(text string) megaflowCount {
	var c megaflowCount
	for line := range strings.Lines(text) {
		match, _, _ := strings.Cut(line, ", packets:")
		_, ip, ok := strings.Cut(match, "ipv4(")
		if !ok || strings.Contains(match, "tunnel(") {
			continue
		}
		ip, rest, _ := strings.Cut(ip, ")")
		c.all++
		for field := range strings.SplitSeq(ip, ",") {
			if source, ok := strings.CutPrefix(field, "src="); ok {
				c.sources++
				if strings.Contains(source, "/") {
					c.prefixes++
				}
			}
		}
		for _, header := range []string{"tcp(", "udp(", "sctp(", "icmp("} {
			if strings.Contains(rest, header) {
				c.l4++
			}
		}
	}
	return c
}

// busiestMegaflow is the line of `dpctl/dump-flows --names`, printed as above but for
// names in place of ports' numbers, with the most packets that came in by a port, ""
// where none has any; n is how many lines are of that port.
func busiestMegaflow(text, from string) (line string, n int) {
	var most uint64
	for l := range strings.Lines(text) {
		if !strings.Contains(l, "in_port("+from+")") {
			continue
		}
		n++
		_, rest, _ := strings.Cut(l, ", packets:")
		count, _, _ := strings.Cut(rest, ",")
		if packets, err := strconv.ParseUint(count, 10, 64); err == nil && packets > most {
			most, line = packets, strings.TrimSpace(l)
		}
	}
	return line, n
}

// value is what stands for a field in an entry of the datapath. A mask stays.
var value = regexp.MustCompile(`=[^,()/]*`)

// shapeOf says which fields such a line matches and which its actions set, without
// their values: entries of the same shape are the same work. What dpif-netdev
// matches always, though nobody asks, is left out: recirc_id, in_port,
// packet_type, eth_type and, of IP, frag.
func shapeOf(line string) string {
	match, rest, _ := strings.Cut(line, ", packets:")
	_, actions, _ := strings.Cut(rest, "actions:")
	for _, always := range []string{`recirc_id\([^)]*\),?`, `in_port\([^)]*\),?`, `packet_type\([^)]*\),?`, `eth_type\([^)]*\),?`, `,?frag=no`} {
		match = regexp.MustCompile(always).ReplaceAllString(match, "")
	}
	match = strings.TrimSuffix(strings.ReplaceAll(match, "ipv4()", ""), ",")
	actions = value.ReplaceAllString(actions, "")
	// The last one is a port's name alone, where it is no other action.
	if last := actions[strings.LastIndex(actions, ",")+1:]; last != "drop" && !strings.ContainsAny(last, "()") {
		actions = strings.TrimSuffix(actions, last) + "output"
	}
	return value.ReplaceAllString(match, "") + " -> " + actions
}
