package ofconn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// peer is the other end of a connection: what a switch could do, done by hand.
type peer struct {
	t    *testing.T
	conn net.Conn
}

// features is a reply without content: the session wants no more than that it comes.
var features = []byte{6, byte(of.TypeFeaturesReply), 0, 32, 31: 0}

// openPeer opens a session to a peer that has said hello, and what it can do.
func openPeer(t *testing.T) (*ofconn.Session, *peer) {
	t.Helper()
	ours, theirs := net.Pipe()
	p := &peer{t, theirs}
	t.Cleanup(func() { _ = theirs.Close() })
	hello := make(chan []byte, 1)
	go func() {
		hello <- p.read()
		if m := p.read(); !bytes.Equal(m, []byte{6, 5, 0, 8, 0, 0, 0, 0}) {
			t.Errorf("%x is no features request", m)
		}
		_, _ = theirs.Write(append(of.AppendHello(nil, 1), features...))
	}()
	s, err := ofconn.Open(t.Context(), ours)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if want := []byte{6, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0x40}; !bytes.Equal(<-hello, want) {
		t.Fatal("that was no hello of OpenFlow 1.5 alone")
	}
	return s, p
}

// read is the next message, or nil when the connection has ended.
func (p *peer) read() []byte {
	head := make([]byte, of.HeaderLen)
	if _, err := io.ReadFull(p.conn, head); err != nil {
		return nil
	}
	h, err := of.ParseHeader(head)
	if err != nil {
		return nil
	}
	m := append(head, make([]byte, int(h.Length)-len(head))...)
	_, _ = io.ReadFull(p.conn, m[len(head):])
	return m
}

func (p *peer) write(m []byte) {
	p.t.Helper()
	if _, err := p.conn.Write(m); err != nil {
		p.t.Fatal(err)
	}
}

func TestEchoAnswered(t *testing.T) {
	_, p := openPeer(t)
	p.write([]byte{6, byte(of.TypeEchoRequest), 0, 12, 0, 0, 0, 9, 'p', 'i', 'n', 'g'})
	if got, want := p.read(), []byte{6, byte(of.TypeEchoReply), 0, 12, 0, 0, 0, 9, 'p', 'i', 'n', 'g'}; !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// TestReadsWhileWriting has a switch that takes nothing before its own messages
// are taken, as ovs-vswitchd does when a hundred replies wait.
func TestReadsWhileWriting(t *testing.T) {
	s, p := openPeer(t)
	done := make(chan error, 1)
	go func() { done <- s.Barrier(t.Context()) }()
	for range 1000 {
		p.write([]byte{6, byte(of.TypeEchoRequest), 0, 8, 0, 0, 0, 9})
	}
	for {
		m := p.read()
		if m == nil {
			t.Fatal("the session ended")
		}
		if m[1] == 20 { // barrier request
			m[1] = byte(of.TypeBarrierReply)
			p.write(m)
			break
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestContextEnds(t *testing.T) {
	t.Run("while waiting", func(t *testing.T) {
		s, p := openPeer(t)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			p.read()
			cancel()
		}()
		if err := s.Barrier(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		go func() {
			m := p.read()
			m[1] = byte(of.TypeEchoReply)
			_, _ = p.conn.Write(m)
		}()
		if err := s.Echo(t.Context()); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
	t.Run("before writing", func(t *testing.T) {
		s, _ := openPeer(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Barrier(ctx); !errors.Is(err, context.Canceled) || s.Err() != nil {
			t.Errorf("got %v, the session %v", err, s.Err())
		}
	})
	t.Run("in the middle of a message", func(t *testing.T) {
		s, p := openPeer(t)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = io.ReadFull(p.conn, make([]byte, 4))
			cancel()
		}()
		if err := s.Barrier(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		select {
		case <-s.Done():
		case <-time.After(10 * time.Second):
			t.Error("half a message was sent, and the session lives")
		}
	})
}

func TestSubscription(t *testing.T) {
	s, p := openPeer(t)
	full, roomy := s.Subscribe(1), s.Subscribe(10)
	refusal := []byte{6, byte(of.TypeError), 0, 12, 0x7f, 0, 0, 9, 0, 2, 0, 4}
	for range 3 {
		p.write(refusal)
	}
	for range 3 {
		if e := next(t, roomy); e.Error == nil || e.Error.Name() != "OFPBAC_BAD_OUT_PORT" {
			t.Errorf("got %+v", e)
		}
	}
	if full.Dropped() != 2 || roomy.Dropped() != 0 || len(full.Events()) != 1 {
		t.Errorf("dropped %d and %d, %d in the queue", full.Dropped(), roomy.Dropped(), len(full.Events()))
	}
	roomy.Close()
	roomy.Close()
	if _, open := <-roomy.Events(); open {
		t.Error("an event from a closed queue")
	}
	p.write(refusal)
	s.Close()
	if _, open := <-s.Subscribe(1).Events(); open {
		t.Error("an event from an ended session")
	}
}

func TestGarbage(t *testing.T) {
	for name, m := range map[string][]byte{
		"another version":  {4, 0, 0, 8, 0, 0, 0, 0},
		"an absurd length": {6, 0, 0, 3, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := openPeer(t)
			p.write(m)
			select {
			case <-s.Done():
			case <-time.After(10 * time.Second):
				t.Fatal("the session lives")
			}
			if err := s.Barrier(t.Context()); !errors.Is(err, ofconn.ErrClosed) || !errors.Is(err, of.ErrFormat) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestHello(t *testing.T) {
	for name, c := range map[string]struct {
		hello []byte
		want  error
	}{
		"an older switch":    {[]byte{4, 0, 0, 8, 0, 0, 0, 0}, ofconn.ErrVersion},
		"a bitmap without":   {[]byte{6, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0x12}, ofconn.ErrVersion},
		"no bitmap":          {[]byte{6, 0, 0, 8, 0, 0, 0, 0}, nil},
		"a newer with ours":  {[]byte{7, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0xc0}, nil},
		"nothing but an end": {nil, ofconn.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			p := &peer{t, theirs}
			go func() {
				p.read()
				p.read()
				_, _ = theirs.Write(c.hello)
				if c.want == nil {
					_, _ = theirs.Write(features)
				}
				if c.hello == nil {
					_ = theirs.Close()
				}
			}()
			s, err := ofconn.Open(t.Context(), ours)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err == nil {
				s.Close()
			}
			_ = theirs.Close()
		})
	}
	ours, theirs := net.Pipe()
	defer theirs.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := ofconn.Open(ctx, ours); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a switch that says nothing: %v", err)
	}
}
