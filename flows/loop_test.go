package flows_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestLoops: what would come back to a router is dropped where it would leave, and
// nothing else is.
func TestLoops(t *testing.T) {
	// a and b meet on a transit switch; b has the network 10.5.0.0/24.
	for name, c := range map[string]struct {
		routes [][3]string // router, prefix, next hop's last byte
		want   []string    // "router prefix drop|on"
	}{
		"to and fro": {[][3]string{{"a", "10.9.0.0/16", "2"}, {"b", "10.9.0.0/16", "1"}}, []string{"a 10.9.0.0/16 drop", "b 10.9.0.0/16 drop"}},
		"one way":    {[][3]string{{"a", "10.9.0.0/16", "2"}}, []string{"a 10.9.0.0/16 on"}},
		"default there, summary back": {
			[][3]string{{"a", "0.0.0.0/0", "2"}, {"b", "10.0.0.0/8", "1"}},
			// b's summary meets a's default; b's own network is inside of it.
			[]string{"a 0.0.0.0/0 on", "a 10.0.0.0/8 drop", "a 10.5.0.0/24 on", "b 10.0.0.0/8 drop", "b 10.1.0.0/24 on"},
		},
		"a longer way": {
			[][3]string{{"a", "10.9.0.0/16", "2"}, {"b", "10.9.0.0/16", "3"}, {"c", "10.0.0.0/8", "1"}},
			[]string{"a 10.9.0.0/16 drop", "b 10.9.0.0/16 drop", "c 10.0.0.0/8 on", "c 10.9.0.0/16 drop"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			n.host("h1", 1, "192.0.2.1")
			n.sw("transit", 9)
			for i, r := range []string{"a", "b", "c"} {
				n.router(r, 10+i)
				n.link(r, "transit", "100.64.0."+string(rune('1'+i))+"/24")
			}
			n.sw("left", 1)
			n.sw("right", 2)
			n.link("a", "left", "10.1.0.1/24")
			n.link("b", "right", "10.5.0.1/24")
			n.port("left", "vm", "h1", "10.1.0.2")
			for _, r := range c.routes {
				n.route(r[0], strings.ReplaceAll(r[0]+r[1], "/", "-"), r[1], "100.64.0."+r[2], r[0]+"_to_transit")
			}
			s := n.snapshot()
			rules, problems := flows.Compile(s, on("h1", "vm"))
			var got []string
			for _, f := range rules.Flows {
				kind, _, _ := flows.Owner(f.Cookie)
				if kind != logical.KindRoute {
					continue
				}
				verdict := "on"
				if f.Do == "" {
					verdict = "drop"
				}
				route := flows.Find(s, f.Cookie).(*logical.Route)
				router := s.Router(route.Router).Name
				_, to, _ := strings.Cut(f.Match.String(), "nw_dst=")
				if to == "" {
					to = "0.0.0.0/0"
				}
				got = append(got, router+" "+to+" "+verdict)
			}
			less := cmp.Transformer("set", func(all []string) map[string]int {
				m := map[string]int{}
				for _, w := range all {
					m[w]++
				}
				return m
			})
			if diff := cmp.Diff(c.want, got, less); diff != "" {
				t.Error(diff)
			}
			if drops := strings.Count(strings.Join(got, ","), "drop"); drops != len(problems) {
				t.Errorf("%d drops, problems %v", drops, problems)
			}
		})
	}
}
