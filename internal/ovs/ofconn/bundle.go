package ofconn

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// ErrTooLong is what calls return for a message of more than 64 KiB. Nothing was
// sent.
var ErrTooLong = errors.New("longer than an OpenFlow message can be")

// chunk is about how much is encoded before it is written, in bytes.
const chunk = 1 << 16

// Bundle does all of the messages or none, in their order: flow and group
// modifications, and packet-outs. A *Refused is the error where the switch
// refuses one; the bridge is as it was then. After another error, that of ctx
// included, the bundle may have been done: read the flows back.
func (s *Session) Bundle(ctx context.Context, messages []openflow.Message) error {
	if len(messages) == 0 {
		return nil
	}
	select {
	case <-s.bundles:
	case <-s.done:
		return s.closed()
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.bundles <- struct{}{} }()
	b := &bundle{session: s, messages: messages, id: s.bundleID()}
	b.waiter = s.expect(len(messages), b.refuse)
	defer s.forget(b.waiter)
	if err := b.fill(ctx); err != nil {
		return fmt.Errorf("bundle of %d messages: %w", len(messages), err)
	}
	if err := b.commit(ctx); err != nil {
		return fmt.Errorf("bundle of %d messages: %w", len(messages), err)
	}
	return nil
}

func (s *Session) bundleID() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bundle++
	return s.bundle
}

// bundle is a bundle under way.
type bundle struct {
	session  *Session
	messages []openflow.Message
	id       uint32
	waiter   *waiter

	mu      sync.Mutex
	refused *Refused // the first
}

// refuse notes an error of the switch.
func (b *bundle) refuse(i int, h openflow.Header, m []byte) {
	e, ok := switchError(m).(*openflow.Error) //nolint:errorlint // it is made right here
	if h.Type != openflow.TypeError || !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused == nil {
		b.refused = &Refused{Index: i, Message: b.messages[i], Err: e}
	}
}

func (b *bundle) err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused == nil {
		return nil
	}
	return b.refused
}

// fill opens the bundle and adds the messages, without waiting for replies.
func (b *bundle) fill(ctx context.Context) error {
	if err := b.control(ctx, openflow.BundleOpen); err != nil {
		return err
	}
	next, tooLong := 0, false
	buffer := make([]byte, 0, 2*chunk)
	err := b.session.write(ctx, func() ([]byte, bool) {
		buffer = buffer[:0]
		for next < len(b.messages) && len(buffer) < chunk {
			var ok bool
			buffer, ok = openflow.AppendBundleAdd(buffer, b.waiter.first+uint32(next), b.id, b.messages[next])
			if !ok {
				tooLong = true
				return buffer, false
			}
			next++
		}
		return buffer, next < len(b.messages)
	})
	if err != nil {
		return err
	}
	if tooLong {
		return errors.Join(fmt.Errorf("message %d: %w", next, ErrTooLong), b.control(ctx, openflow.BundleDiscard))
	}
	return nil
}

// commit ends the bundle. The reply to the closing follows the errors of all
// messages added before: with one of those the bundle is thrown away.
func (b *bundle) commit(ctx context.Context) error {
	if err := b.control(ctx, openflow.BundleClose); err != nil {
		return errors.Join(b.err(), err)
	}
	if err := b.err(); err != nil {
		return errors.Join(err, b.control(ctx, openflow.BundleDiscard))
	}
	if err := b.control(ctx, openflow.BundleCommit); err != nil {
		if refused := b.err(); refused != nil {
			return refused // the other says no more than that one failed
		}
		return err
	}
	return nil
}

// control does one step and waits for its reply.
func (b *bundle) control(ctx context.Context, step openflow.BundleAction) error {
	return b.session.request(ctx, func(xid uint32) []byte {
		return openflow.AppendBundleControl(nil, xid, b.id, step)
	}, lastOne)
}
