package flowstest

import (
	"slices"
	"strings"
)

// Packet is a packet in the words of ofproto/trace: "icmp,dl_src=…,nw_src=…".
type Packet struct {
	terms []term
	// Big makes it longer than any MTU.
	Big bool
}

type term struct{ name, value string }

// Parse reads a packet. What it says of the port and the tunnel is left out.
func Parse(text string) Packet {
	var p Packet
	for word := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		if name != "" && name != "in_port" && !strings.HasPrefix(name, "tun_") {
			p.terms = append(p.terms, term{name, value})
		}
	}
	return p
}

// Get is the value of a field, "" where the packet does not name it.
func (p Packet) Get(name string) string {
	for _, t := range p.terms {
		if t.name == name {
			return t.value
		}
	}
	return ""
}

// With is the packet with a field of another value, in its place: a field comes behind
// those that it needs.
func (p Packet) With(name, value string) Packet {
	at := slices.IndexFunc(p.terms, func(t term) bool { return t.name == name })
	if p.terms = slices.Clone(p.terms); at < 0 {
		p.terms = append(p.terms, term{name, value})
	} else {
		p.terms[at].value = value
	}
	if name == "icmpv6_type" && value == "136" {
		p = p.Without("nd_sll") // no option of an advertisement
	}
	return p
}

// Without is the packet without a field.
func (p Packet) Without(name string) Packet {
	p.terms = slices.DeleteFunc(slices.Clone(p.terms), func(t term) bool { return t.name == name })
	return p
}

// String is the packet as ofproto/trace reads it.
func (p Packet) String() string {
	words := make([]string, len(p.terms))
	for i, t := range p.terms {
		words[i] = t.name
		if t.value != "" {
			words[i] += "=" + t.value
		}
	}
	return strings.Join(words, ",")
}

// written are the packet's names of what the datapath writes, by header and field
// (lib/odp-util.c, format_odp_key_attr, OVS 3.1).
func written(header, field string) string {
	names := map[string]string{
		"eth.src": "dl_src", "eth.dst": "dl_dst",
		"ipv4.src": "nw_src", "ipv4.dst": "nw_dst", "ipv4.ttl": "nw_ttl",
		"ipv6.src": "ipv6_src", "ipv6.dst": "ipv6_dst", "ipv6.hlimit": "nw_ttl",
		"arp.sip": "arp_spa", "arp.tip": "arp_tpa", "arp.op": "arp_op", "arp.sha": "arp_sha", "arp.tha": "arp_tha",
		"icmp.type": "icmp_type", "icmpv6.type": "icmpv6_type", "nd.target": "nd_target", "nd.sll": "nd_sll", "nd.tll": "nd_tll",
	}
	return names[header+"."+field]
}
