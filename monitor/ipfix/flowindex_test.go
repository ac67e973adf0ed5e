package ipfix

import (
	"math/rand/v2"
	"testing"
)

// TestFlowIndex: whatever comes and goes, the index knows what a map knows. Hashes are
// few, so that most flows share them, and probing goes around the end.
func TestFlowIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	x, flows, oracle := newFlowIndex(), make([]Talker, slotFlows), map[Flow]int{}
	hash := func(f *Flow) uint64 { return indexSlots - 3 + x.hash(f)%5 + 40*(x.hash(f)>>40%30) }
	for i := range 20_000 {
		place := random.IntN(slotFlows)
		if was := flows[place].Flow; was.Source.IsValid() {
			x.remove(place)
			delete(oracle, was)
			flows[place] = Talker{}
		}
		f := Flow{Source: addr(i)}
		if random.IntN(8) > 0 {
			flows[place].Flow = f
			x.put(hash(&f), place)
			oracle[f] = place
		}
		if i%500 != 0 {
			continue
		}
		for n := range i + 10 {
			f := Flow{Source: addr(n)}
			want, known := oracle[f]
			if !known {
				want = -1
			}
			if got := x.find(&f, hash(&f), flows); got != want {
				t.Fatalf("after %d: flow %d is at %d, want %d", i, n, got, want)
			}
		}
	}
}

// TestTalkersAllocate: with more flows than room, records take no memory.
func TestTalkersAllocate(t *testing.T) {
	var all Talkers
	i := 0
	add := func() {
		all.Add(&Flow{Source: addr(i % (3 * slotFlows))}, Count{Packets: 1, Bytes: 60}, epoch)
		i++
	}
	for range 2 * slotFlows {
		add()
	}
	if n := testing.AllocsPerRun(20_000, add); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
}
