package store

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the checksum of OVSDB's log format, not a secret
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// cells are a row's columns, content the rows of a database by table and UUID.
type (
	cells   map[string]json.RawMessage
	content map[string]map[string]cells
)

// Saved is a database that was saved to a file.
type Saved struct {
	Version string // of its schema
	rows    content
}

// ParseSaved reads what Backup and `ovsdb-client backup` write, and any standalone
// database file that was compacted: two records of ovsdb/log.c, the schema and all
// rows. What differs from the server's form, columns left out that have their
// default value, is made good.
func ParseSaved(text []byte) (*Saved, error) {
	if bytes.HasPrefix(text, []byte("OVSDB CLUSTER ")) {
		return nil, errors.New("this is a member's own file: ovsdb-tool cluster-to-standalone NEW FILE makes one of it that can be restored")
	}
	schemaPart, rest, err := logPart(text)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	var schema savedSchema
	if err := json.Unmarshal(schemaPart, &schema); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if schema.Name != Database {
		return nil, fmt.Errorf("this is a database %q, not %s", schema.Name, Database)
	}
	s := &Saved{Version: schema.Version, rows: content{}}
	if len(rest) == 0 {
		return s, nil
	}
	body, rest, err := logPart(rest)
	if err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	if len(rest) > 0 {
		return nil, errors.New("the file has a history: ovsdb-tool compact FILE makes one of it that can be restored")
	}
	var tables map[string]json.RawMessage
	if err := json.Unmarshal(body, &tables); err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	for name, rows := range tables {
		if name[:min(1, len(name))] == "_" { // _date, _comment
			continue
		}
		if err := s.read(name, rows, &schema); err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
	}
	return s, nil
}

// logPart is the first record, and what follows it.
func logPart(text []byte) (record, rest []byte, err error) {
	head, body, ok := bytes.Cut(text, []byte("\n"))
	var size int
	var sum string
	if n, err := fmt.Sscanf(string(head), "OVSDB JSON %d %s", &size, &sum); !ok || err != nil || n != 2 {
		return nil, nil, fmt.Errorf("%.40q is not the head of a record of a database file", head)
	}
	if size < 0 || size > len(body) {
		return nil, nil, fmt.Errorf("the file ends after %d of %d bytes", len(body), size)
	}
	actual := sha1.Sum(body[:size]) //nolint:gosec // see above
	if hex.EncodeToString(actual[:]) != sum {
		return nil, nil, errors.New("the checksum is wrong: the file was changed or damaged")
	}
	return body[:size], body[size:], nil
}

// savedSchema is a schema, as far as the default values of columns need it.
type savedSchema struct {
	Name, Version string
	Tables        map[string]struct {
		Columns map[string]struct {
			Type      json.RawMessage
			Ephemeral bool
		}
	}
}

func (s *Saved) read(name string, text []byte, schema *savedSchema) error {
	table, ok := schema.Tables[name]
	if !ok {
		return errors.New("its own schema has no such table")
	}
	rows := map[string]cells{}
	if err := json.Unmarshal(text, &rows); err != nil {
		return err
	}
	for id, row := range rows {
		if row == nil {
			return fmt.Errorf("row %s is no row", id)
		}
		for _, column := range slices.Sorted(maps.Keys(row)) {
			if _, ok := table.Columns[column]; !ok {
				return fmt.Errorf("row %s: its own schema has no column %s", id, column)
			}
		}
		for column, c := range table.Columns {
			if _, ok := row[column]; !ok && !c.Ephemeral {
				row[column] = defaultOf(c.Type)
			}
		}
	}
	s.rows[name] = rows
	return nil
}

// defaultOf is the value of a column that nobody set, RFC 7047 section 5.2.1.
func defaultOf(kind json.RawMessage) json.RawMessage {
	var t struct {
		Key, Value, Min json.RawMessage
	}
	atomic := kind
	if json.Unmarshal(kind, &t) == nil {
		switch {
		case t.Value != nil && string(t.Min) == "0":
			return json.RawMessage(`["map",[]]`)
		case string(t.Min) == "0":
			return json.RawMessage(`["set",[]]`)
		}
		atomic = t.Key
		var key struct{ Type json.RawMessage }
		if json.Unmarshal(t.Key, &key) == nil {
			atomic = key.Type
		}
	}
	switch string(atomic) {
	case `"integer"`, `"real"`:
		return json.RawMessage("0")
	case `"boolean"`:
		return json.RawMessage("false")
	case `"uuid"`:
		return json.RawMessage(`["uuid","` + noID + `"]`)
	}
	return json.RawMessage(`""`)
}
