package ofconn

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// ErrTooLong is what is wrong with a message of more than 64 KiB.
var ErrTooLong = errors.New("longer than an OpenFlow message can be")

// chunk is about how much is encoded before it is written, in bytes.
const chunk = 1 << 16

// Bundle does all of the messages or none, in their order: flow and group
// modifications, and packet-outs. A *Refused is the error where the switch
// refuses one or one is too long; the bridge is as it was then. After another
// error, that of ctx included, the bundle may have been done: read the flows back.
func (s *Session) Bundle(ctx context.Context, messages []openflow.Message) error {
	if len(messages) == 0 {
		return nil
	}
	return s.BundleOf(ctx, func(yield func([]openflow.Message) bool) { yield(messages) })
}

// BundleOf is Bundle of messages that come in parts. Each part is sent as it comes, and
// the switch takes it in while the next is still being made; it must not change any more.
// A Refused counts the messages of all parts. They may end early where ctx does: nothing
// is committed then.
func (s *Session) BundleOf(ctx context.Context, parts iter.Seq[[]openflow.Message]) error {
	select {
	case <-s.bundles:
	case <-s.done:
		return s.closed()
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.bundles <- struct{}{} }()
	b := &bundle{session: s, id: s.bundleID()}
	defer b.forget()
	if err := b.fill(ctx, parts); err != nil {
		return fmt.Errorf("bundle of %d messages: %w", b.sent, err)
	}
	if err := b.commit(ctx); err != nil {
		return fmt.Errorf("bundle of %d messages: %w", b.sent, err)
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
	session *Session
	id      uint32
	sent    int // messages, those that are too long too
	waiters []*waiter

	mu      sync.Mutex
	refused *Refused // the first
}

// refuse notes an error of the switch.
func (b *bundle) refuse(i int, of openflow.Message, h openflow.Header, m []byte) {
	e, err := switchError(m)
	if h.Type != openflow.TypeError || err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused == nil {
		b.refused = &Refused{Index: i, Message: of, Err: e}
	}
}

func (b *bundle) forget() {
	for _, w := range b.waiters {
		b.session.forget(w)
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
func (b *bundle) fill(ctx context.Context, parts iter.Seq[[]openflow.Message]) error {
	if err := b.control(ctx, openflow.BundleOpen); err != nil {
		return err
	}
	buffer := make([]byte, 0, 2*chunk)
	for part := range parts {
		if err := b.add(ctx, part, buffer); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// add adds a part.
func (b *bundle) add(ctx context.Context, part []openflow.Message, buffer []byte) error {
	first := b.sent
	b.sent += len(part)
	w := b.session.expect(len(part), func(i int, h openflow.Header, m []byte) { b.refuse(first+i, part[i], h, m) })
	b.waiters = append(b.waiters, w)
	next, tooLong := 0, false
	err := b.session.write(ctx, func() ([]byte, bool) {
		buffer = buffer[:0]
		for next < len(part) && len(buffer) < chunk {
			var ok bool
			buffer, ok = openflow.AppendBundleAdd(buffer, w.first+uint32(next), b.id, part[next])
			if !ok {
				tooLong = true
				return buffer, false
			}
			next++
		}
		return buffer, next < len(part)
	})
	if err != nil {
		return err
	}
	if tooLong {
		return errors.Join(&Refused{Index: first + next, Message: part[next], Err: ErrTooLong}, b.control(ctx, openflow.BundleDiscard))
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
