package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// shape says how the notifications of a column's changes are to be read: OVSDB
// sends the difference of sets and maps, and the new value of all else
// (ovsdb_datum_diff in lib/ovsdb-data.c).
type shape uint8

const (
	single shape = iota
	several
	mapping
)

// schema is what of a database's schema the client needs.
type schema struct {
	version string
	tables  map[string]map[string]shape
}

// parseSchema reads RFC 7047 section 3.2, the reply of get_schema too.
func parseSchema(text []byte) (*schema, error) {
	var raw struct {
		Version string `json:"version"`
		Tables  map[string]struct {
			Columns map[string]struct {
				Type json.RawMessage `json:"type"`
			} `json:"columns"`
		} `json:"tables"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s := &schema{version: raw.Version, tables: map[string]map[string]shape{}}
	for name, table := range raw.Tables {
		columns := map[string]shape{}
		for column, c := range table.Columns {
			var t struct {
				Value json.RawMessage `json:"value"`
				Max   json.RawMessage `json:"max"`
			}
			// A type may be the name of an atomic type alone.
			_ = json.Unmarshal(c.Type, &t)
			switch {
			case t.Value != nil:
				columns[column] = mapping
			case t.Max != nil && string(t.Max) != "1":
				columns[column] = several
			default:
				columns[column] = single
			}
		}
		s.tables[name] = columns
	}
	return s, nil
}

var builtIn = sync.OnceValues(func() (*schema, error) { return parseSchema(schemaText) })

// unread are the columns that no entity has.
var unread = []string{"external_ids", "next_port", "next_datapath", "next_zone", "connections"}

// columns are those of a table to be read, ascending; of a server with another
// version of the schema just those that it has.
func (s *schema) columns(table string) []string {
	ours, err := builtIn()
	if err != nil {
		return nil
	}
	var all []string
	for _, c := range slices.Sorted(maps.Keys(s.tables[table])) {
		if _, known := ours.tables[table][c]; known && !slices.Contains(unread, c) {
			all = append(all, c)
		}
	}
	return all
}
