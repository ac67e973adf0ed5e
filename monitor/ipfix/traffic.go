package ipfix

import "time"

// Series is what traffic is counted by.
type Series struct {
	Port      Port
	Direction Direction
	Protocol  Protocol
	Peer      string // the host at the other end of the tunnel; "" = none
}

// Count is traffic as OVS estimates it: what was sampled, times the sampling.
type Count struct {
	Packets uint64
	Bytes   uint64 // from the Ethernet header on
}

func (c *Count) add(o Count) { c.Packets, c.Bytes = c.Packets+o.Packets, c.Bytes+o.Bytes }

// idleSeries is how long one has had no traffic when another may take its place.
const idleSeries = time.Hour

// countsOf is how many metrics one Series comes to: packets and bytes.
const countsOf = 2

// Traffic adds records up. It is for one goroutine.
type Traffic struct {
	limit   int
	series  map[Series]*entry
	hidden  Count
	cleaned time.Time
}

type entry struct {
	Count
	heard time.Time
}

// NewTraffic returns counts of nothing, to be shown as at most limit series of metrics.
func NewTraffic(limit int) *Traffic {
	return &Traffic{limit: limit, series: map[Series]*entry{}}
}

// Add counts a record for its port, which the directory finds. What comes when the
// limit is reached is counted as hidden; a series idle for an hour makes room.
func (t *Traffic) Add(s Series, c Count, now time.Time) {
	e := t.series[s]
	if e == nil {
		if !t.room(now) {
			t.hidden.add(c)
			return
		}
		e = &entry{}
		t.series[s] = e
	}
	e.add(c)
	e.heard = now
}

// room makes room for a series where there is none, looking for idle ones once a minute.
func (t *Traffic) room(now time.Time) bool {
	full := func() bool { return (len(t.series)+1)*countsOf > t.limit }
	if full() && now.Sub(t.cleaned) > time.Minute {
		t.cleaned = now
		for s, e := range t.series {
			if now.Sub(e.heard) > idleSeries {
				delete(t.series, s)
			}
		}
	}
	return !full()
}

// Limit sets how many series of metrics are shown. Those above it that are shown
// already stay until they are idle.
func (t *Traffic) Limit(limit int) { t.limit = limit }

// All returns a copy of the counts, and what no series shows.
func (t *Traffic) All() (all map[Series]Count, hidden Count) {
	all = make(map[Series]Count, len(t.series))
	for s, e := range t.series {
		all[s] = e.Count
	}
	return all, t.hidden
}
