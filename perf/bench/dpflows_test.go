package bench

import (
	"strings"
	"testing"
)

func TestCountMegaflows(t *testing.T) {
	// Printed by OVS 3.1.0, cut.
	const text = `flow-dump from the main thread:
recirc_id(0),in_port(12),packet_type(ns=0,id=0),eth(src=f2:01:0a:00:00:0a,dst=f2:01:0a:00:00:01),eth_type(0x0800),ipv4(dst=10.0.1.10,proto=17,ttl=64,frag=no), packets:1, bytes:60, used:0.1s, actions:set(ipv4(ttl=63)),4
recirc_id(0),in_port(12),packet_type(ns=0,id=0),eth(src=f2:01:0a:00:00:0a,dst=f2:01:0a:00:00:01),eth_type(0x0800),ipv4(src=10.0.0.10,dst=10.0.1.11,frag=no), packets:1, bytes:60, used:0.1s, actions:4
recirc_id(0),in_port(12),packet_type(ns=0,id=0),eth(src=f2:01:0a:00:00:0a,dst=f2:01:0a:00:00:01),eth_type(0x0800),ipv4(src=10.0.0.0/255.255.255.0,dst=10.0.1.12,proto=6,frag=no),tcp(src=0/0x8000), packets:1, bytes:60, used:0.1s, actions:clone(tnl_push(tnl_port(4),header(ipv4(src=1.1.1.1))))
recirc_id(0),tunnel(tun_id=0x1,src=172.16.0.2,dst=172.16.0.1),in_port(4),packet_type(ns=0,id=0),eth_type(0x0800),ipv4(frag=no), packets:1, bytes:60, used:0.1s, actions:4
recirc_id(0),in_port(12),packet_type(ns=0,id=0),eth_type(0x0806), packets:0, bytes:0, used:never, actions:drop
`
	if got, want := countMegaflows(text), (megaflowCount{all: 3, sources: 2, prefixes: 1, l4: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestShapeOf(t *testing.T) {
	// Printed by OVS 3.1.0, cut.
	const text = `flow-dump from pmd on cpu core: 1
recirc_id(0),in_port(s4),packet_type(ns=0,id=0),eth(dst=f2:01:0a:00:00:0b),eth_type(0x0800),ipv4(frag=no), packets:7, bytes:420, used:0.000s, actions:s5
recirc_id(0),in_port(s3),packet_type(ns=0,id=0),eth(src=f2:01:0a:00:00:0a,dst=f2:01:0a:00:00:01),eth_type(0x0800),ipv4(src=10.0.0.8/255.255.255.248,dst=10.0.1.10,proto=17,ttl=64,frag=no), packets:5012, bytes:300720, used:0.000s, actions:set(eth(src=f2:01:0a:00:01:01,dst=f2:01:0a:00:01:0a)),set(ipv4(ttl=63)),s4
recirc_id(0),in_port(s5),packet_type(ns=0,id=0),eth_type(0x0806), packets:0, bytes:0, used:never, actions:drop
`
	lines := strings.Split(text, "\n")
	if got, n := busiestMegaflow(text, "s3"); got != lines[2] || n != 1 {
		t.Errorf("the busiest of %d is %q", n, got)
	}
	for line, want := range map[string]string{
		lines[1]: "eth(dst) -> output",
		lines[2]: "eth(src,dst),ipv4(src/255.255.255.248,dst,proto,ttl) -> set(eth(src,dst)),set(ipv4(ttl)),output",
		lines[3]: " -> drop",
	} {
		if got := shapeOf(line); got != want {
			t.Errorf("%s:\n%q, want %q", line, got, want)
		}
	}
	if got, n := busiestMegaflow(text, "s5"); got != "" || n != 1 {
		t.Errorf("s5 sent nothing, but %q of %d", got, n)
	}
}
