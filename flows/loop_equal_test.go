package flows_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// meeting is routers a, b, … that meet on one switch, where a guest stands for what is
// outside (hop 0), with equal routes to 10.9.0.0/16 to the hops named: 1 is a.
func meeting(t testing.TB, hops [][]int) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.sw("transit", 100)
	n.port("transit", "outside", "h1", "100.64.0.200")
	for i, all := range hops {
		r := string(rune('a' + i))
		n.router(r, i+1, func(r *logical.Router) { r.TTL = logical.TTLNone })
		n.link(r, "transit", fmt.Sprintf("100.64.0.%d/24", i+1))
		for _, hop := range all {
			to := "100.64.0.200"
			if hop > 0 {
				to = fmt.Sprintf("100.64.0.%d", hop)
			}
			n.route(r, fmt.Sprintf("%s-%d", r, hop), "10.9.0.0/16", to, r+"_to_transit")
		}
	}
	n.sw("left", 101)
	n.link("a", "left", "10.1.0.1/24")
	n.port("left", "vm", "h1", "10.1.0.2").Security = false
	return n
}

// TestEqualLoops: of equal routes those by which packets may come back are left out, so
// that none goes in circles, whichever the switch chooses, and all arrive.
func TestEqualLoops(t *testing.T) {
	r := start(t, meeting(t, [][]int{{2, 3}, {1, 3}, {1, 2, 0}}), "h1")
	if p := r.Compiler("h1").Problems(); len(p) != 3 || !strings.Contains(p[0].Text, "10.9.0.0/16 may come back here by some of the equal routes") {
		t.Errorf("problems: %v", p)
	}
	for i := range 64 {
		o := follow(t, r, "h1/vm", ip4("f2:01:0a:01:00:02", "f2:01:0a:01:00:01", fmt.Sprintf("10.7.%d.%d", i%3, i), "10.9.0.9", 64))
		if o.Circles || len(o.Out) != 1 || o.Out[0].Port != "outside" {
			t.Errorf("from the %dth address: circles %t, out %v", i, o.Circles, o.Out)
		}
	}
}

var entered = regexp.MustCompile(`set_field:(0x[0-9a-f]+)->metadata`)

// TestRandomEqualLoops: whatever routers send each other, no packet can go in a circle,
// and where it can get out it does, by each way that is left.
func TestRandomEqualLoops(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for round := range 300 {
		hops := make([][]int, 2+r.IntN(5))
		for i := range hops {
			some := map[int]bool{}
			for range r.IntN(4) {
				if hop := r.IntN(len(hops) + 1); hop != i+1 && (hop > 0 || r.IntN(3) == 0) {
					some[hop] = true
				}
			}
			hops[i] = slices.Sorted(maps.Keys(some))
		}
		rules, _ := flows.Compile(meeting(t, hops).snapshot(), on("h1", "vm", "outside"))
		left := goesTo(t, rules, len(hops))
		// Dumb: from each router try all ways, as long as it takes.
		for i := range hops {
			if len(left[i+1]) == 0 && len(hops[i]) > 0 && escapes(hops, i+1, map[int]bool{}) {
				t.Fatalf("round %d: %v: router %d can reach the outside, and sends nothing: %v", round, hops, i+1, left)
			}
			if in := circles(left, i+1, nil); in != nil {
				t.Fatalf("round %d: %v: packets go in circles %v: %v", round, hops, in, left)
			}
		}
	}
}

// goesTo is where the rules send packets for 10.9.0.0/16, by the router.
func goesTo(t *testing.T, rules flows.Rules, routers int) map[int][]int {
	t.Helper()
	left := map[int][]int{}
	for _, f := range rules.Flows {
		text := f.String()
		router := 0
		if _, after, ok := strings.Cut(text, "metadata=0x"); ok && strings.Contains(text, "nw_dst=10.9.0.0/16") {
			key, _, _ := strings.Cut(strings.ReplaceAll(after, " ", ","), ",")
			n, _ := strconv.ParseUint(key, 16, 32)
			router = int(n) //nolint:gosec // small
		}
		if router == 0 || router > routers {
			continue
		}
		if _, id, ok := strings.Cut(text, "group:"); ok {
			for _, g := range rules.Groups {
				if strings.HasPrefix(id, fmt.Sprint(g.ID)) {
					text = g.String()
				}
			}
		}
		for _, m := range entered.FindAllStringSubmatch(text, -1) {
			key, _ := strconv.ParseUint(m[1], 0, 32)
			if key > uint64(routers) { //nolint:gosec // small
				key = 0
			}
			left[router] = append(left[router], int(key)) //nolint:gosec // small
		}
	}
	return left
}

func escapes(hops [][]int, router int, seen map[int]bool) bool {
	seen[router] = true
	return slices.ContainsFunc(hops[router-1], func(hop int) bool {
		return hop == 0 || !seen[hop] && escapes(hops, hop, seen)
	})
}

func circles(left map[int][]int, router int, path []int) []int {
	if slices.Contains(path, router) {
		return append(path, router)
	}
	for _, hop := range left[router] {
		if hop > 0 {
			if in := circles(left, hop, append(slices.Clone(path), router)); in != nil {
				return in
			}
		}
	}
	return nil
}
