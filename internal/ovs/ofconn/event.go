package ofconn

import (
	"sync/atomic"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Event is something the switch tells by itself: one of the fields is set.
type Event struct {
	PacketIn *openflow.PacketIn
	Removed  *openflow.FlowRemoved
	Port     *openflow.PortStatus
	// Error refuses something nobody waits for: a packet-out or a resumed packet.
	Error *openflow.Error
}

// Subscription is a bounded queue of events.
type Subscription struct {
	session *Session
	queue   chan Event
	dropped atomic.Uint64
}

// Subscribe returns a queue of at most capacity events, which counts those that
// find it full and lets them go: a controller that is too slow must not make the
// switch wait. Close it.
func (s *Session) Subscribe(capacity int) *Subscription {
	sub := &Subscription{session: s, queue: make(chan Event, capacity)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs == nil {
		sub.close()
		return sub
	}
	s.subs[sub] = struct{}{}
	return sub
}

// Events are the events, in their order. It is closed when the subscription or
// the connection is.
func (q *Subscription) Events() <-chan Event { return q.queue }

// Dropped is how many events found the queue full.
func (q *Subscription) Dropped() uint64 { return q.dropped.Load() }

// Close ends the subscription. A second call does nothing.
func (q *Subscription) Close() {
	s := q.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.subs[q]; ok {
		delete(s.subs, q)
		q.close()
	}
}

// close is called once, while the session's lock is held.
func (q *Subscription) close() { close(q.queue) }

// publish puts an event into all queues.
func (s *Session) publish(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subs {
		select {
		case sub.queue <- e:
		default:
			sub.dropped.Add(1)
		}
	}
}

// parseEvent reads what the switch tells by itself. What it cannot read it
// leaves out: nobody asked for it.
func parseEvent(h openflow.Header, m []byte) (e Event, ok bool) {
	switch {
	case openflow.IsPacketIn(m):
		p, err := openflow.ParsePacketIn(append([]byte(nil), m...))
		return Event{PacketIn: &p}, err == nil
	case h.Type == openflow.TypeFlowRemoved:
		r, err := openflow.ParseFlowRemoved(m)
		return Event{Removed: &r}, err == nil
	case h.Type == openflow.TypePortStatus:
		p, err := openflow.ParsePortStatus(m)
		return Event{Port: &p}, err == nil
	case h.Type == openflow.TypeError:
		e, err := switchError(m)
		return Event{Error: e}, err == nil
	}
	return e, false
}
