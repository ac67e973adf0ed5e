package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// A host's start waits until the store is read, and an ovsdb-server composes an answer
// whole before the first byte of it leaves. So a network of which nothing is known yet is
// asked for in portions: first all but the ports and the bindings, then, all at once,
// these by changes of the condition (monitor_cond_change in ovsdb-server(7), the same in
// 2.17 to 4.0), the last of which asks for all rows. What the server composes it composes
// while we read the portion before, and a change of the condition costs it less than as
// many rows in the first answer, for which it copies each row that may be in it: so the
// first asks for no rows of those tables in two ways (select, and the condition false).
//
// It is one monitor all the while. A transaction that comes in between brings what of it
// is watched by then, in its place, and the portions after it have the rest. Nothing is
// told before the last portion is in: until then it is no network that ever was.

// keyBounds begin the portions of the ports: each has the ports with a key from its bound
// up, that no portion before it had; the last has the rest. A port's key is its place on
// its switch: the last portion, which alone is waited for, has a few ports of each switch
// whatever their size, and what portions are empty are so at the beginning. Each costs the
// server a walk over all ports, so there are few.
var keyBounds = []logical.PortKey{128, 32, 8}

// step is a change of one table's condition.
type step struct {
	table string
	where any
}

// steps are those that a load takes after it asked for no port and no binding.
func steps() []step {
	all := []step{{"Binding", true}}
	for _, bound := range keyBounds {
		all = append(all, step{"Switch_Port", []any{"key", ">=", bound}})
	}
	return append(all, step{"Switch_Port", true})
}

// errBusy says that the server is slow to answer, as when many hosts start at once. What
// is composed for one of them alone, as portions are, then keeps all others waiting; the
// whole without any condition is composed once for all (ovsdb_monitor_json_cache_search
// in ovsdb/monitor.c).
var errBusy = errors.New("the server is busy: the network is read whole")

// busyAfter is how long the first answer of a load, of so many bytes, may take: ten times
// what it does where the server has nothing else to do.
func busyAfter(size int) time.Duration {
	return 50*time.Millisecond + time.Duration(size/10000)*time.Millisecond
}

// portionID is of the requests that load. Their answers stand among the notes.
const portionID = "portion"

// load reads all that there is, and returns the id of the last transaction in it.
func (m *monitor) load(ctx context.Context, s *conn, served *schema) (Update, string, error) {
	requests := requests(served, nil)
	ask := func(method string, params ...any) any {
		return map[string]any{"id": portionID, "method": method, "params": params}
	}
	var rest []any
	for _, step := range steps() {
		of, ok := requests[step.table].([]any)
		if !ok {
			continue // the server's schema has no such table
		}
		table := of[0].(map[string]any)
		table["where"], table["select"] = []any{false}, map[string]any{"initial": false}
		change := map[string]any{step.table: []any{map[string]any{"where": []any{step.where}}}}
		rest = append(rest, ask("monitor_cond_change", "rows", "rows", change))
	}
	l := m.cache.load()
	id, err := m.portions(ctx, s, l, ask("monitor_cond_since", Database, "rows", requests, noID), rest)
	delta, faults := l.end(err == nil)
	return Update{Delta: delta, Faults: faults}, id, err
}

// portions asks for the first and, unless the server is busy, for the rest.
func (m *monitor) portions(ctx context.Context, s *conn, l *loading, first any, rest []any) (id string, err error) {
	began := time.Now()
	if err := s.send(first); err != nil {
		return noID, err
	}
	size := 0
	if id, size, err = m.fill(ctx, s, l, 1); err != nil {
		return noID, err
	}
	if time.Since(began) > m.client.busyAfter(size) {
		m.patient = true
		return noID, errBusy
	}
	if err := s.send(rest...); err != nil {
		return noID, err
	}
	if last, _, err := m.fill(ctx, s, l, len(rest)); err != nil || last != "" {
		return last, err
	}
	return id, nil
}

// fill takes in all until so many answers are there, and returns the id of the last
// transaction that it met, if any, and the size of the rows.
func (m *monitor) fill(ctx context.Context, s *conn, l *loading, answers int) (id string, size int, err error) {
	take := func(now string, rows value) error {
		id, size = now, size+len(rows)
		if err := m.client.past.take(rows); err != nil {
			return err
		}
		return l.take(rows)
	}
	for answers > 0 {
		n, err := s.next(ctx)
		if err != nil {
			return noID, 0, err
		}
		now, rows, ours, err := n.rows()
		switch {
		case err != nil:
		case ours:
			err = take(now, rows)
		case n.method != portionID:
			err = m.aside(s, n)
		default:
			answers--
			if len(n.params) > 0 && n.params[0] == '[' { // the first; the others are empty
				var a since
				if a, err = sinceOf(n.params); err == nil {
					err = take(a.id, a.rows)
				}
			}
		}
		if err != nil {
			return noID, 0, err
		}
	}
	return id, size, nil
}

// since is the answer to monitor_cond_since.
type since struct {
	found bool // what was asked for since is known, and rows are what came then
	id    string
	rows  value
}

func sinceOf(answer value) (a since, err error) {
	parts, err := answer.array()
	if err != nil || len(parts) != 3 {
		return a, fmt.Errorf("monitor_cond_since: %.60s is no answer", answer)
	}
	if a.found, err = parts[0].boolean(); err != nil {
		return a, err
	}
	a.id, err = parts[1].text()
	a.rows = parts[2]
	return a, err
}

// loading puts rows together while those after them are still being read.
type loading struct {
	cache    *cache
	read     batch
	changes  chan logical.Changes
	made     chan struct{} // closed once snapshot and delta are there
	snapshot *logical.Snapshot
	delta    logical.Delta
}

// fresh says that nothing is known yet.
func (c *cache) fresh() bool { return c.snapshot.Generation() == 0 }

// load begins with nothing. The caller ends it.
func (c *cache) load() *loading {
	c.clear()
	l := &loading{cache: c, changes: make(chan logical.Changes, 16), made: make(chan struct{})}
	l.read.full = func() {
		const many = 256
		if len(l.read.changes.Put) >= many {
			l.pass()
		}
	}
	go func() {
		defer close(l.made)
		l.snapshot, l.delta = logical.Gather(func(yield func(logical.Changes) bool) {
			for c := range l.changes {
				if !yield(c) {
					return
				}
			}
		})
	}()
	return l
}

func (l *loading) pass() {
	l.changes <- l.read.changes
	l.read.changes = logical.Changes{}
}

// take takes in a table-updates2 object.
func (l *loading) take(updates value) error {
	err := l.cache.read(&l.read, updates)
	l.pass()
	return err
}

// end makes what was read the cache's snapshot, where it is whole.
func (l *loading) end(whole bool) (logical.Delta, []Fault) {
	close(l.changes)
	<-l.made
	if !whole {
		l.cache.clear()
		return nil, nil
	}
	l.cache.snapshot = l.snapshot
	return l.delta, l.read.faults
}
