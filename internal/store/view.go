package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// view is what a change of the logical network looks at before it decides, and
// what it decided. All that it reads is of one generation, and the change is made
// only if that generation still holds: so changes are one after the other,
// whoever makes them.
type view struct {
	ctx    context.Context
	client *Client
	global logical.UUID
	seq    uint64 // of the generation that was read
	next   struct{ datapath, zone uint64 }
	ops    []op
	named  int
	found  *logical.Snapshot // what was read
	reader reader
}

// errMoved means that somebody changed the network in between.
var errMoved = errors.New("the store changed meanwhile")

// attempts bound how often a change is tried anew.
const attempts = 60

// change lets decide look and say what to do, and does it in one transaction. It
// does so again where others were faster.
func (c *Client) change(ctx context.Context, decide func(*view) error) error {
	for n := range attempts {
		err := c.attempt(ctx, decide)
		var remote *RemoteError
		again := errors.Is(err, errMoved) || errors.As(err, &remote) && (remote.Code == "timed out" || remote.Code == "constraint violation" && n < 2)
		if !again {
			return err
		}
		if remote != nil && remote.Code == "constraint violation" {
			continue
		}
		select {
		case <-ctx.Done():
			return errors.Join(ErrBusy, ctx.Err())
		case <-time.After(time.Duration(rand.Int64N(int64(n+1) * int64(2*time.Millisecond)))):
		}
	}
	return ErrBusy
}

func (c *Client) attempt(ctx context.Context, decide func(*view) error) error {
	v := &view{ctx: ctx, client: c, found: new(logical.Snapshot)}
	if err := v.open(); err != nil {
		return err
	}
	if err := decide(v); err != nil {
		return err
	}
	if len(v.ops) == 0 {
		return nil
	}
	guard := []op{
		waitOp("Global", v.global, row{"seq": v.seq}),
		updateOp("Global", v.global, row{"seq": v.seq + 1, "next_datapath": v.next.datapath, "next_zone": v.next.zone}),
	}
	_, err := c.transact(ctx, append(guard, v.ops...)...)
	return err
}

// open reads the row that counts, and makes it in an empty database.
func (v *view) open() error {
	results, err := v.client.transact(v.ctx, selectOp("Global"))
	if err != nil {
		return err
	}
	rows, err := rowsOf(results[0])
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		// maxRows refuses the second of two that do this together.
		_, err := v.client.transact(v.ctx, insertOp("Global", "", row{"seq": 0, "next_datapath": 1, "next_zone": 1}))
		if err != nil {
			return err
		}
		return errMoved
	}
	v.readGlobal(rows[0])
	return v.reader.fault
}

func (v *view) readGlobal(row value) {
	r := &v.reader
	r.open(row)
	v.global = read(r, "_uuid", value.uuid)
	v.seq = number[uint64](r, "seq")
	v.next.datapath, v.next.zone = number[uint64](r, "next_datapath"), number[uint64](r, "next_zone")
}

// query runs selects of the generation that is being looked at.
func (v *view) query(ops ...op) ([]value, error) {
	guarded := append([]op{waitOp("Global", v.global, row{"seq": v.seq})}, ops...)
	results, err := v.client.transact(v.ctx, guarded...)
	if err != nil {
		return nil, err
	}
	return results[1:], nil
}

// rows selects raw rows.
func (v *view) rows(table string, where ...any) ([]value, error) {
	results, err := v.query(selectOp(table, where...))
	if err != nil {
		return nil, err
	}
	return rowsOf(results[0])
}

// look selects rows, and adds them to what was found. A row that cannot be read is
// an error here: who changes it must know it.
func (v *view) look(ops ...op) error {
	results, err := v.query(ops...)
	if err != nil {
		return err
	}
	var put []logical.Entity
	for i, o := range ops {
		name, _ := o["table"].(string)
		t := tableNamed(name)
		if t == nil {
			return fmt.Errorf("table %s holds no entities", name)
		}
		entities, faults, err := t.entities(results[i])
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return faults[0]
		}
		put = append(put, entities...)
	}
	v.found, _ = v.found.With(logical.Changes{Put: put})
	return nil
}

// add appends operations to the change.
func (v *view) add(ops ...op) { v.ops = append(v.ops, ops...) }

// name makes a name for a row that the transaction inserts.
func (v *view) name() string {
	v.named++
	return fmt.Sprintf("row%d", v.named)
}

// named refers to a row that the transaction inserts.
func named(name string) any { return []any{"named-uuid", name} }

// check holds an entity to all rules, beside what was found.
func (v *view) check(e logical.Entity) error {
	if err := logical.Validate(e); err != nil {
		return &InvalidError{err}
	}
	return unlessOthers(v.found.ValidateIn(e))
}
