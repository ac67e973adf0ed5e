package dpdk

import (
	"math/rand/v2"
	"testing"
)

// TestFit holds fit against the rules any answer must keep: it stays in the
// budget, halves only as OVS can, wastes no room that one doubling would use,
// and gives up guests before NICs.
func TestFit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var all []Pool
		for range 1 + random.IntN(4) {
			asked := []int{maxMbufs, minMbufs, 22560, 43136}[random.IntN(4)]
			all = append(all, Pool{MTU: []int{500, 1500, 9000}[random.IntN(3)], Guests: random.IntN(2) == 0, Asked: asked, Mbufs: asked})
		}
		page := []uint64{page2M, page1G}[random.IntN(2)]
		budget := uint64(random.IntN(6000))
		fit(all, nil, budget, page)

		if got := total(all, page); got > budget {
			t.Fatalf("%+v take %d MiB of %d", all, got, budget)
		}
		lostNIC, keptGuests := false, false
		for i, p := range all {
			lostNIC = lostNIC || p.Mbufs == 0 && !p.Guests
			keptGuests = keptGuests || p.Mbufs > 0 && p.Guests
			if p.Mbufs != 0 && !reachable(p) {
				t.Fatalf("%d mbufs cannot come of %d", p.Mbufs, p.Asked)
			}
			if p.Mbufs == 0 || p.Mbufs == p.Asked || page == page1G {
				continue
			}
			more := append([]Pool(nil), all...)
			more[i].Mbufs *= 2
			if total(more, page) <= budget && largest(all, page) == i {
				t.Fatalf("budget %d MiB: pool %d of %+v could have twice as many", budget, i, all)
			}
		}
		if lostNIC && keptGuests {
			t.Fatalf("a NIC lost its pool to guests: %+v", all)
		}
	}
}

func reachable(p Pool) bool {
	for n, ok := p.Asked, true; ok; n, ok = Halved(n) {
		if n == p.Mbufs {
			return true
		}
	}
	return false
}

func largest(all []Pool, page uint64) int {
	best := 0
	for i, p := range all {
		if size(p, page) > size(all[best], page) {
			best = i
		}
	}
	return best
}
