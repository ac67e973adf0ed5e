package store

import (
	"context"
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// op is one operation of a transaction, RFC 7047 section 5.2.
type op map[string]any

func insertOp(table, name string, r row) op {
	o := op{"op": "insert", "table": table, "row": r}
	if name != "" {
		o["uuid-name"] = name
	}
	return o
}

func updateOp(table string, id logical.UUID, r row) op {
	return op{"op": "update", "table": table, "where": []any{is("_uuid", uuidOf(id))}, "row": r}
}

func deleteOp(table string, where ...any) op {
	return op{"op": "delete", "table": table, "where": all(where)}
}

// is is one condition.
func is(column string, v any) any { return []any{column, "==", v} }

func all(where []any) []any {
	if where == nil {
		return []any{}
	}
	return where
}

// selectOp asks for all columns.
func selectOp(table string, where ...any) op {
	return op{"op": "select", "table": table, "where": all(where)}
}

// waitOp is a guard: the transaction is refused unless the row has these values.
func waitOp(table string, id logical.UUID, r row) op {
	columns := make([]string, 0, len(r))
	for c := range r {
		columns = append(columns, c)
	}
	return op{
		"op": "wait", "table": table, "timeout": 0, "columns": columns, "until": "==",
		"where": []any{is("_uuid", uuidOf(id))}, "rows": []any{r},
	}
}

// transact sends one transaction and returns the results of its operations. The
// error is a *RemoteError when the server refused it: nothing was done then.
func (c *conn) transact(ctx context.Context, database string, ops ...op) ([]value, error) {
	params := make([]any, 0, len(ops)+1)
	params = append(params, database)
	for _, o := range ops {
		params = append(params, o)
	}
	answer, err := c.call(ctx, "transact", params...)
	if err != nil {
		return nil, err
	}
	results, err := answer.array()
	if err != nil {
		return nil, fmt.Errorf("transact: %w", err)
	}
	// A constraint that only the whole violates is an error behind all results.
	for _, r := range results {
		var fault bool
		if len(r) > 0 && r[0] == '{' {
			if err := r.object(func(k string, _ value) error { fault = fault || k == "error"; return nil }); err != nil {
				return nil, fmt.Errorf("transact: %w", err)
			}
		}
		if fault {
			return nil, remoteError(r)
		}
	}
	if len(results) < len(ops) {
		return nil, fmt.Errorf("transact: %d results of %d operations", len(results), len(ops))
	}
	return results, nil
}

// rowsOf are the rows of a select's result.
func rowsOf(result value) ([]value, error) {
	var rows []value
	err := result.object(func(k string, v value) (err error) {
		if k == "rows" {
			rows, err = v.array()
		}
		return err
	})
	return rows, err
}

// countOf is the count of an update's, mutate's or delete's result.
func countOf(result value) (n uint64, err error) {
	err = result.object(func(k string, v value) (err error) {
		if k == "count" {
			n, err = v.integer(1 << 53)
		}
		return err
	})
	return n, err
}

// insertedOf is the UUID of an insert's result.
func insertedOf(result value) (id logical.UUID, err error) {
	err = result.object(func(k string, v value) (err error) {
		if k == "uuid" {
			id, err = v.uuid()
		}
		return err
	})
	return id, err
}
