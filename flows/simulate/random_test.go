package simulate_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
)

// TestLaws holds what is true of every outcome, over random networks and packets.
func TestLaws(t *testing.T) {
	seen := map[simulate.Verdict]int{}
	punts := map[simulate.Punt]int{}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		n := logicaltest.Random(r)
		s := n.Snapshot()
		for _, probe := range difftest.Probes(r, s, 50) {
			for _, o := range simulate.All(s, probe.Place, probe.Packet) {
				seen[o.Verdict]++
				punts[o.Punt]++
				for _, complaint := range laws(s, probe, o) {
					t.Fatalf("seed %d: %s\n%s\n%q\n%s", seed, complaint, o, o.Trail, n)
				}
			}
		}
	}
	t.Log(seen, punts)
	for _, v := range []simulate.Verdict{simulate.Dropped, simulate.Delivered, simulate.Answered, simulate.Punted} {
		if seen[v] < 300 {
			t.Errorf("only %d %s", seen[v], v)
		}
	}
	for _, p := range []simulate.Punt{
		simulate.PuntDHCP, simulate.PuntDHCPv6, simulate.PuntRouter, simulate.PuntDNS, simulate.PuntTTLExceeded, simulate.PuntTooBig, simulate.PuntDuplicate,
	} {
		if punts[p] < 10 {
			t.Errorf("only %d times %s", punts[p], p)
		}
	}
}

func laws(s *logical.Snapshot, probe difftest.Probe, o simulate.Outcome) (broken []string) {
	check := func(ok bool, law string) {
		if !ok {
			broken = append(broken, law)
		}
	}
	check(len(o.Trail) >= 2, "the trail tells how it came and what became of it")
	check((o.Verdict == simulate.Delivered || o.Verdict == simulate.Answered) == (len(o.Out) > 0), "what is delivered comes out, and nothing else does")
	check((o.Verdict == simulate.Dropped) == (o.Reason != ""), "what is dropped has a reason")
	check((o.Verdict == simulate.Punted) == (o.Punt != ""), "what is punted has a purpose")
	for i, d := range o.Out {
		check(s.HostByName(d.Host) != nil, "it comes out at a host that is there")
		check(o.Verdict == simulate.Answered || d.Packet.TTL <= probe.Packet.TTL, "no TTL grows")
		check(d.Packet.EthType != simulate.TypeIPv4 && d.Packet.EthType != simulate.TypeIPv6 || d.Packet.TTL > 0, "nothing arrives with TTL 0")
		check(i == 0 || o.Out[i-1] != d, "nobody gets a packet twice")
		check(d.Packet.EthSrc != probe.Packet.EthSrc || d.Packet.TTL == probe.Packet.TTL || d.Packet.Src == probe.Packet.Dst, "who decrements the TTL is the sender")
	}
	return broken
}

// TestOldestOfDuplicates: of two ports with one address all packets reach the
// older, wherever they come from.
func TestOldestOfDuplicates(t *testing.T) {
	s := logicaltest.Snapshot(`
host h1 192.0.2.1
host h2 192.0.2.2
switch blue 10.0.1.0/24
switch red 10.0.2.0/24
router r
link r blue 10.0.1.1/24
link r red 10.0.2.1/24
port young blue 10.0.1.9 on h1 mac 02:00:00:00:00:0a seq 9
port old blue 10.0.1.9 on h2 mac 02:00:00:00:00:0b seq 8
port a blue 10.0.1.2 on h1
port b red 10.0.2.2 on h1
`)
	to := s.PortByName("old").Addresses[0]
	for _, from := range []string{"a", "b"} {
		in, p, err := simulate.Guest(s, from, to)
		if err != nil {
			t.Fatal(err)
		}
		o := simulate.Run(s, in, p)
		if len(o.Out) != 1 || o.Out[0].Port != "old" {
			t.Errorf("from %s: %s", from, o)
		}
	}
}
