package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Update is what one transaction of the store, or a reload, made of the network.
type Update struct {
	Snapshot *logical.Snapshot
	Delta    logical.Delta
	// Faults are the rows that this update made unusable.
	Faults []Fault
	// Unusable is how many rows are left out of Snapshot, those of before too.
	Unusable int
	// Resumed says that the session is a new one and went on where the former
	// ended; Reloaded that the store was read whole. Both are false in between.
	Resumed, Reloaded bool
	// Err is why the store is not followed, with the endpoints, where there is no
	// Snapshot.
	Err error
}

// noID is the transaction id of one who knows none.
const noID = "00000000-0000-0000-0000-000000000000"

// retryPause is between two attempts to connect, a half more or less: the hosts of
// a fleet that lost a server do not come all at once.
const retryPause = 500 * time.Millisecond

// Run follows the store until ctx ends, and calls tell for each transaction, in
// their order, from one goroutine. While tell runs nothing is read: the server
// waits with what comes. A lost connection is made anew, over all endpoints in
// turn, while the last snapshot goes on holding; what changed meanwhile comes as
// one Update. tell also hears of each lost connection, and of each new cause why there
// is none: an Update with no Snapshot.
// Run returns ctx's error, or at once ErrRuns when it runs already.
func (c *Client) Run(ctx context.Context, tell func(Update)) error {
	c.mu.Lock()
	runs := c.runs
	c.runs = true
	c.mu.Unlock()
	if runs {
		return ErrRuns
	}
	defer func() {
		c.mu.Lock()
		c.runs = false
		c.mu.Unlock()
	}()
	go func() { _, _ = builtIn() }() // it takes a while, and the first answer needs it
	m := &monitor{client: c, cache: newCache(), last: noID, tell: tell}
	for {
		err := m.session(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errBusy) {
			continue
		}
		if m.connected || err.Error() != m.said {
			m.connected = false
			m.tell(Update{Err: err})
		} else {
			err = nil
		}
		if err != nil {
			c.log.Warn("store not reached", "error", err)
			m.said = err.Error()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryPause/2 + rand.N(retryPause)):
		}
	}
}

// monitor is what outlives a session of Run.
type monitor struct {
	client *Client
	cache  *cache
	last   string // transaction id
	only   *Reach // what last was reached with
	// columns are those that the server had then.
	columns string
	tell    func(Update)

	connected bool
	said      string // the fault that was logged last
	patient   bool   // the network is not asked for in portions
}

// session connects, loads or resumes, and follows until the connection ends.
func (m *monitor) session(ctx context.Context) (err error) {
	s, err := m.client.open(ctx, false)
	if err != nil {
		return err
	}
	var narrowing sync.WaitGroup
	defer narrowing.Wait()
	defer s.close()
	defer func() {
		if err != nil {
			err = fmt.Errorf("store %s: %w", s.net.RemoteAddr(), err)
		}
	}()
	stop := context.AfterFunc(ctx, func() { _ = s.net.Close() })
	defer stop()
	about := s.ask("monitor_cond", "_Server", "server", serverMonitor)
	served, err := schemaOf(ctx, s)
	if err != nil {
		return err
	}
	if _, err := about.answer(ctx); err != nil {
		return err
	}
	m.client.past.note(s.state.cluster, s.state.index)
	c := m.client
	c.mu.Lock()
	only := c.only
	c.mu.Unlock()
	if err := m.begin(ctx, s, served, only); err != nil {
		return err
	}
	defer c.unwatch()
	c.watch(s)
	narrowing.Go(func() { c.keepNarrow(s, only) })
	m.connected = true
	c.log.Info("store connected", "server", s.net.RemoteAddr().String(), "schema", served.version)
	return m.follow(ctx, s)
}

var serverMonitor = map[string]any{"Database": []any{map[string]any{
	"columns": []string{"connected", "index", "leader"}, "where": []any{is("name", Database)},
}}}

// begin asks for what is there, or for what came since the last session.
func (m *monitor) begin(ctx context.Context, s *conn, served *schema, only *Reach) error {
	last := m.last
	columns := fmt.Sprint(served.tables)
	if only != m.only || columns != m.columns {
		// With another condition, or other columns, the server would not send what is
		// old and new to us.
		last = noID
	}
	update, id, err := m.catchUp(ctx, s, served, only, last)
	if err != nil {
		return err
	}
	m.last, m.only, m.columns = id, only, columns
	update.Snapshot, update.Unusable, update.Reloaded = m.cache.snapshot, len(m.cache.faults), !update.Resumed
	m.tell(update)
	return nil
}

// catchUp takes in what there is, and returns the id of the last transaction in it.
func (m *monitor) catchUp(ctx context.Context, s *conn, served *schema, only *Reach, last string) (Update, string, error) {
	if last == noID && only == nil && m.cache.fresh() && !m.patient {
		return m.load(ctx, s, served)
	}
	answer, err := s.call(ctx, "monitor_cond_since", Database, "rows", requests(served, only), last)
	if err != nil {
		return Update{}, noID, err
	}
	a, err := sinceOf(answer)
	if err != nil {
		return Update{}, noID, err
	}
	if err := m.client.past.take(a.rows); err != nil {
		return Update{}, noID, m.lose(err)
	}
	delta, faults, err := m.cache.apply(a.rows, !a.found)
	if err != nil {
		return Update{}, noID, m.lose(err)
	}
	return Update{Delta: delta, Faults: faults, Resumed: a.found}, a.id, nil
}

// lose forgets where the session was: the next reads all.
func (m *monitor) lose(err error) error {
	m.last = noID
	return err
}

func (m *monitor) follow(ctx context.Context, s *conn) error {
	for {
		n, err := s.next(ctx)
		if err != nil {
			return err
		}
		if err := m.note(s, n); err != nil {
			return err
		}
	}
}

// rows are those of an update of ours, with its transaction's id.
func (n note) rows() (id string, rows value, ours bool, err error) {
	if n.method != "update3" {
		return "", nil, false, nil
	}
	params, err := n.params.array()
	if err != nil || len(params) != 3 || string(params[0]) != `"rows"` {
		return "", nil, false, err
	}
	id, err = params[1].text()
	return id, params[2], true, err
}

func (m *monitor) note(s *conn, n note) error {
	id, rows, ours, err := n.rows()
	if err != nil {
		return m.lose(err)
	}
	if !ours {
		return m.aside(s, n)
	}
	if err := m.client.past.take(rows); err != nil {
		return m.lose(err)
	}
	delta, faults, err := m.cache.apply(rows, false)
	if err != nil {
		return m.lose(err)
	}
	m.last = id
	if len(delta) > 0 || len(faults) > 0 {
		m.tell(Update{Snapshot: m.cache.snapshot, Delta: delta, Faults: faults, Unusable: len(m.cache.faults)})
	}
	return nil
}

// aside takes what the server says besides the rows.
func (m *monitor) aside(s *conn, n note) error {
	params, err := n.params.array()
	if err != nil {
		return err
	}
	switch {
	case n.method == "update2" && len(params) == 2 && string(params[0]) == `"server"`:
		return m.serverChanged(s, params[1])
	case n.method == "monitor_canceled":
		return m.lose(errors.New("the server dropped the database or changed its schema"))
	}
	return nil
}

// serverChanged is an error when the server says that it lost its cluster, or drops
// us: the next session will be with another.
func (m *monitor) serverChanged(s *conn, updates value) error {
	return updates.object(func(_ string, rows value) error {
		return rows.object(func(_ string, change value) error {
			return change.object(func(how string, v value) error {
				if how == "delete" {
					return errors.New("the server dropped the database")
				}
				if how != "modify" {
					return nil
				}
				return v.object(func(k string, v value) error {
					switch {
					case k == "connected" && string(v) == "false":
						return errors.New("the server is cut off from its cluster")
					case k == "index":
						var r reader
						r.open(value(`{"index":` + string(v) + `}`))
						m.client.past.note(s.state.cluster, indexOf(&r))
						return r.fault
					}
					return nil
				})
			})
		})
	})
}

// requests are the tables and columns to be monitored.
func requests(served *schema, only *Reach) map[string]any {
	m := map[string]any{}
	for _, t := range tables {
		columns := served.columns(t.name)
		if len(columns) == 0 {
			continue
		}
		r := map[string]any{"columns": columns}
		if where := only.where(t.name); where != nil {
			r["where"] = where
		}
		m[t.name] = []any{r}
	}
	return m
}
