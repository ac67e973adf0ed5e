package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Backup writes the whole database of one moment, numbers and what hosts say of
// themselves included, in the form of ovsdb-client(1)'s backup: a standalone
// database file that ovsdb-server opens, and `ovsdb-client restore` takes back.
func (c *Client) Backup(ctx context.Context, w io.Writer, now time.Time) error {
	s, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer s.close()
	schema, err := s.call(ctx, "get_schema", Database)
	if err != nil {
		return err
	}
	kept, err := persistent(schema)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(kept))
	var ops []op
	for _, name := range names {
		o := selectOp(name)
		o["columns"] = append(kept[name], "_uuid")
		ops = append(ops, o)
	}
	results, err := s.transact(ctx, Database, ops...)
	if err != nil {
		return err
	}
	content := map[string]any{"_date": now.UnixMilli(), "_comment": "sluicectl store backup"}
	for i, name := range names {
		rows, err := backupRows(results[i])
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		if len(rows) > 0 {
			content[name] = rows
		}
	}
	first, err := logRecord(json.RawMessage(schema))
	if err != nil {
		return err
	}
	second, err := logRecord(content)
	if err != nil {
		return err
	}
	_, err = w.Write(append(first, second...))
	return err
}

// backupRows are a table's rows by their UUID, as the log has them.
func backupRows(result value) (map[string]map[string]json.RawMessage, error) {
	rows, err := rowsOf(result)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]json.RawMessage{}
	for _, row := range rows {
		columns := map[string]json.RawMessage{}
		var id string
		err := row.object(func(k string, v value) error {
			if k != "_uuid" {
				columns[k] = json.RawMessage(v)
				return nil
			}
			u, err := v.uuid()
			id = u.String()
			return err
		})
		if err != nil {
			return nil, err
		}
		all[id] = columns
	}
	return all, nil
}

// persistent are the columns of each table that the database file keeps.
func persistent(schema []byte) (map[string][]string, error) {
	var raw struct {
		Tables map[string]struct {
			Columns map[string]struct {
				Ephemeral bool `json:"ephemeral"`
			} `json:"columns"`
		} `json:"tables"`
	}
	if err := json.Unmarshal(schema, &raw); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	kept := map[string][]string{}
	for name, table := range raw.Tables {
		for column, c := range table.Columns {
			if !c.Ephemeral {
				kept[name] = append(kept[name], column)
			}
		}
		slices.Sort(kept[name])
	}
	return kept, nil
}
