package ovsdb

import (
	"maps"
	"slices"

	"github.com/ovn-kubernetes/libovsdb/ovsdb"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// schemaOf reduces the server's schema (RFC 7047, section 3.2) to what writing
// text into columns needs.
func schemaOf(s ovsdb.DatabaseSchema) vswitch.Schema {
	out := vswitch.Schema{
		Version: s.Version,
		Columns: map[vswitch.Table][]string{},
		Types:   map[vswitch.Table]vswitch.ColumnMap{},
	}
	for name, table := range s.Tables {
		t := vswitch.Table(name)
		out.Columns[t] = slices.Sorted(maps.Keys(table.Columns))
		types := vswitch.ColumnMap{}
		for column, cs := range table.Columns {
			types[column] = columnType(cs)
		}
		out.Types[t] = types
	}
	return out
}

func columnType(cs *ovsdb.ColumnSchema) vswitch.ColumnType {
	switch cs.Type {
	case ovsdb.TypeMap:
		return vswitch.ColumnType{Kind: cs.TypeObj.Key.Type, Map: true, Empty: true}
	case ovsdb.TypeSet:
		return vswitch.ColumnType{Kind: cs.TypeObj.Key.Type, Set: cs.TypeObj.Max() != 1, Empty: cs.TypeObj.Min() == 0}
	case ovsdb.TypeEnum:
		return vswitch.ColumnType{Kind: cs.TypeObj.Key.Type, Empty: cs.TypeObj.Min() == 0}
	default:
		return vswitch.ColumnType{Kind: string(cs.Type)}
	}
}
