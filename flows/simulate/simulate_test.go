package simulate_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// TestScenarios runs the files of testdata: a network as logicaltest.Parse reads
// it, then probes, each followed by its trail and its outcome. A probe is
//
//	> PORT to ADDRESS [FIELD=VALUE]...     what its guest would send, with changes
//	> PLACE FLOW                           any packet, as ParsePacket reads it
//
// with the word all in front for all ways through equal routes.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, file, scenario(t, string(text)))
		})
	}
}

// scenario writes a scenario anew with what comes out now.
func scenario(t *testing.T, text string) string {
	t.Helper()
	network, probes, _ := strings.Cut(text, "\n> ")
	snap := logicaltest.Snapshot(network)
	for e := range snap.All() {
		if err := logical.Validate(e); err != nil {
			t.Errorf("the network is not valid: %v", err)
		}
	}
	b := strings.Builder{}
	b.WriteString(network)
	for _, probe := range strings.Split("\n"+probes, "\n> ") {
		first, rest, _ := strings.Cut(strings.TrimPrefix(probe, "\n"), "\n")
		fmt.Fprintf(&b, "\n> %s\n", first)
		for _, l := range strings.Split(rest, "\n") {
			if strings.HasPrefix(l, "#") {
				b.WriteString(l + "\n")
			}
		}
		words, all := strings.CutPrefix(first, "all ")
		in, p := probeOf(t, snap, words)
		outcomes := []simulate.Outcome{simulate.Run(snap, in, p)}
		if all {
			outcomes = simulate.All(snap, in, p)
		}
		for _, o := range outcomes {
			fmt.Fprintf(&b, "  %s\n%s\n", strings.Join(o.Trail, "\n  "), o)
		}
	}
	return b.String()
}

func probeOf(t *testing.T, s *logical.Snapshot, text string) (simulate.Place, simulate.Packet) {
	t.Helper()
	words := strings.Fields(text)
	if words[1] != "to" {
		port, host, _ := strings.Cut(words[0], "@")
		p, err := simulate.ParsePacket(words[1])
		if err != nil {
			t.Fatal(err)
		}
		return simulate.Place{Host: host, Port: port}, p
	}
	in, p, err := simulate.Guest(s, words[0], netip.MustParseAddr(words[2]))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if len(words) > 3 {
		// A later field overrides an earlier one.
		if p, err = simulate.ParsePacket(p.String() + "," + strings.Join(words[3:], ",")); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return in, p
}

// FuzzParsePacket: what is read is written so that it reads the same.
func FuzzParsePacket(f *testing.F) {
	f.Add("udp,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=64,tp_src=1,tp_dst=2")
	f.Add("icmp6,icmpv6_type=135,nd_target=fd00::1,nd_sll=02:00:00:00:00:01")
	f.Add("arp,arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_sha=02:00:00:00:00:01,dl_vlan=5,size=1500")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := simulate.ParsePacket(text)
		if err != nil {
			return
		}
		once := p.String()
		again, err := simulate.ParsePacket(once)
		if err != nil {
			t.Fatalf("%q of %q: %v", once, text, err)
		}
		if twice := again.String(); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
}
