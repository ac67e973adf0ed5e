package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// probe is how long a silent server is waited for before it is asked whether it
// lives; as long again it may take to answer.
const probe = 5 * time.Second

// conn is one JSON-RPC session. Its methods may be called by several goroutines.
type conn struct {
	net net.Conn
	// notes are the server's notifications, in their order, with the answers to what
	// loads among them. They are waited with: a slow reader slows the server down.
	notes chan note
	done  chan struct{} // closed when reading ended
	state server        // what the server said when the session began
	alone bool          // it is a relay, and every other endpoint answered, too
	// narrowed has a token when the session is to be narrowed anew.
	narrowed chan struct{}

	mu      sync.Mutex
	err     error // why it ended
	last    int
	waiting map[string]chan<- reply
	retired bool // it ends when nothing is waited for
	write   sync.Mutex
	quit    chan struct{} // closed by close
	once    sync.Once
}

type note struct {
	method string
	params value
}

type reply struct {
	result value
	err    value // null or absent: none
}

// dial connects and starts reading; close ends it.
func dial(ctx context.Context, endpoint string, files TLS) (*conn, error) {
	nc, err := dialEndpoint(ctx, endpoint, files)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", endpoint, ending(err))
	}
	c := &conn{
		net: nc, notes: make(chan note, 16), done: make(chan struct{}), waiting: map[string]chan<- reply{}, quit: make(chan struct{}),
		narrowed: make(chan struct{}, 1),
	}
	go c.read()
	// A server ends the sessions of those who do not say this when it converts the
	// database or drops it (ovsdb-server(7), "Database Change Awareness"), answers
	// that are under way included. Who monitors is told by monitor_canceled.
	if err := c.send(map[string]any{"id": "aware", "method": "set_db_change_aware", "params": []any{true}}); err != nil {
		c.close()
		return nil, fmt.Errorf("store %s: %w", endpoint, ending(err))
	}
	return c, nil
}

// errEnded is why a session ended when no more is to be said.
var errEnded = errors.New("the server ended the connection")

// ending says that a session ended in one way, whether reading or writing met it first,
// and leaves out where from and where to: our own port is another each time.
func ending(err error) error {
	for _, end := range []error{errEnded, io.EOF, net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, end) {
			return errEnded
		}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Source != nil {
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return err
}

// close ends the session and waits until its reader is gone.
func (c *conn) close() {
	c.once.Do(func() { close(c.quit); _ = c.net.Close() })
	<-c.done
}

// retire ends the session as soon as nothing is waited for: what another goroutine has
// under way comes to its end, and nothing more is begun. A session that is nil has
// ended.
func (c *conn) retire() {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.retired = true
	idle := len(c.waiting) == 0
	c.mu.Unlock()
	if idle {
		c.close()
	}
}

func (c *conn) read() {
	defer close(c.done)
	err := c.readAll()
	_ = c.net.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = ending(err)
	for _, w := range c.waiting {
		close(w)
	}
	c.waiting = nil
}

// aliveReader asks a silent server for an echo, and gives up on one that stays silent.
type aliveReader struct{ c *conn }

func (a aliveReader) Read(p []byte) (int, error) {
	for asked := false; ; asked = true {
		if err := a.c.net.SetReadDeadline(time.Now().Add(probe)); err != nil {
			return 0, err
		}
		n, err := a.c.net.Read(p)
		var timeout net.Error
		if n > 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
			return n, err
		}
		if asked {
			return 0, fmt.Errorf("the server has not answered for %s", 2*probe)
		}
		if err := a.c.send(map[string]any{"id": "echo", "method": "echo", "params": []any{}}); err != nil {
			return 0, err
		}
	}
}

func (c *conn) readAll() error {
	f := frames{r: aliveReader{c}}
	for {
		message, err := f.next()
		if err != nil {
			return err
		}
		if err := c.dispatch(message); err != nil {
			return err
		}
	}
}

func (c *conn) dispatch(message value) error {
	var id, method, params, result, fault value
	err := message.object(func(k string, v value) error {
		switch k {
		case "id":
			id = v
		case "method":
			method = v
		case "params":
			params = v
		case "result":
			result = v
		case "error":
			fault = v
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case method != nil && string(method) == `"echo"`:
		return c.send(map[string]any{"id": json.RawMessage(id), "result": json.RawMessage(params), "error": nil})
	case method != nil:
		name, err := method.text()
		if err != nil {
			return err
		}
		return c.deliver(note{name, params})
	}
	if string(fault) == "null" {
		fault = nil
	}
	switch of := string(id); {
	case of == `"`+portionID+`"` && fault == nil:
		return c.deliver(note{portionID, result})
	case of == `"`+portionID+`"`:
		return fmt.Errorf("read the network: %w", remoteError(fault))
	case of == `"`+narrowID+`"` && fault != nil:
		return fmt.Errorf("narrow what is read: %w", remoteError(fault))
	}
	c.mu.Lock()
	w := c.waiting[string(id)]
	delete(c.waiting, string(id))
	over := c.retired && len(c.waiting) == 0
	c.mu.Unlock()
	if w != nil {
		w <- reply{result, fault}
	}
	if over {
		return net.ErrClosed
	}
	return nil
}

// deliver waits until there is room.
func (c *conn) deliver(n note) error {
	select {
	case c.notes <- n:
		return nil
	case <-c.quit:
		return net.ErrClosed
	}
}

// next is the next of the notes. Those that were read before the session ended still
// count; then the error is why it ended.
func (c *conn) next(ctx context.Context) (note, error) {
	select {
	case n := <-c.notes:
		return n, nil
	case <-ctx.Done():
		return note{}, ctx.Err()
	case <-c.done:
	}
	select {
	case n := <-c.notes:
		return n, nil
	default:
		c.mu.Lock()
		defer c.mu.Unlock()
		return note{}, c.err
	}
}

// send writes messages one right after the other.
func (c *conn) send(messages ...any) error {
	var text []byte
	for _, m := range messages {
		one, err := json.Marshal(m)
		if err != nil {
			return err
		}
		text = append(text, one...)
	}
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.net.SetWriteDeadline(time.Now().Add(6 * probe)); err != nil {
		return err
	}
	_, err := c.net.Write(text)
	return err
}

// call waits for the reply to a request. The error is a *RemoteError when the
// server refused it, and matches ErrUncertain when the session ended between.
func (c *conn) call(ctx context.Context, method string, params ...any) (value, error) {
	return c.ask(method, params...).answer(ctx)
}

// request is one that was sent, or was not for a reason.
type request struct {
	conn   *conn
	method string
	id     string
	reply  <-chan reply
	err    error
}

// ask sends a request. Its answer is to be waited for.
func (c *conn) ask(method string, params ...any) request {
	w := make(chan reply, 1)
	c.mu.Lock()
	if c.waiting == nil || c.retired {
		err := c.err
		c.mu.Unlock()
		return request{method: method, err: errors.Join(ErrDisconnected, err)}
	}
	c.last++
	n := c.last
	c.waiting[strconv.Itoa(n)] = w
	c.mu.Unlock()
	if params == nil {
		params = []any{}
	}
	if err := c.send(map[string]any{"id": n, "method": method, "params": params}); err != nil {
		return request{method: method, err: errors.Join(ErrUncertain, err)}
	}
	return request{conn: c, method: method, id: strconv.Itoa(n), reply: w}
}

// answer waits for the reply, as call does.
func (r request) answer(ctx context.Context) (value, error) {
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", r.method, r.err)
	}
	c := r.conn
	select {
	case a, ok := <-r.reply:
		switch {
		case !ok:
			c.mu.Lock()
			defer c.mu.Unlock()
			return nil, fmt.Errorf("%s: %w", r.method, errors.Join(ErrUncertain, c.err))
		case a.err != nil:
			return nil, fmt.Errorf("%s: %w", r.method, remoteError(a.err))
		}
		return a.result, nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, r.id)
		return nil, fmt.Errorf("%s: %w", r.method, errors.Join(ErrUncertain, ctx.Err()))
	}
}
