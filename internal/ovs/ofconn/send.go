package ofconn

import (
	"context"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Send does the messages one after the other and returns when all are done. The
// error is a *Refused for the first the switch refused; the others were done. If
// one is too long none is sent. It is for what OVS takes in no bundle: meters and the TLV table.
func (s *Session) Send(ctx context.Context, messages ...openflow.Message) error {
	if len(messages) == 0 {
		return nil
	}
	var mu sync.Mutex
	var refused *Refused
	w := s.expect(len(messages), func(i int, h openflow.Header, m []byte) {
		e, err := switchError(m)
		mu.Lock()
		defer mu.Unlock()
		if h.Type == openflow.TypeError && err == nil && refused == nil {
			refused = &Refused{Index: i, Message: messages[i], Err: e}
		}
	})
	defer s.forget(w)
	var b []byte
	for i, m := range messages {
		start := len(b)
		b = m.AppendTo(b, w.first+uint32(i))
		if len(b)-start > openflow.MaxMessage {
			return &Refused{Index: i, Message: m, Err: ErrTooLong}
		}
	}
	if err := s.writeOnce(ctx, b); err != nil {
		return err
	}
	if err := s.Barrier(ctx); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	if refused != nil {
		return refused
	}
	return nil
}

// post sends without waiting. An error of the switch becomes an Event.
func (s *Session) post(ctx context.Context, build func(b []byte, xid uint32) []byte) error {
	s.mu.Lock()
	xid := s.number(1)
	s.mu.Unlock()
	b := build(nil, xid)
	if len(b) > openflow.MaxMessage {
		return ErrTooLong
	}
	return s.writeOnce(ctx, b)
}

// PacketOut sends a packet and returns when the connection has taken it. That the
// switch refuses it is an Event.
func (s *Session) PacketOut(ctx context.Context, p *openflow.PacketOut) error {
	return s.post(ctx, p.AppendTo)
}

// Resume goes on with a packet that an action paused, as PacketOut sends.
func (s *Session) Resume(ctx context.Context, p *openflow.PacketIn) error {
	return s.post(ctx, func(b []byte, xid uint32) []byte { return openflow.AppendResume(b, xid, p) })
}

// message is a Message of a function.
type message func(b []byte, xid uint32) []byte

// AppendTo calls the function.
func (m message) AppendTo(b []byte, xid uint32) []byte { return m(b, xid) }

// SetAsync chooses what the switch tells by itself. A new connection at the
// management socket gets nothing.
func (s *Session) SetAsync(ctx context.Context, a openflow.Async) error {
	return s.Send(ctx, message(func(b []byte, xid uint32) []byte { return openflow.AppendAsync(b, xid, a) }))
}

// SetPacketInFormat chooses the form of packet-ins.
func (s *Session) SetPacketInFormat(ctx context.Context, f openflow.PacketInFormat) error {
	return s.Send(ctx, message(func(b []byte, xid uint32) []byte { return openflow.AppendPacketInFormat(b, xid, f) }))
}

// SetControllerID chooses which openflow.Controller.ID is this connection.
func (s *Session) SetControllerID(ctx context.Context, id uint16) error {
	return s.Send(ctx, message(func(b []byte, xid uint32) []byte { return openflow.AppendControllerID(b, xid, id) }))
}

// SetRole asks for a role.
func (s *Session) SetRole(ctx context.Context, r openflow.Role, generation uint64) error {
	return s.request(ctx, func(xid uint32) []byte { return openflow.AppendRole(nil, xid, r, generation) }, lastOne)
}

// FlushZone makes the switch forget all connections of a conntrack zone.
func (s *Session) FlushZone(ctx context.Context, zone uint16) error {
	return s.Send(ctx, message(func(b []byte, xid uint32) []byte { return openflow.AppendCTFlushZone(b, xid, zone) }))
}
