package ovsdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ovn-kubernetes/libovsdb/client"
	"github.com/ovn-kubernetes/libovsdb/ovsdb"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// ErrChanged is returned when a row is no longer as the changes took it to be:
// somebody else wrote meanwhile. Nothing was written; observe and plan again.
var ErrChanged = errors.New("the database changed meanwhile")

// RefusedError is what the server said of a transaction; nothing of it was written.
type RefusedError struct {
	Operation string // the operation it names, or "commit"
	Reason    string // the server's words
}

// Error returns the server's words with the operation they are about.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the database refused %s: %s", e.Operation, e.Reason)
}

// Write makes the changes in one transaction and asks vswitchd to reconfigure.
// It returns the configuration number for WaitConfigured. All rows must be as
// in o, else nothing is written and the error is ErrChanged. Refused changes
// must not be passed. When it returns, Observe shows what was written.
func (c *Client) Write(ctx context.Context, o vswitch.Observed, changes []vswitch.Change) (int64, error) {
	t := newTransaction(o)
	for _, change := range changes {
		if err := t.add(change); err != nil {
			return 0, fmt.Errorf("%s: %w", change.ID, err)
		}
	}
	ops := t.operations()
	if len(ops) == 0 {
		return o.CurCfg, nil
	}
	root, _ := o.Row(vswitch.Root)
	ops = append(ops,
		ovsdb.Operation{
			Op: "mutate", Table: string(vswitch.OpenvSwitch), Where: isRow(root.UUID),
			Mutations: []ovsdb.Mutation{{Column: "next_cfg", Mutator: ovsdb.MutateOperationAdd, Value: 1}},
		},
		ovsdb.Operation{Op: "select", Table: string(vswitch.OpenvSwitch), Where: isRow(root.UUID), Columns: []string{"next_cfg"}},
	)
	results, err := c.transact(ctx, ops)
	if err != nil {
		return 0, err
	}
	rows := results[len(ops)-1].Rows
	if len(rows) != 1 {
		return 0, fmt.Errorf("read next_cfg: %d rows", len(rows))
	}
	n, ok := rows[0]["next_cfg"].(float64)
	if !ok {
		return 0, fmt.Errorf("read next_cfg: %v is no number", rows[0]["next_cfg"])
	}
	return int64(n), c.mirrored(ctx, int64(n))
}

// mirrored waits until the mirror holds a transaction of ours: who looked before
// would plan it once more.
func (c *Client) mirrored(ctx context.Context, cfg int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transactTimeout)
	defer cancel()
	if err := c.waitRoot(ctx, func(root openvSwitch) bool { return int64(root.NextCfg) >= cfg }); err != nil {
		return fmt.Errorf("wait for the mirror to show configuration %d: %w", cfg, err)
	}
	return nil
}

// transactTimeout bounds one transaction: a server that is stopped or hangs must
// not stop the daemon with it.
const transactTimeout = 10 * time.Second

func (c *Client) transact(ctx context.Context, ops []ovsdb.Operation) ([]ovsdb.OperationResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Once it is sent it is waited for, even when the caller leaves: whether it
	// was made must be known.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transactTimeout)
	defer cancel()
	results, err := c.db.Transact(ctx, ops...)
	switch {
	case errors.Is(err, client.ErrNotConnected), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("transaction: %w", ErrClosed)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("transaction: no answer from ovsdb-server: %w", err)
	case err != nil:
		return nil, fmt.Errorf("transaction: %w", err)
	}
	for i, r := range results {
		if r.Error == "" {
			continue
		}
		name := "commit"
		if i < len(ops) {
			name = ops[i].Op + " " + ops[i].Table
			if ops[i].Op == ovsdb.OperationWait {
				return nil, ErrChanged
			}
		}
		return nil, &RefusedError{Operation: name, Reason: strings.TrimSpace(r.Error + ": " + r.Details)}
	}
	if len(results) < len(ops) {
		return nil, fmt.Errorf("transaction: %d results for %d operations", len(results), len(ops))
	}
	return results, nil
}

// WaitConfigured returns when vswitchd has carried out configuration cfg.
func (c *Client) WaitConfigured(ctx context.Context, cfg int64) (vswitch.Observed, error) {
	var now int
	err := c.waitRoot(ctx, func(root openvSwitch) bool { now = root.CurCfg; return int64(now) >= cfg })
	if err != nil {
		return vswitch.Observed{}, fmt.Errorf("wait for vswitchd to reach configuration %d (now %d): %w", cfg, now, err)
	}
	return c.Observe(ctx)
}

// waitRoot waits for the root row alone: while vswitchd configures, the other
// rows change a hundred times, and copying them all takes its core away from it.
func (c *Client) waitRoot(ctx context.Context, ok func(openvSwitch) bool) error {
	changed, stop := c.Subscribe()
	defer stop()
	for {
		var roots []openvSwitch
		if err := c.list(ctx, &roots); err != nil {
			return err
		}
		if len(roots) == 1 && ok(roots[0]) {
			return nil
		}
		select {
		case <-changed:
		case <-c.Done():
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Statistics reads the counters of all interfaces, by interface name. They are
// not mirrored; each call asks the server.
func (c *Client) Statistics(ctx context.Context) (map[string]map[string]int64, error) {
	readings, err := c.Readings(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]int64, len(readings))
	for name, r := range readings {
		out[name] = r.Statistics
	}
	return out, nil
}

func isRow(uuid string) []ovsdb.Condition {
	return []ovsdb.Condition{ovsdb.NewCondition("_uuid", ovsdb.ConditionEqual, ovsdb.UUID{GoUUID: uuid})}
}
