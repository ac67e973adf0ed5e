package ofconn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// ErrClosed is what calls return after the connection ended.
var ErrClosed = errors.New("the OpenFlow connection is closed")

// ErrVersion is what Dial returns where the bridge does not speak OpenFlow 1.5.
var ErrVersion = errors.New("the bridge does not speak OpenFlow 1.5 (add OpenFlow15 to the column protocols of its Bridge row)")

// Session is one connection. Its methods may be called concurrently; bundles are
// done one after the other.
type Session struct {
	conn    net.Conn
	writing chan struct{} // holds a token while nobody writes
	bundles chan struct{} // holds a token while no bundle is open
	echoes  chan []byte   // echo requests to be answered
	done    chan struct{}
	foreign chan struct{} // holds a token when somebody else changed something
	running sync.WaitGroup

	mu      sync.Mutex
	err     error // why the connection ended
	nextXID uint32
	bundle  uint32 // number of the last bundle
	waiters []*waiter
	subs    map[*Subscription]struct{}
}

// waiter is someone who waits for messages with some transaction ids.
type waiter struct {
	first, last uint32
	// handle is called from the reading goroutine with the place of the id among
	// the waiter's, and keeps nothing of m.
	handle func(i int, h openflow.Header, m []byte)
}

// Socket is the path of a bridge's management socket below OVS's run directory,
// which external_ids:rundir of the Open_vSwitch row names.
func Socket(rundir, bridge string) string { return filepath.Join(rundir, bridge+".mgmt") }

// Dial connects to a bridge at its management socket. ctx bounds the handshake
// only.
func Dial(ctx context.Context, socket string) (*Session, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("openflow: %w", err)
	}
	s, err := Open(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("openflow: %s: %w", socket, err)
	}
	return s, nil
}

// Open makes a session of a connection to a switch, which it closes when it
// ends or the handshake fails. ctx bounds the handshake only.
func Open(ctx context.Context, conn net.Conn) (*Session, error) {
	s := &Session{
		conn: conn, writing: make(chan struct{}, 1), bundles: make(chan struct{}, 1),
		echoes: make(chan []byte, 4), done: make(chan struct{}), foreign: make(chan struct{}, 1),
		nextXID: 1, subs: map[*Subscription]struct{}{},
	}
	s.writing <- struct{}{}
	s.bundles <- struct{}{}
	in := bufio.NewReaderSize(conn, readBuffer)
	if err := s.handshake(ctx, in); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s.running.Go(func() { s.read(in) })
	s.running.Go(s.answer)
	return s, nil
}

// handshake exchanges hellos, and asks for the switch's features: with the first such
// request OVS learns which version the connection speaks. Until then it takes it for an
// OpenFlow 1.0 controller that wants every packet without a flow, and has the datapath
// send those to the slow path (ofproto/connmgr.c, update_want_packet_in_on_miss, 2.17 to
// 4.0). Both are one write: OVS reads them in one round of its main loop.
func (s *Session) handshake(ctx context.Context, in *bufio.Reader) error {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
	m, err := []byte(nil), error(nil)
	if _, err = s.conn.Write(openflow.AppendFeaturesRequest(openflow.AppendHello(nil, 0), 0)); err == nil {
		m, err = readMessage(in, nil)
	}
	speaks := err != nil || openflow.SpeaksOurVersion(m)
	for err == nil && speaks && openflow.Type(m[1]) != openflow.TypeFeaturesReply {
		m, err = readMessage(in, m)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("hello: %w", ctx.Err())
	case errors.Is(err, io.EOF):
		return fmt.Errorf("hello: %w", ErrClosed)
	case err != nil:
		return fmt.Errorf("hello: %w", err)
	case !speaks:
		return ErrVersion
	}
	return nil
}

// Done is closed when the connection has ended, for whatever reason.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err is why the connection ended; nil before Done is closed.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the connection and returns when nothing of it runs. Calls under way
// return ErrClosed. A bundle that was not yet committed changes nothing.
func (s *Session) Close() {
	s.end(ErrClosed)
	s.running.Wait()
}

// end closes the connection for the first reason given.
func (s *Session) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = err
	_ = s.conn.Close()
	close(s.done)
	for sub := range s.subs {
		sub.close()
	}
	s.subs = nil
}

// closed is the error of a call that finds the connection ended.
func (s *Session) closed() error {
	if err := s.Err(); err != nil && !errors.Is(err, ErrClosed) {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return ErrClosed
}

// expect registers a waiter for n transaction ids of its own. forget must follow.
func (s *Session) expect(n int, handle func(i int, h openflow.Header, m []byte)) *waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.number(n)
	w := &waiter{first: first, last: first + uint32(n) - 1, handle: handle}
	s.waiters = append(s.waiters, w)
	return w
}

// number takes n transaction ids in a row and returns the first. It needs the lock.
func (s *Session) number(n int) (first uint32) {
	if uint64(s.nextXID)+uint64(n) > math.MaxUint32 {
		s.nextXID = 1
	}
	first = s.nextXID
	s.nextXID += uint32(n)
	return first
}

// forget ends a waiter. Its handle may be running still, once.
func (s *Session) forget(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.waiters {
		if s.waiters[i] == w {
			s.waiters = append(s.waiters[:i], s.waiters[i+1:]...)
			return
		}
	}
}
