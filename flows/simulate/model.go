package simulate

import (
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// maxTTL is more than any way takes that is no loop.
const maxTTL = 255

// maxWays bounds the ways that All follows.
const maxWays = 256

// Run says what must happen to a packet that comes in at a place. Where equal
// routes leave a choice it takes the first of them by UUID. It may run
// concurrently with itself.
func Run(s *logical.Snapshot, in Place, p Packet) Outcome {
	return (&walk{snap: s, host: in.Host}).run(in, p)
}

// All says all that may happen: one Outcome for each way through equal routes, in
// their order, at most 256. All but the first are equal to none before them in
// their choices, though two ways may end alike.
func All(s *logical.Snapshot, in Place, p Packet) []Outcome {
	var all []Outcome
	for ways := []int{}; ways != nil && len(all) < maxWays; {
		w := &walk{snap: s, host: in.Host, ways: ways}
		all = append(all, w.run(in, p))
		ways = next(w.ways, w.of)
	}
	return all
}

// next counts ways up by one, the last place first; nil after the last.
func next(ways, of []int) []int {
	for i := len(ways) - 1; i >= 0; i-- {
		if ways[i]+1 < of[i] {
			return append(append([]int{}, ways[:i]...), ways[i]+1)
		}
	}
	return nil
}

// walk is one packet under way.
type walk struct {
	snap  *logical.Snapshot
	host  string // where the packet is now
	in    Place
	tag   uint16 // of a packet from a physical network
	ways  []int  // the choices made at forks, of how many
	of    []int
	forks int

	wire     bool   // as a physical network brought it: no router has had it
	network  string // which one
	answered bool   // what is under way is an answer
	visited  map[logical.ID[logical.Router]]bool
	routed   bool // a router has sent it on
	trail    []string
	out      []Delivery
}

func (w *walk) run(in Place, p Packet) Outcome {
	w.in, w.visited = in, map[logical.ID[logical.Router]]bool{}
	w.note("%s comes in at %s", p, in)
	o := w.enter(in, p)
	o.Out, o.Trail = w.out, w.trail
	if o.Verdict == "" {
		o = w.closing(o)
	}
	switch {
	case o.Punt == PuntTTLExceeded && p.TTL < maxTTL:
		p.TTL = maxTTL
	case o.Punt == PuntTooBig:
		p.Size = 0
	default:
		return o
	}
	// Where would it have gone, younger or shorter?
	o.Loop = (&walk{snap: w.snap, host: in.Host, ways: slices.Clone(w.ways)}).run(in, p).Loop
	return o
}

// closing makes the verdict of a walk that no step ended otherwise.
func (w *walk) closing(o Outcome) Outcome {
	switch {
	case len(w.out) == 0:
		o = w.drop("nobody is there to get it")
	case w.answered:
		o.Verdict = Answered
	default:
		o.Verdict = Delivered
	}
	Sort(o.Out)
	o.Trail = w.trail
	return o
}

// fork chooses one of n ways.
func (w *walk) fork(n int) int {
	i := w.forks
	w.forks++
	w.of = append(w.of, n)
	if i == len(w.ways) {
		w.ways = append(w.ways, 0)
	}
	return w.ways[i]
}

func (w *walk) note(format string, args ...any) {
	w.trail = append(w.trail, w.host+": "+fmt.Sprintf(format, args...))
}

func (w *walk) drop(format string, args ...any) Outcome {
	reason := fmt.Sprintf(format, args...)
	w.note("dropped: %s", reason)
	return Outcome{Verdict: Dropped, Host: w.host, Reason: reason, Trail: w.trail}
}

func (w *walk) punt(what Punt) Outcome {
	w.note("the daemon gets it: %s", what)
	return Outcome{Verdict: Punted, Host: w.host, Punt: what, Trail: w.trail}
}

// goTo moves the packet to another host through the tunnel.
func (w *walk) goTo(host string) {
	if host != w.host {
		w.note("tunnel to %s", host)
		w.host = host
	}
}
