package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// cache keeps the rows as the server sent them, so that what it sends later, the
// differences, can be put into them; and the snapshot that they make.
type cache struct {
	rows     map[string]map[logical.UUID]value
	faults   map[logical.Ref]Fault
	snapshot *logical.Snapshot
	r        reader
}

func newCache() *cache {
	return &cache{rows: map[string]map[logical.UUID]value{}, faults: map[logical.Ref]Fault{}, snapshot: new(logical.Snapshot)}
}

// clear forgets the rows. The snapshot stays.
func (c *cache) clear() {
	c.rows = map[string]map[logical.UUID]value{}
	c.faults = map[logical.Ref]Fault{}
}

// batch is one notification's effect: a transaction's.
type batch struct {
	changes logical.Changes
	faults  []Fault // rows that became unusable
	full    func()  // after each row; nil = nothing
}

// apply puts a table-updates2 object into the cache (ovsdb-server(7), "Update2
// Notification"). With whole it is all there is, and what it lacks is gone.
func (c *cache) apply(updates value, whole bool) (logical.Delta, []Fault, error) {
	if whole && c.fresh() {
		l := c.load()
		err := l.take(updates)
		delta, faults := l.end(err == nil)
		return delta, faults, err
	}
	if whole {
		c.clear()
	}
	u := batch{}
	if err := c.read(&u, updates); err != nil {
		return nil, nil, err
	}
	var delta logical.Delta
	if whole {
		c.snapshot, delta = c.snapshot.Replace(u.changes.Put)
	} else {
		c.snapshot, delta = c.snapshot.With(u.changes)
	}
	return delta, u.faults, nil
}

// read goes through an update's rows.
func (c *cache) read(u *batch, updates value) error {
	err := updates.object(func(name string, rows value) error {
		t := tableNamed(name)
		if t == nil {
			return nil
		}
		if c.rows[name] == nil {
			c.rows[name] = map[logical.UUID]value{}
		}
		return rows.members(func(key, change value) error {
			id, err := key.quotedUUID()
			if err != nil {
				return err
			}
			err = change.members(func(how, v value) error { return c.change(u, t, id, how, v) })
			if u.full != nil {
				u.full()
			}
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// change is one row's.
func (c *cache) change(u *batch, t *table, id logical.UUID, how, v value) error {
	rows := c.rows[t.name]
	ref := logical.Ref{Kind: t.kind, UUID: id}
	switch string(how) {
	case `"initial"`, `"insert"`:
		rows[id] = bytes.Clone(v)
	case `"modify"`:
		old, ok := rows[id]
		if !ok {
			return fmt.Errorf("a change of row %s of table %s, which is not there", id, t.name)
		}
		merged, err := merge(t.name, old, v)
		if err != nil {
			return fmt.Errorf("table %s, row %s: %w", t.name, id, err)
		}
		rows[id] = merged
	case `"delete"`:
		delete(rows, id)
		delete(c.faults, ref)
		u.changes.Delete = append(u.changes.Delete, ref)
		return nil
	default:
		return fmt.Errorf("table %s: a row is neither inserted, modified nor deleted but %.20s", t.name, how)
	}
	e, err := t.entity(id, rows[id], &c.r)
	if err != nil {
		fault := Fault{Table: t.name, UUID: id, Err: err}
		c.faults[ref] = fault
		u.faults = append(u.faults, fault)
		u.changes.Delete = append(u.changes.Delete, ref)
		return nil
	}
	delete(c.faults, ref)
	u.changes.Put = append(u.changes.Put, e)
	return nil
}

// merge puts a difference into a row: of a set it holds what came and what went,
// of a map the pairs that came, changed or went, of all else the new value.
func merge(table string, old, diff value) (value, error) {
	s, err := builtIn()
	if err != nil {
		return nil, err
	}
	columns := map[string]value{}
	if err := old.object(func(k string, v value) error { columns[k] = v; return nil }); err != nil {
		return nil, err
	}
	err = diff.object(func(k string, v value) (err error) {
		switch s.tables[table][k] {
		case several:
			columns[k], err = toggle(columns[k], v)
		case mapping:
			columns[k], err = remap(columns[k], v)
		case single:
			columns[k] = v
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	b := []byte{'{'}
	for i, k := range slices.Sorted(maps.Keys(columns)) {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), columns[k]...)
	}
	return append(b, '}'), nil
}

func toggle(old, diff value) (value, error) {
	have, err := old.atoms()
	if err != nil {
		return nil, err
	}
	came, err := diff.atoms()
	if err != nil {
		return nil, err
	}
	for _, a := range came {
		if i := slices.IndexFunc(have, func(h value) bool { return bytes.Equal(h, a) }); i >= 0 {
			have = slices.Delete(have, i, i+1)
		} else {
			have = append(have, a)
		}
	}
	return value(`["set",[` + string(bytes.Join(raw(have), []byte(","))) + `]]`), nil
}

func remap(old, diff value) (value, error) {
	type pair struct{ key, val value }
	var have []pair
	if err := old.pairs(func(k, v value) error { have = append(have, pair{k, v}); return nil }); err != nil {
		return nil, err
	}
	err := diff.pairs(func(k, v value) error {
		i := slices.IndexFunc(have, func(p pair) bool { return bytes.Equal(p.key, k) })
		switch {
		case i < 0:
			have = append(have, pair{k, v})
		case bytes.Equal(have[i].val, v):
			have = slices.Delete(have, i, i+1)
		default:
			have[i].val = v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	pairs := make([][]byte, len(have))
	for i, p := range have {
		pairs[i] = []byte("[" + string(p.key) + "," + string(p.val) + "]")
	}
	return value(`["map",[` + string(bytes.Join(pairs, []byte(","))) + `]]`), nil
}

func raw(all []value) [][]byte {
	b := make([][]byte, len(all))
	for i, v := range all {
		b[i] = v
	}
	return b
}
