package unixctl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
)

// Conn is one connection, for several commands at the same time: the server takes up to
// ten of a connection in one turn of its main loop (run_connection of lib/unixctl.c),
// and has one connection to accept and to drop. A reply that makes no sense ends it for
// all of them. Safe for concurrent use; the owner closes it.
type Conn struct {
	client *Client
	conn   net.Conn

	mu      sync.Mutex
	asked   int
	waiting map[int]chan reply
	ended   chan struct{}
	err     error // why it ended
}

// Open connects to the server. Errors are those of Call.
func (c *Client) Open(ctx context.Context) (*Conn, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, c.failed(ctx, err, "connect")
	}
	s := &Conn{client: c, conn: conn, waiting: map[int]chan reply{}, ended: make(chan struct{})}
	go s.read()
	return s, nil
}

// Call is Client's Call over this connection. A command whose ctx ends may still be
// carried out, and those after it have to wait for that.
func (s *Conn) Call(ctx context.Context, method string, args ...string) (string, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	text, err := s.call(ctx, method, args)
	if err != nil {
		return "", s.client.failed(ctx, err, method)
	}
	return text, nil
}

func (s *Conn) call(ctx context.Context, method string, args []string) (string, error) {
	id, answer, err := s.send(ctx, method, args)
	if err != nil {
		return "", err
	}
	defer s.forget(id)
	select {
	case r := <-answer:
		return r.text(method)
	case <-ctx.Done():
		return "", ctx.Err()
	case <-s.ended:
	}
	select {
	case r := <-answer: // it came before the end
		return r.text(method)
	default:
		return "", s.err
	}
}

// send writes one request whole, or ends the connection.
func (s *Conn) send(ctx context.Context, method string, args []string) (id int, answer chan reply, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, nil, s.err
	}
	s.asked++
	id, answer = s.asked, make(chan reply, 1)
	text, err := json.Marshal(request{ID: id, Method: method, Params: append([]string{}, args...)}) // never null
	if err != nil {
		return 0, nil, err
	}
	s.waiting[id] = answer
	deadline, _ := ctx.Deadline()
	if err = s.conn.SetWriteDeadline(deadline); err == nil {
		_, err = s.conn.Write(append(text, '\n'))
	}
	if err != nil {
		s.fail(err)
	}
	return id, answer, err
}

func (s *Conn) forget(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

// read hands out the replies until the connection ends.
func (s *Conn) read() {
	in := &capped{r: s.conn}
	replies := json.NewDecoder(in)
	for {
		var r reply
		in.left = cmp.Or(s.client.limit, MaxReply)
		err := replies.Decode(&r)
		s.mu.Lock()
		if err == nil && (r.ID == nil || *r.ID < 1 || *r.ID > s.asked) {
			err = fmt.Errorf("%w: a reply to another request", ErrProtocol)
		}
		if err != nil {
			s.fail(err)
			s.mu.Unlock()
			return
		}
		if answer := s.waiting[*r.ID]; answer != nil {
			answer <- r
			delete(s.waiting, *r.ID)
		}
		s.mu.Unlock()
	}
}

// fail ends the connection; the first reason counts. mu is held.
func (s *Conn) fail(why error) {
	if s.err == nil {
		if errors.Is(why, net.ErrClosed) {
			why = ErrClosed
		}
		s.err = why
		close(s.ended)
	}
	_ = s.conn.Close()
}

// Close ends the connection. Calls under way end with ErrClosed. It may be called more
// than once.
func (s *Conn) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail(ErrClosed)
}

// text is what a reply says.
func (r reply) text(method string) (string, error) {
	switch {
	case r.Error != nil:
		return "", &CommandError{Method: method, Text: strings.TrimRight(*r.Error, "\n")}
	case r.Result == nil:
		return "", fmt.Errorf("%w: neither result nor error", ErrProtocol)
	}
	return strings.TrimRight(*r.Result, "\n"), nil
}
