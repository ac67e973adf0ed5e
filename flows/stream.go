package flows

import of "github.com/sluice-nfv/sluice/internal/ovs/openflow"

// stream passes on what comes into force in a table. The zero one is told to nobody.
type stream struct {
	pass func([]of.Message) // nil = nobody listens
	// What was not passed on yet.
	part []of.Message
	mods []of.FlowMod
}

// streamed is how many messages are passed on in one go.
const streamed = 256

// Tell has the next Follow, which must be the first, tell what a switch that holds
// nothing lacks, some messages at a time, while the rest is still being computed: to
// take flows in costs the switch about as long as it takes to compute them. The order is
// one that a switch accepts in one bundle: a flow comes after the groups it needs, and
// what comes later for one key holds. tell is called by Follow itself, which waits for
// it, and the messages are its own. Done is to be called once the switch has all of
// them; where it has not, Rules says the same.
func (c *Compiler) Tell(tell func([]of.Message)) {
	c.table.stream.pass = tell
	for _, e := range c.table.flows {
		c.table.stream.add(e.flow)
	}
}

func (s *stream) add(f of.Flow) { s.flow(of.FlowAdd, f) }

func (s *stream) flow(command of.Command, f of.Flow) {
	if s.pass == nil {
		return
	}
	if len(s.mods) == cap(s.mods) {
		s.mods = make([]of.FlowMod, 0, streamed)
	}
	s.mods = append(s.mods, of.FlowMod{Command: command, Flow: f})
	s.tell(&s.mods[len(s.mods)-1])
}

func (s *stream) group(command of.GroupCommand, g of.GroupEntry) {
	if s.pass != nil {
		s.tell(&of.GroupMod{Command: command, Group: g})
	}
}

func (s *stream) tell(m of.Message) {
	if len(s.part) == streamed {
		s.pass(s.part)
		s.part = nil
	}
	if s.part == nil {
		s.part = make([]of.Message, 0, streamed)
	}
	s.part = append(s.part, m)
}

// end passes on the rest: nobody is told of what comes later.
func (s *stream) end() {
	if len(s.part) > 0 {
		s.pass(s.part)
	}
	*s = stream{}
}
