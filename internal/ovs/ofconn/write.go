package ofconn

import (
	"context"
	"fmt"
	"time"
)

// write sends what produce makes, piece by piece, nothing between. produce
// returns the next bytes to send, and false with the last. Where ctx ends in the
// middle of a message the connection is of no use any more, and closed.
func (s *Session) write(ctx context.Context, produce func() (b []byte, more bool)) error {
	select {
	case <-s.writing:
	case <-s.done:
		return s.closed()
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.writing <- struct{}{} }()
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetWriteDeadline(time.Unix(1, 0)) })
	for more := true; more; {
		var b []byte
		b, more = produce()
		if _, err := s.conn.Write(b); err != nil {
			stop()
			s.end(fmt.Errorf("write: %w", err))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return s.closed()
		}
	}
	if !stop() { // the deadline is set, or about to be: no one can write any more
		s.end(fmt.Errorf("write: %w", ctx.Err()))
	}
	return nil
}

// writeOnce sends one piece.
func (s *Session) writeOnce(ctx context.Context, b []byte) error {
	return s.write(ctx, func() ([]byte, bool) { return b, false })
}

// wait returns when ready is closed, the connection has ended or ctx is done.
func (s *Session) wait(ctx context.Context, ready <-chan struct{}) error {
	select {
	case <-ready:
		return nil
	case <-s.done:
		return s.closed()
	case <-ctx.Done():
		return ctx.Err()
	}
}
