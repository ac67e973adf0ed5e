package difftest

import (
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
)

// gapOf says which thing that the compiler does not do yet, if any, a mismatch may
// come from. A line goes when the compiler can do it.
func gapOf(s *logical.Snapshot, p Probe, want []simulate.Outcome) string {
	young := p.Packet
	young.TTL = 64
	if isIP := p.Packet.TTL > 0; isIP {
		want = append(slices.Clone(want), simulate.All(s, p.Place, young)...)
	}
	for _, w := range want {
		switch {
		case w.Punt == simulate.PuntResolve:
			return "next hops that have to be asked for"
		case strings.HasPrefix(p.Port, simulate.Fabric("")) && strings.Contains(w.Reason, "brings it to"):
			return "from a physical network to a router on another host"
		case onceAfterTunnel(s, w.Trail):
			return "ttl once behind a tunnel"
		}
	}
	return ""
}

// onceAfterTunnel says whether a packet comes to a router of mode once by a tunnel, in
// the words of its trail.
func onceAfterTunnel(s *logical.Snapshot, trail []string) bool {
	tunnelled := false
	for _, step := range trail {
		_, what, _ := strings.Cut(step, ": ")
		words := strings.Fields(what)
		switch {
		case strings.HasPrefix(what, "tunnel to "):
			tunnelled = true
		case tunnelled && words[0] == "router" && len(words) > 2 && words[2] == "at":
			if r := s.RouterByName(words[1]); r != nil && r.TTL == logical.TTLOnce {
				return true
			}
		}
	}
	return false
}
