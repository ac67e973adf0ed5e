package ipfix

import "hash/maphash"

// indexSlots is a power of two, four times slotFlows: probing is short.
const indexSlots = 4 * slotFlows

// flowIndex finds flows among at most slotFlows: a hash table with linear probing, whose
// entries come and go without any memory being taken, unlike a map's. Whoever chooses
// the flows does not know the seed.
type flowIndex struct {
	seed  maphash.Seed
	slots [indexSlots]uint16 // place in flows, and one; 0 = free
	// hashes are of the flows, by their place.
	hashes [slotFlows]uint64
}

func newFlowIndex() *flowIndex { return &flowIndex{seed: maphash.MakeSeed()} }

func (x *flowIndex) hash(f *Flow) uint64 { return maphash.Comparable(x.seed, *f) }

// find returns a flow's place, of which h is the hash; -1 = not there.
func (x *flowIndex) find(f *Flow, h uint64, flows []Talker) int {
	for at := h % indexSlots; ; at = (at + 1) % indexSlots {
		switch n := int(x.slots[at]) - 1; {
		case n < 0:
			return -1
		case x.hashes[n] == h && flows[n].Flow == *f:
			return n
		}
	}
}

// put notes that the flow with this hash, which is not there, is at a place from now on.
func (x *flowIndex) put(h uint64, place int) {
	at := h % indexSlots
	for x.slots[at] != 0 {
		at = (at + 1) % indexSlots
	}
	x.slots[at], x.hashes[place] = uint16(place+1), h //nolint:gosec // below slotFlows
}

// remove forgets the flow at a place, and closes the gap that it leaves: an entry behind
// it goes there unless its probing begins behind the gap.
func (x *flowIndex) remove(place int) {
	gap := x.hashes[place] % indexSlots
	for int(x.slots[gap]) != place+1 {
		gap = (gap + 1) % indexSlots
	}
	for at := (gap + 1) % indexSlots; x.slots[at] != 0; at = (at + 1) % indexSlots {
		home := x.hashes[x.slots[at]-1] % indexSlots
		if (at-home)%indexSlots >= (at-gap)%indexSlots {
			x.slots[gap], gap = x.slots[at], at
		}
	}
	x.slots[gap] = 0
}
