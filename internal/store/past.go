package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// past is what Run saw of a store, so that its client never goes back behind it: of a
// cluster how far its log was applied, as ovsdb-cs of Open vSwitch keeps it
// (min_index in lib/ovsdb-cs.c), and of a database its generation. A member that was
// away, or an old copy that is served again, has flows of keys that mean something
// else now.
//
// A database is known by the UUID of its Global row, which goes with every copy. One
// with another is another database and may be younger. An operator who means an old
// copy restores it: Restore counts on above all that was seen.
type past struct {
	mu    sync.Mutex
	index map[string]uint64 // by the cluster's id
	seq   map[logical.UUID]uint64
}

// staleError says that a server has less than was seen.
type staleError struct {
	what      string // "log index" or "generation"
	has, seen uint64
}

// Error says what to do where the old copy is meant.
func (e *staleError) Error() string {
	text := fmt.Sprintf("the server is behind: it has %s %d, and %d was seen", e.what, e.has, e.seen)
	if e.what == "generation" {
		text += " (an old copy that is meant to count again: sluicectl store backup, then store restore)"
	}
	return text
}

// holds is a *staleError when a server has less than was seen of its database.
func (p *past) holds(ctx context.Context, s *conn, state server) error {
	p.mu.Lock()
	least, seen := p.index[state.cluster], len(p.seq) > 0
	p.mu.Unlock()
	if state.index < least {
		return &staleError{"log index", state.index, least}
	}
	if !seen {
		return nil
	}
	results, err := s.transact(ctx, Database, selectOp("Global"))
	if err != nil {
		return err
	}
	rows, err := rowsOf(results[0])
	if err != nil {
		return err
	}
	for _, row := range rows {
		var r reader
		r.open(row)
		id, seq := read(&r, "_uuid", value.uuid), number[uint64](&r, "seq")
		if r.fault != nil {
			return r.fault
		}
		if err := p.generation(id, seq); err != nil {
			return err
		}
	}
	return nil
}

// note takes over how far a cluster's log was applied.
func (p *past) note(cluster string, index uint64) {
	if cluster == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index == nil {
		p.index = map[string]uint64{}
	}
	p.index[cluster] = max(p.index[cluster], index)
}

// take takes over the generation of a table-updates2 object. It is a *staleError when
// that is lower than what was seen: then none of it may be applied.
func (p *past) take(updates value) error {
	return updates.object(func(table string, rows value) error {
		if table != "Global" {
			return nil
		}
		return rows.object(func(key string, change value) error {
			id, err := logical.ParseUUID(key)
			if err != nil {
				return err
			}
			return change.object(func(how string, v value) error {
				var r reader
				r.open(v)
				if how == "delete" || how == "modify" && r.get("seq") == nil {
					return nil
				}
				seq := number[uint64](&r, "seq")
				if r.fault != nil {
					return r.fault
				}
				if err := p.generation(id, seq); err != nil {
					return err
				}
				p.mu.Lock()
				defer p.mu.Unlock()
				if p.seq == nil {
					p.seq = map[logical.UUID]uint64{}
				}
				p.seq[id] = seq
				return nil
			})
		})
	})
}

// generation is a *staleError when it is lower than what was seen of the database.
func (p *past) generation(id logical.UUID, seq uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seen := p.seq[id]; seq < seen {
		return &staleError{"generation", seq, seen}
	}
	return nil
}

// indexOf reads the optional column of a cluster's row in _Server.
func indexOf(r *reader) uint64 {
	return read(r, "index", func(v value) (uint64, error) {
		all, err := v.atoms()
		if err != nil || len(all) == 0 {
			return 0, err
		}
		return all[0].integer(1 << 62)
	})
}
