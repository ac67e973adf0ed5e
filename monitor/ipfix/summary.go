package ipfix

import (
	"container/heap"
)

// summary is a Space-Saving summary of flows by bytes: a heap whose top is the flow
// with the fewest.
type summary struct {
	index *flowIndex // of flows
	flows []Talker
	heap  []int // of flows, by bytes
	place []int // of each flow in heap
}

// add counts a flow. A new one that finds no room takes the place of the smallest with
// what that had, which it may have had itself: Doubt.
func (s *summary) add(f *Flow, c Count) {
	h := s.index.hash(f)
	i := s.index.find(f, h, s.flows)
	switch {
	case i >= 0:
		s.flows[i].add(c)
		heap.Fix(s, s.place[i])
		return
	case len(s.flows) < slotFlows:
		i = len(s.flows)
		s.flows = append(s.flows, Talker{Flow: *f, Count: c})
		s.place = append(s.place, i)
		s.index.put(h, i)
		s.heap = append(s.heap, i)
		heap.Fix(s, len(s.heap)-1)
		return
	}
	i = s.heap[0]
	least := &s.flows[i]
	s.index.remove(i)
	s.index.put(h, i)
	*least = Talker{Flow: *f, Count: Count{Packets: least.Packets, Bytes: least.Bytes}, Doubt: least.Bytes}
	least.add(c)
	heap.Fix(s, 0)
}

func (s *summary) reset() {
	clear(s.index.slots[:])
	s.flows, s.heap, s.place = s.flows[:0], s.heap[:0], s.place[:0]
}

// least returns the bytes that a flow which the summary does not know can have had.
func (s *summary) least() uint64 {
	if len(s.flows) < slotFlows {
		return 0
	}
	return s.flows[s.heap[0]].Bytes
}

// Len, Less, Swap, Push and Pop are those of heap.Interface; nothing is pushed or popped.

func (s *summary) Len() int           { return len(s.heap) }
func (s *summary) Less(i, j int) bool { return s.flows[s.heap[i]].Bytes < s.flows[s.heap[j]].Bytes }
func (s *summary) Swap(i, j int) {
	s.heap[i], s.heap[j] = s.heap[j], s.heap[i]
	s.place[s.heap[i]], s.place[s.heap[j]] = i, j
}
func (s *summary) Push(any) {}
func (s *summary) Pop() any { return nil }
