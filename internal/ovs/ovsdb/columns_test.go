package ovsdb

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestColumnsExist: every column that is mirrored is in the schema of every
// release from OVS 2.17 on (vswitchd/vswitch.ovsschema).
func TestColumnsExist(t *testing.T) {
	files, err := filepath.Glob("testdata/*/Open_vSwitch.ovsschema")
	if err != nil || len(files) < 5 {
		t.Fatalf("schemas %v: %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Tables map[string]struct {
				Columns map[string]json.RawMessage
			}
		}
		if err := json.Unmarshal(data, &schema); err != nil {
			t.Fatal(err)
		}
		for table, model := range models() {
			for i := range reflect.TypeOf(model).Elem().NumField() {
				column := reflect.TypeOf(model).Elem().Field(i).Tag.Get("ovsdb")
				if _, found := schema.Tables[table].Columns[column]; !found && column != "_uuid" {
					t.Errorf("%s: table %s has no column %s", file, table, column)
				}
			}
		}
	}
}
