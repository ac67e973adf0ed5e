package ovsdb

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/ovn-kubernetes/libovsdb/client"
	"github.com/ovn-kubernetes/libovsdb/model"
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

// askSchema asks the server for its schema over a connection of its own.
func askSchema(ctx context.Context, endpoint string) (vswitch.Schema, error) {
	none, err := model.NewClientDBModel(Database, nil)
	if err != nil {
		return vswitch.Schema{}, err
	}
	db, err := client.NewOVSDBClient(none, client.WithEndpoint(endpoint))
	if err != nil {
		return vswitch.Schema{}, err
	}
	defer db.Close()
	if err := db.Connect(ctx); err != nil {
		return vswitch.Schema{}, err
	}
	return schemaOf(db.Schema()), nil
}

// checkSchema tells an operator what is missing before libovsdb does in its own words.
func checkSchema(s vswitch.Schema) error {
	for table, m := range models() {
		t := reflect.TypeOf(m).Elem()
		for i := range t.NumField() {
			column := t.Field(i).Tag.Get("ovsdb")
			if column != "_uuid" && !s.Has(vswitch.Table(table), column) {
				return fmt.Errorf("schema %s has no column %s.%s: Sluice needs the schema of OVS 2.17 or later", s.Version, table, column)
			}
		}
	}
	return nil
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
