package difftest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
)

const neighbours = `
host h1 172.31.0.1 index 1
host h2 172.31.0.2 index 2
switch s 10.0.0.0/24 fd00::/64 key 1
router r key 2
link r s 10.0.0.1/24 fd00::1/64 mac 02:00:00:00:ff:01 key 3
port a s 10.0.0.2 fd00::2 on h1 mac 02:00:00:00:00:0a moremac 02:00:00:00:00:1a key 4
port b s 10.0.0.3 fd00::3 on h2 mac 02:00:00:00:00:0b key 5
`

const aged = `
host h1 172.31.0.1 index 1
host h2 172.31.0.2 index 2
switch s 10.0.0.0/24 key 1
switch t 100.64.0.0/24 key 2
switch u 10.0.1.0/24 key 3
router r ttl full key 4
router o ttl once on h2 key 5
link r s 10.0.0.1/24 fd00::1/64 mac 02:00:00:00:ff:01 key 6
link r t 100.64.0.1/24 fd64::1/64 mac 02:00:00:00:ff:02 key 7
link o t 100.64.0.2/24 fd64::2/64 mac 02:00:00:00:ff:03 key 8
link o u 10.0.1.1/24 fd01::1/64 mac 02:00:00:00:ff:04 key 9
route r w 10.0.1.0/24 via 100.64.0.2 dev t
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 10
port c t 100.64.0.9 on h1 mac 02:00:00:00:00:0c key 12
port b u 10.0.1.2 on h2 mac 02:00:00:00:00:0b key 11
`

const trunk = `
host h1 172.31.0.1 index 1
switch s 10.0.0.0/24 flood key 1
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 2
port b s 10.0.0.3 tag a:7 mac 02:00:00:00:00:0b key 3
port c s 10.0.0.4 tag a:8 mac 02:00:00:00:00:0c key 4
`

const strangers = `
host h1 172.31.0.1 index 1
host h2 172.31.0.2 index 2
switch s 10.0.0.0/24 key 1
switch e 10.0.1.0/24 key 2
router r key 3
link r s 10.0.0.1/24 fd00::1/64 mac 02:00:00:00:ff:01 key 4
link r e 10.0.1.1/24 fd01::1/64 mac 02:00:00:00:ff:02 key 5
route r w1 0.0.0.0/0 via 10.0.1.254 dev e
route r w2 172.16.0.0/12 via 10.0.1.253 dev e
route r w3 172.16.0.0/12 via 10.0.1.254 dev e
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 6
port out e outside h2:br-ex key 7
port off e 10.0.1.7 mac 02:00:00:00:00:0c key 8
`

const wire = `
host h1 172.31.0.1 index 1 provider ext
host h2 172.31.0.2 index 2 provider ext
host h3 172.31.0.3 index 3
switch v 10.0.0.0/24 vlan ext:100 key 1
switch s 10.0.1.0/24 key 2
router r on h2 key 3
link r v 10.0.0.1/24 fd00::1/64 mac 02:00:00:00:ff:01 key 4
link r s 10.0.1.1/24 fd01::1/64 mac 02:00:00:00:ff:02 key 5
port a s 10.0.1.2 on h1 mac 02:00:00:00:00:0a key 6
port b v 10.0.0.3 on h1 mac 02:00:00:00:00:0b key 7
port c v 10.0.0.4 on h3 mac 02:00:00:00:00:0c key 8
`

// An overlay switch that two of its hosts have a physical network for.
const bridged = `
host h1 172.31.0.1 index 1 provider ext
host h2 172.31.0.2 index 2 provider ext
host h3 172.31.0.3 index 3
switch s 10.0.0.0/24 flood key 1
port ln s localnet ext key 2
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 3
port b s 10.0.0.3 on h2 mac 02:00:00:00:00:0b key 4
port c s 10.0.0.4 on h3 mac 02:00:00:00:00:0c key 5
port d s 10.0.0.5 on h1 mac 02:00:00:00:00:0d key 6
port out s outside h2:br-ex key 7
`

// An overlay switch of two physical networks, of which h1 is on both.
const apart = `
host h1 172.31.0.1 index 1 provider ext provider lab
host h2 172.31.0.2 index 2 provider ext
host h3 172.31.0.3 index 3 provider lab
switch s 10.0.0.0/24 key 1
port l1 s localnet ext key 2
port l2 s localnet lab key 3
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 4
port b s 10.0.0.3 on h2 mac 02:00:00:00:00:0b key 5
port c s 10.0.0.4 on h3 mac 02:00:00:00:00:0c key 6
`

// An overlay switch with two ports to one physical network.
const double = `
host h1 172.31.0.1 index 1 provider ext
switch s 10.0.0.0/24 flood key 1
port l1 s localnet ext key 2
port l2 s localnet ext key 3
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 4
port b s 10.0.0.3 on h1 mac 02:00:00:00:00:0b key 5
`

const twoWays = `
host h1 172.31.0.1 index 1
switch s 10.0.0.0/24 key 1
switch t 100.64.0.0/24 key 2
switch u 10.0.1.0/24 key 3
router r key 4
router q key 5
link r s 10.0.0.1/24 fd00::1/64 mac 02:00:00:00:ff:01 key 6
link r t 100.64.0.1/24 fd64::1/64 mac 02:00:00:00:ff:02 key 7 mtu 1400
link q t 100.64.0.2/24 fd64::2/64 mac 02:00:00:00:ff:03 key 8
switch x 100.64.1.0/24 key 13
link r x 100.64.1.1/24 fd65::1/64 mac 02:00:00:00:ff:06 key 14 mtu 1400
link q x 100.64.1.2/24 fd65::2/64 mac 02:00:00:00:ff:05 key 9
link q u 10.0.1.1/24 fd01::1/64 mac 02:00:00:00:ff:04 key 10
route r w1 10.0.1.0/24 via 100.64.0.2 dev t
route r w2 10.0.1.0/24 via 100.64.1.2 dev x
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 11
port b u 10.0.1.2 on h1 mac 02:00:00:00:00:0b key 12
`

const farMTU = `
host h1 172.31.0.1 index 1
host h2 172.31.0.2 index 2
switch s 10.0.0.0/24 key 1
switch u 10.0.1.0/24 key 3
router r key 4
link r s 10.0.0.1/24 mac 02:00:00:00:ff:01 key 6
link r u 10.0.1.1/24 mac 02:00:00:00:ff:04 key 10 mtu 1400
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 11
port b u 10.0.1.2 on h2 mac 02:00:00:00:00:0b key 12
`

const drained = `
host h1 172.31.0.1 index 1 drained
host h2 172.31.0.2 index 2
switch s 10.0.0.0/24 key 1
switch u 10.0.1.0/24 key 3
router r on h1 on h2 key 4
link r s 10.0.0.1/24 mac 02:00:00:00:ff:01 key 6
link r u 10.0.1.1/24 mac 02:00:00:00:ff:04 key 10
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 11
port b u 10.0.1.2 on h1 mac 02:00:00:00:00:0b key 12
`

const twice = `
host h1 172.31.0.1 index 1
switch s 10.0.0.0/24 key 1
switch u 10.0.1.0/24 key 3
router r key 4
link r s 10.0.0.1/24 mac 02:00:00:00:ff:01 key 6
link r u 10.0.1.1/24 mac 02:00:00:00:ff:04 key 10
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 11
route r w 10.0.1.128/26 via 10.0.0.2 dev s
port p u 10.0.1.8 on h1 mac 02:00:00:00:00:01 key 12 seq 1
port q u 10.0.1.8 on h1 mac 02:00:00:00:00:02 key 13 seq 2
port r u 10.0.1.9 on h1 mac 02:00:00:00:00:03 key 14 seq 2
port s u 10.0.1.9 on h1 mac 02:00:00:00:00:04 key 15 seq 1
`

// Router r sends 10.0.0.0/8 to q, which sends it back, but r knows better for 10.9.1.0/24;
// q and p send 10.8.0.0/16 to each other.
const rounds3 = `
host h1 172.31.0.1 index 1
switch s 10.0.0.0/24 key 1
switch t 100.64.0.0/24 key 2
switch u 10.7.0.0/24 key 3
router r key 4
router q key 5
router p key 6
link r s 10.0.0.1/24 mac 02:00:00:00:ff:01 key 7
link r t 100.64.0.1/24 mac 02:00:00:00:ff:02 key 8
link r u 10.7.0.1/24 mac 02:00:00:00:ff:03 key 9
link q t 100.64.0.2/24 mac 02:00:00:00:ff:04 key 10
link p t 100.64.0.3/24 mac 02:00:00:00:ff:05 key 11
route r w1 10.0.0.0/8 via 100.64.0.2 dev t
route q w1 10.9.1.0/24 via 100.64.0.1 dev t
route r w2 10.9.0.0/16 via 10.7.0.2 dev u
route q w2 10.8.0.0/16 via 100.64.0.3 dev t
route p w1 10.8.0.0/16 via 100.64.0.2 dev t
port a s 10.0.0.2 on h1 mac 02:00:00:00:00:0a key 12
port b u 10.7.0.2 on h1 mac 02:00:00:00:00:0b key 13
`

// TestCases: what random packets seldom meet. Each says what the switches must do, and
// the model has to agree.
func TestCases(t *testing.T) {
	const (
		told     = "icmp6,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:00:0b,ipv6_src=fd00::2,ipv6_dst=fd00::3,nw_ttl=255,icmpv6_type=136,nd_target="
		asked    = "icmp6,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:00:0b,ipv6_src=fd00::2,ipv6_dst=fd00::3,nw_ttl=255,icmpv6_type=135,nd_target=fd00::99,nd_sll="
		udp      = "udp,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:ff:01,nw_src=10.0.0.2,tp_src=1,tp_dst=2,nw_dst="
		up       = "udp,dl_dst=02:00:00:00:ff:03,nw_dst=10.0.1.2,tp_src=1,tp_dst=2,"
		untagged = "udp,dl_src=02:00:00:00:09:09,nw_src=10.0.0.99,nw_ttl=64,tp_src=1,tp_dst=2,"
		from     = "udp,dl_vlan=100,dl_src=02:00:00:00:09:09,nw_src=10.0.0.99,nw_ttl=64,tp_src=1,tp_dst=2,"
		own      = "udp,dl_src=02:00:00:00:00:0a,nw_src=10.0.0.2,nw_dst=10.0.0.3,nw_ttl=64,tp_src=1,tp_dst=2,"
	)
	c := newCompiled(t.Context(), t)
	for _, tt := range []struct{ name, network, at, packet, want string }{
		{"tells of itself", neighbours, "a@h1", told + "fd00::2,nd_tll=02:00:00:00:00:0a", "delivered b@h2"},
		{"tells of itself, by its other MAC", neighbours, "a@h1", told + "fd00::2,nd_tll=02:00:00:00:00:1a", "delivered b@h2"},
		{"tells of itself without a MAC", neighbours, "a@h1", told + "fd00::2", "delivered b@h2"},
		{"tells of its link-local address", neighbours, "a@h1", told + "fe80::ff:fe00:1a,nd_tll=02:00:00:00:00:0a", "delivered b@h2"},
		{"tells of the router", neighbours, "a@h1", told + "fd00::1,nd_tll=02:00:00:00:00:0a", "dropped"},
		{"tells of another's MAC", neighbours, "a@h1", told + "fd00::2,nd_tll=02:00:00:00:00:0b", "dropped"},
		{"asks as itself", neighbours, "a@h1", asked + "02:00:00:00:00:1a", "delivered b@h2"},
		{"asks as another", neighbours, "a@h1", asked + "02:00:00:00:00:0b", "dropped"},
		{"echo of a router's link-local address", neighbours, "a@h1", "icmp6,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:ff:01,ipv6_src=fd00::2,ipv6_dst=fe80::ff:fe00:ff01,nw_ttl=64,icmpv6_type=128", "delivered a@h1 icmp6,"},
		{"routed, then once by a tunnel", aged, "a@h1", udp + "10.0.1.2,nw_ttl=2", "delivered b@h2 udp,dl_src=02:00:00:00:ff:04,dl_dst=02:00:00:00:00:0b,nw_src=10.0.0.2,nw_dst=10.0.1.2,nw_ttl=1,"},
		{"once by a tunnel", aged, "c@h1", up + "dl_src=02:00:00:00:00:0c,nw_src=100.64.0.9,nw_ttl=2", "delivered b@h2 udp,dl_src=02:00:00:00:ff:04,dl_dst=02:00:00:00:00:0b,nw_src=100.64.0.9,nw_dst=10.0.1.2,nw_ttl=1,"},
		{"once by a tunnel, too old", aged, "c@h1", up + "dl_src=02:00:00:00:00:0c,nw_src=100.64.0.9,nw_ttl=1", "punted on h2: reason 2"},
		{"echo of the router once", aged, "a@h1", "icmp,dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:ff:01,nw_src=10.0.0.2,nw_dst=10.0.1.1,nw_ttl=9,icmp_type=8", "dropped"}, // no way back
		{"a trunk to its tag", trunk, "a@h1", own + "dl_dst=02:00:00:00:00:0b", "delivered a@h1 udp,dl_vlan=7,"},
		{"a tag to another", trunk, "a@h1", "udp,dl_vlan=8,dl_src=02:00:00:00:00:0c,dl_dst=02:00:00:00:00:0b,nw_src=10.0.0.4,nw_dst=10.0.0.3,nw_ttl=64,tp_src=1,tp_dst=2", "delivered a@h1 udp,dl_vlan=7,"},
		{"a trunk to itself", trunk, "a@h1", own + "dl_dst=02:00:00:00:00:0a", "dropped"},
		{"a trunk to all", trunk, "a@h1", own + "dl_dst=ff:ff:ff:ff:ff:ff", "delivered a@h1 udp,dl_vlan=7,|delivered a@h1 udp,dl_vlan=8,"},
		{"connected stranger", strangers, "a@h1", udp + "10.0.1.99,nw_ttl=64", "dropped"},
		{"connected stranger, too old", strangers, "a@h1", udp + "10.0.1.99,nw_ttl=1", "dropped"},
		{"strange next hop", strangers, "a@h1", udp + "192.0.2.1,nw_ttl=64", "dropped"},
		{"strange next hops", strangers, "a@h1", udp + "172.16.0.1,nw_ttl=64", "dropped"},
		{"a port that is nowhere", strangers, "a@h1", udp + "10.0.1.7,nw_ttl=64", "dropped"},
		{"the wire to a router elsewhere", wire, "fabric:ext@h1", from + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.1.2", "dropped"},
		{"the wire to a router here", wire, "fabric:ext@h2", from + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.1.2", "delivered a@h1"},
		{"the wire to who is not on it", wire, "fabric:ext@h2", from + "dl_dst=02:00:00:00:00:0c,nw_dst=10.0.0.4", "dropped"},
		{"the wire and a router to who is not on it", wire, "fabric:ext@h2", from + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.0.4", "delivered c@h3"},
		{"the wire and a router to the wire", wire, "fabric:ext@h2", from + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.0.3", "delivered fabric:ext@h2"},
		{"over the wire of an overlay switch", bridged, "a@h1", own + "dl_dst=02:00:00:00:00:0b", "delivered fabric:ext@h1"},
		{"to who is not on the wire", bridged, "a@h1", own + "dl_dst=02:00:00:00:00:0c", "delivered c@h3"},
		{"to all, each by one way", bridged, "a@h1", own + "dl_dst=ff:ff:ff:ff:ff:ff", "delivered d@h1|delivered fabric:ext@h1|delivered c@h3"},
		{"the wire to all of an overlay switch", bridged, "fabric:ext@h2", untagged + "dl_dst=ff:ff:ff:ff:ff:ff,nw_dst=255.255.255.255", "delivered b@h2|delivered out@h2"},
		{"by one of two networks", apart, "a@h1", own + "dl_dst=02:00:00:00:00:0c", "delivered fabric:lab@h1"},
		{"one network to the other", apart, "fabric:ext@h1", untagged + "dl_dst=02:00:00:00:00:0c,nw_dst=10.0.0.4", "dropped"},
		{"one network to this host", apart, "fabric:ext@h1", untagged + "dl_dst=02:00:00:00:00:0a,nw_dst=10.0.0.2", "delivered a@h1"},
		{"once to a network with two ports", double, "a@h1", own + "dl_dst=ff:ff:ff:ff:ff:ff", "delivered b@h1|delivered fabric:ext@h1"},
		{"once from a network with two ports", double, "fabric:ext@h1", untagged + "dl_dst=ff:ff:ff:ff:ff:ff,nw_dst=10.0.0.2", "delivered a@h1|delivered b@h1"},
		{"too long for either way", twoWays, "a@h1", udp + "10.0.1.2,nw_ttl=64,size=1401", `punted on h1: reason 1, userdata "06"`},
		{"not too long", twoWays, "a@h1", udp + "10.0.1.2,nw_ttl=64,size=1400", "delivered b@h1"},
		{"too long for a tunnel", farMTU, "a@h1", udp + "10.0.1.2,nw_ttl=64,size=1401", `punted on h1: reason 1, userdata "06"`},
		{"round by another way", rounds3, "a@h1", udp + "10.9.1.5,nw_ttl=64", "delivered b@h1"},
		{"into others' loop", rounds3, "a@h1", udp + "10.8.0.2,nw_ttl=64", "dropped"},
		{"an address that two have", twice, "a@h1", udp + "10.0.1.8,nw_ttl=64", "delivered p@h1"},
		{"an address that two others have", twice, "a@h1", udp + "10.0.1.9,nw_ttl=64", "delivered s@h1"},
		{"a longer prefix than the connected one", twice, "a@h1", udp + "10.0.1.130,nw_ttl=64", "delivered a@h1"},
		{"a router whose first host is drained", drained, "a@h1", udp + "10.0.1.2,nw_ttl=1", "punted on h2: reason 2"},
		{"too long and too old", twoWays, "a@h1", udp + "10.0.1.2,nw_ttl=1,size=1401", "punted on h1: reason 2"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		snap := logicaltest.Snapshot(tt.network)
		if err := c.Begin(ctx, snap); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		p, err := simulate.ParsePacket(tt.packet)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var in simulate.Place
		in.Port, in.Host, _ = strings.Cut(tt.at, "@")
		got, err := c.Follow(ctx, in, p)
		cancel()
		if err != nil {
			t.Errorf("%s: %v\n%s", tt.name, err, strings.Join(got.Texts, "\n"))
			continue
		}
		if complaint := Compare(simulate.All(snap, in, p), got, Punts); complaint != "" {
			t.Errorf("%s: the model says otherwise: %s\n%s", tt.name, complaint, strings.Join(got.Texts, "\n"))
		}
		lines, want := strings.Split(got.String(), "\n"), strings.Split(tt.want, "|")
		for i := range max(len(lines), len(want)) {
			if i >= len(lines) || i >= len(want) || !strings.HasPrefix(lines[i], want[i]) {
				t.Errorf("%s: want %s\ngot %s\n%s", tt.name, tt.want, got, strings.Join(got.Texts, "\n"))
				break
			}
		}
	}
}

// TestCasesOfStrangers: what a tunnel brings from an address of no host is dropped.
func TestCasesOfStrangers(t *testing.T) {
	c := newCompiled(t.Context(), t)
	if err := c.Begin(t.Context(), logicaltest.Snapshot(neighbours)); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]int{"172.31.0.2": 1, "172.31.0.9": 0} {
		p, err := simulate.ParsePacket("udp,dl_src=02:00:00:00:00:0b,dl_dst=02:00:00:00:00:0a,nw_src=10.0.0.3,nw_dst=10.0.0.2,nw_ttl=64,tp_src=1,tp_dst=2")
		if err != nil {
			t.Fatal(err)
		}
		trace, text, err := c.Switches["h1"].Trace(t.Context(), "in_port=1,tun_id=1,tun_dst=172.31.0.1,tun_metadata0=4,tun_src="+from+","+p.String())
		if err != nil {
			t.Fatal(err)
		}
		if out, err := Execute(trace, p); err != nil || len(out) != want {
			t.Errorf("from %s: %d come out, want %d: %v\n%s", from, len(out), want, err, text)
		}
	}
}

// TestCasesOfChange: increments follow a next hop that comes, an equal route, and a port
// that is open no more, and the way back.
func TestCasesOfChange(t *testing.T) {
	c := newCompiled(t.Context(), t)
	const (
		first  = farMTU + "route r v 10.9.0.0/16 via 10.0.1.9 dev u\nport x s unknown on h1 key 20\n"
		second = farMTU + "route r v 10.9.0.0/16 via 10.0.1.9 dev u\nport x s 10.0.0.20 on h1 mac 02:00:00:00:00:0e key 20\nport n u 10.0.1.9 on h1 mac 02:00:00:00:00:0d key 13\n"
		third  = second + "route r w 10.9.0.0/16 via 10.0.1.2 dev u\n"
	)
	if err := c.Begin(t.Context(), logicaltest.Snapshot(first)); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{second, third, second, first} {
		all, err := logicaltest.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Change(t.Context(), all); err != nil {
			t.Errorf("change %d: %v", i, err)
		}
	}
}
