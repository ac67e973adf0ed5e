package ipfix

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// Flow is who talks to whom, and where it was seen. Source and Destination are MACs of
// what is no IP.
type Flow struct {
	Series
	Source, Destination         netip.Addr
	SourceMAC, DestinationMAC   MAC // zero of IP
	SourcePort, DestinationPort uint16
	VLAN                        uint16
}

// Talker is a flow with its traffic in a window.
type Talker struct {
	Flow
	Count
	// Doubt is how many of Bytes may be another's, Missed how many more it may have had:
	// both 0 where all flows of the window had room.
	Doubt, Missed uint64
}

// The windows.
const (
	slotTime   = 30 * time.Second
	slotCount  = 21        // ten minutes, and the one that fills
	slotFlows  = 1024      // counted at a time; the largest are among them
	MaxTalkers = slotFlows // that are listed at most
	// LongestWindow is how far back talkers are known.
	LongestWindow = (slotCount - 1) * slotTime
)

// Talkers finds the flows with the most bytes of the last minutes in bounded memory:
// each half minute has a Space-Saving summary of their own (Metwally, Agrawal and El
// Abbadi 2005), which is exact up to slotFlows flows and above it says how far off it may
// be. It is for one goroutine.
type Talkers struct {
	slots [slotCount]*summary
	at    int64 // the number of the slot that fills
}

// Add counts a flow.
func (t *Talkers) Add(f *Flow, c Count, now time.Time) {
	t.turn(now)
	i := t.at % slotCount
	if t.slots[i] == nil {
		t.slots[i] = &summary{index: newFlowIndex()}
	}
	t.slots[i].add(f, c)
}

// turn empties the slots between the last one and now's. A clock that goes back a little
// fills the newest until it has caught up; one that goes back further than anything is
// kept begins anew.
func (t *Talkers) turn(now time.Time) {
	n := now.UnixNano() / int64(slotTime)
	if n < t.at-slotCount {
		t.at = n - slotCount
	}
	if n <= t.at {
		return
	}
	for i := max(t.at+1, n-slotCount+1); i <= n; i++ {
		if s := t.slots[i%slotCount]; s != nil {
			s.reset()
		}
	}
	t.at = n
}

// Top returns the flows with the most bytes in the window that ends now, the largest
// first, at most limit; with those that keep says no to left out. Windows are whole
// slots of half a minute, the one that fills included.
func (t *Talkers) Top(window time.Duration, limit int, now time.Time, keep func(*Flow) bool) []Talker {
	t.turn(now)
	n := int64(min(max(window, slotTime), LongestWindow) / slotTime)
	sums := map[Flow]*Talker{}
	var missed uint64
	for i := t.at - n; i <= t.at; i++ {
		s := t.slots[(i%slotCount+slotCount)%slotCount]
		if s == nil {
			continue
		}
		least := s.least()
		missed += least
		for _, c := range s.heap {
			f := &s.flows[c]
			sum := sums[f.Flow]
			if sum == nil {
				sum = &Talker{Flow: f.Flow}
				sums[f.Flow] = sum
			}
			sum.add(f.Count)
			sum.Doubt += f.Doubt
			sum.Missed -= least // modulo 2^64: missed is added below
		}
	}
	var top []Talker
	for _, s := range sums {
		if s.Missed += missed; keep == nil || keep(&s.Flow) {
			top = append(top, *s)
		}
	}
	slices.SortFunc(top, func(a, b Talker) int { return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), a.compare(&b.Flow)) })
	return top[:min(len(top), max(limit, 0))]
}

// compare orders flows of the same size, so that two answers are alike.
func (f *Flow) compare(o *Flow) int {
	return cmp.Or(
		cmp.Compare(f.Port.Interface, o.Port.Interface), cmp.Compare(f.Port.Logical, o.Port.Logical), cmp.Compare(f.Direction, o.Direction),
		cmp.Compare(f.Protocol, o.Protocol), cmp.Compare(f.Peer, o.Peer), f.Source.Compare(o.Source), f.Destination.Compare(o.Destination),
		cmp.Compare(f.SourcePort, o.SourcePort), cmp.Compare(f.DestinationPort, o.DestinationPort), cmp.Compare(f.VLAN, o.VLAN),
		slices.Compare(f.SourceMAC[:], o.SourceMAC[:]), slices.Compare(f.DestinationMAC[:], o.DestinationMAC[:]))
}
