package ofconn

import (
	"bufio"
	"fmt"
	"io"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// readBuffer is as long as the longest message.
const readBuffer = 1 << 16

// readMessage reads one message into b, which grows as needed.
func readMessage(in *bufio.Reader, b []byte) ([]byte, error) {
	head, err := in.Peek(openflow.HeaderLen)
	if err != nil {
		return nil, err
	}
	h, err := openflow.ParseHeader(head)
	if err != nil {
		return nil, err
	}
	if cap(b) < int(h.Length) {
		b = make([]byte, readBuffer)
	}
	b = b[:h.Length]
	_, err = io.ReadFull(in, b)
	return b, err
}

// read takes messages from the connection until it ends.
func (s *Session) read(in *bufio.Reader) {
	var b []byte
	for {
		m, err := readMessage(in, b)
		if err != nil {
			s.end(fmt.Errorf("read: %w", err))
			return
		}
		s.dispatch(m)
		b = m[:0]
	}
}

// dispatch gives a message to who waits for it. It does not block.
func (s *Session) dispatch(m []byte) {
	h, _ := openflow.ParseHeader(m)
	if h.Version != openflow.Version {
		s.end(fmt.Errorf("%w: version %d", openflow.ErrFormat, h.Version))
		return
	}
	if h.Type == openflow.TypeEchoRequest {
		select {
		case s.echoes <- append([]byte(nil), m...):
		default: // the switch has one request under way
		}
		return
	}
	if w := s.waiter(h); w != nil {
		w.handle(int(h.XID-w.first), h, m)
		return
	}
	if openflow.Foreign(m) {
		select {
		case s.foreign <- struct{}{}:
		default: // whoever looks next sees this change, too
		}
		return
	}
	if e, ok := parseEvent(h, m); ok {
		s.publish(e)
	}
}

// waiter is who waits for a reply with the transaction id. Packet-ins and the
// like have ids of their own, which mean nothing.
func (s *Session) waiter(h openflow.Header) *waiter {
	switch h.Type {
	case openflow.TypePacketIn, openflow.TypeFlowRemoved, openflow.TypePortStatus, openflow.TypeRequestForward:
		return nil
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.waiters {
		if h.XID >= w.first && h.XID <= w.last {
			return w
		}
	}
	return nil
}

// answer answers echo requests: the reading goroutine may not wait for a write,
// for the switch may be waiting for its reading.
func (s *Session) answer() {
	for {
		select {
		case <-s.done:
			return
		case m := <-s.echoes:
			select {
			case <-s.done:
				return
			case <-s.writing:
			}
			if _, err := s.conn.Write(openflow.AppendEchoReply(nil, m)); err != nil {
				s.end(fmt.Errorf("write: %w", err))
			}
			s.writing <- struct{}{}
		}
	}
}
