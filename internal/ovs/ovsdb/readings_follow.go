package ovsdb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// followAgain is how long readings are followed after they were asked for. Who asks
	// less often is served as well: the server is asked for all of them.
	followAgain = 2 * time.Minute
	// writePatience bounds the writing of a request, which is short.
	writePatience = 5 * time.Second
)

// follow is the request to be told of all readings and their changes (ovsdb-server(7),
// 4.1.12). The server writes half a megabyte for 512 ports with guests, which takes it
// 20 ms: too long for a scrape to wait.
const follow = `{"id":0,"method":"monitor_cond","params":["` + Database + `","readings",{"Interface":[` +
	`{"columns":["name","statistics","link_resets","lacp_current","bfd_status"]}]}]}`

// follower keeps the readings as the server tells of them, over a connection of its own
// and without libovsdb, which needs ten allocations for a counter.
type follower struct {
	conn    net.Conn
	writing sync.Mutex

	mu      sync.Mutex
	rows    rows
	asked   int                   // requests
	answers map[int]chan struct{} // closed when the request of this number is answered
	ended   chan struct{}
	err     error // why it ended
}

// startFollower returns a follower that has all readings.
func startFollower(ctx context.Context, path string) (*follower, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, plain(err)
	}
	f := &follower{conn: conn, rows: rows{}, answers: map[int]chan struct{}{}, ended: make(chan struct{})}
	go f.read()
	if err := f.request(ctx, func(int) string { return follow }); err != nil {
		f.end(err)
		return nil, err
	}
	return f, nil
}

// latest returns the readings that the server has now. It answers requests in their
// order, after it has told of all changes that came before: an echo is enough.
func (f *follower) latest(ctx context.Context) (map[string]Reading, error) {
	err := f.request(ctx, func(id int) string { return fmt.Sprintf(`{"id":%d,"method":"echo","params":[]}`, id) })
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make(map[string]Reading, len(f.rows))
	for _, r := range f.rows {
		out[r.name] = r.reading
	}
	return out, nil
}

// request sends what text makes of a number and waits for the answer.
func (f *follower) request(ctx context.Context, text func(id int) string) error {
	f.mu.Lock()
	id, answer := f.asked, make(chan struct{})
	f.asked++
	f.answers[id] = answer
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.answers, id)
	}()
	if err := f.write(text(id)); err != nil {
		return err
	}
	select {
	case <-answer:
		return nil
	case <-f.ended:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write sends a message whole, or ends the connection.
func (f *follower) write(text string) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	err := f.conn.SetWriteDeadline(time.Now().Add(writePatience))
	if err == nil {
		_, err = f.conn.Write([]byte(text))
	}
	if err != nil {
		f.end(plain(err))
		return f.err
	}
	return nil
}

// read takes in what the server tells until the connection ends.
func (f *follower) read() {
	w := wire{r: f.conn}
	names := map[string]string{}
	for {
		b, err := w.next()
		if err == nil {
			err = f.take(&scanner{b: b, names: names})
		}
		if err != nil {
			f.end(plain(err))
			return
		}
		if len(names) > maxNames {
			clear(names)
		}
	}
}

// maxNames bounds the names that are kept once for all rows.
const maxNames = 1 << 14

// take takes in one message.
func (f *follower) take(s *scanner) error {
	m := s.message()
	if s.err != nil {
		return s.err
	}
	switch string(m.method) {
	case "":
		return f.answer(s, m)
	case `"echo"`:
		return f.write(`{"id":` + string(m.id) + `,"error":null,"result":` + string(m.params) + `}`)
	case `"update2"`:
		t := &scanner{b: m.params, names: s.names}
		t.want('[')
		t.skip() // the name of the monitor: there is but one
		t.want(',')
		return f.update(t)
	}
	return fmt.Errorf("%w: the server says %.40s", errReadings, m.method)
}

// answer takes in the answer to a request.
func (f *follower) answer(s *scanner, m message) error {
	if m.failure != nil && string(m.failure) != "null" {
		return fmt.Errorf("the server refuses: %.100s", m.failure)
	}
	number := scanner{b: append(m.id[:len(m.id):len(m.id)], ','), names: s.names}
	id, ok := number.integer()
	if !ok {
		return fmt.Errorf("%w: an answer to %.20q", errReadings, m.id)
	}
	if id == 0 {
		if err := f.update(&scanner{b: m.result, names: s.names}); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer := f.answers[int(id)]; answer != nil {
		close(answer)
		delete(f.answers, int(id))
	}
	return nil
}

// update takes in changed rows.
func (f *follower) update(s *scanner) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.tables(f.rows)
	return s.err
}

// end closes the connection. The first reason counts.
func (f *follower) end(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return
	}
	if errors.Is(why, net.ErrClosed) {
		why = ErrClosed
	}
	f.err = why
	close(f.ended)
	_ = f.conn.Close()
}
