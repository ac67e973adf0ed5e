package flows_test

import (
	"fmt"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestDrain drains the first host of an edge router, and has every mixture of hosts know
// of it: no packet is lost.
func TestDrain(t *testing.T) {
	n := campus(t)
	n.router("lre", 13, func(r *logical.Router) { r.Hosts = []string{"h3", "h2"} })
	r := start(t, n)
	const srv, lreExt = "f2:01:0a:00:04:0b", "f2:01:0a:00:04:01"
	probes := []probe{
		{"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.4.11", 64), []string{"h3/srv nw_ttl=62 dl_dst=" + srv}},
		{"h2/blue2", ip6(blue2, lrBlue, "2001:db8:1::12", "2001:db8:4::11", 64), []string{"h3/srv nw_ttl=62 dl_dst=" + srv}},
		{"h3/srv", ip4(srv, lreExt, "10.0.4.11", "10.0.1.11", 64), []string{"h1/blue1 nw_ttl=62"}},
		{"h3/srv", "icmp,dl_src=" + srv + ",dl_dst=" + lreExt + ",nw_src=10.0.4.11,nw_dst=10.0.4.1,nw_ttl=64,icmp_type=8,icmp_code=0", []string{"h3/srv icmp_type=0"}},
	}
	all := []string{"h1", "h2", "h3"}
	s := n.snapshot()
	drained := false
	for mixture := 1; mixture < 1<<len(all)-1; mixture++ {
		drained = !drained
		h3 := *s.HostByName("h3")
		h3.Drained = drained
		var delta logical.Delta
		s, delta = s.With(logical.Changes{Put: []logical.Entity{&h3}})
		var know, late []string
		for i, host := range all {
			if mixture>>i&1 == 1 {
				know = append(know, host)
			} else {
				late = append(late, host)
			}
		}
		if err := r.UpdateHosts(t.Context(), s, delta, know...); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("drained %t, known to %v", drained, know), func(t *testing.T) {
			for _, p := range probes {
				p.run(t, r)
			}
		})
		if err := r.UpdateHosts(t.Context(), s, delta, late...); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("drained %t, known to all", drained), func(t *testing.T) {
			for _, p := range probes {
				p.run(t, r)
			}
			// What the senders chose is what the packet goes by.
			o := follow(t, r, probes[0].at, probes[0].pkt)
			if hops := map[bool]int{true: 3, false: 2}[drained]; len(o.Texts) != hops {
				t.Errorf("it came to %d hosts, want %d: %v", len(o.Texts), hops, o.Megaflows)
			}
		})
	}
}
