package flows

import (
	"iter"
	"sync"

	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Stream is what a switch that holds nothing lacks of the rules of a first look, told
// while the rest is still being computed: to take flows in costs the switch about as long
// as it takes to compute them. It is read by one goroutine, beside the compiler's.
type Stream struct {
	mu    sync.Mutex
	more  sync.Cond
	parts [][]of.Message
	over  bool // there is no more
	left  bool // nobody reads

	// What was not passed on yet is of the compiler's goroutine alone.
	part []of.Message
	mods []of.FlowMod
}

// streamed is how many messages are passed on in one go.
const streamed = 256

// Stream returns what the next Follow finds, which must be the first. Done is to be
// called once the switch has all of it; where it has not, Rules tells the same. What
// nobody will read is to be left, or it is kept.
func (c *Compiler) Stream() *Stream {
	s := &Stream{}
	s.more.L = &s.mu
	c.table.stream = s
	for _, e := range c.table.flows {
		s.add(e.flow)
	}
	return s
}

// endStream says that there is no more.
func (c *Compiler) endStream() {
	if s := c.table.stream; s != nil {
		c.table.stream = nil
		s.pass(true)
	}
}

func (s *Stream) add(f of.Flow) { s.flow(of.FlowAdd, f) }

// flow tells of a flow. Nobody is told where there is no stream.
func (s *Stream) flow(command of.Command, f of.Flow) {
	if s == nil {
		return
	}
	if len(s.mods) == cap(s.mods) {
		s.mods = make([]of.FlowMod, 0, streamed)
	}
	s.mods = append(s.mods, of.FlowMod{Command: command, Flow: f})
	s.tell(&s.mods[len(s.mods)-1])
}

func (s *Stream) group(command of.GroupCommand, g of.GroupEntry) {
	if s != nil {
		s.tell(&of.GroupMod{Command: command, Group: g})
	}
}

func (s *Stream) tell(m of.Message) {
	if s.part == nil {
		s.part = make([]of.Message, 0, streamed)
	}
	if s.part = append(s.part, m); len(s.part) == streamed {
		s.pass(false)
	}
}

func (s *Stream) pass(over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over = over; !s.left {
		s.parts = append(s.parts, s.part)
	}
	s.part = nil
	s.more.Signal()
}

// Leave says that nobody will read.
func (s *Stream) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.parts = true, nil
}

// Parts walks the messages as they come, in an order that a switch accepts in one
// bundle: a flow comes after the groups it needs. What comes later for one key holds.
// It ends when Follow has, and can be walked once.
func (s *Stream) Parts() iter.Seq[[]of.Message] {
	return func(yield func([]of.Message) bool) {
		defer s.Leave()
		for {
			s.mu.Lock()
			for len(s.parts) == 0 && !s.over {
				s.more.Wait()
			}
			parts, over := s.parts, s.over
			s.parts = nil
			s.mu.Unlock()
			for _, p := range parts {
				if len(p) > 0 && !yield(p) {
					return
				}
			}
			if over {
				return
			}
		}
	}
}
