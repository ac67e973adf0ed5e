package ovsdb

import (
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"
	"github.com/ovn-kubernetes/libovsdb/model"
)

// TestClone: a copy equals its original and shares nothing with it, in every
// column of every table.
func TestClone(t *testing.T) {
	for table, m := range models() {
		if _, ok := m.(model.CloneableModel); !ok {
			t.Errorf("table %s: copied through JSON", table)
			continue
		}
		original := full(t, m)
		into := reflect.New(reflect.TypeOf(m).Elem()).Interface()
		model.CloneInto(original, into)
		for how, copied := range map[string]model.Model{"Clone": model.Clone(original), "CloneInto": into} {
			if diff := cmp.Diff(original, copied); diff != "" {
				t.Errorf("table %s: %s (-original +copy):\n%s", table, how, diff)
			}
			for i := range reflect.ValueOf(copied).Elem().NumField() {
				field := reflect.TypeOf(copied).Elem().Field(i)
				is, was := reflect.ValueOf(copied).Elem().Field(i), reflect.ValueOf(original).Elem().Field(i)
				if shareable(is.Kind()) && is.Pointer() == was.Pointer() {
					t.Errorf("table %s: %s shares column %s with its original", table, how, field.Name)
				}
			}
		}
	}
}

func shareable(k reflect.Kind) bool {
	return k == reflect.Map || k == reflect.Slice || k == reflect.Pointer
}

// source makes the same rows in every run.
var source = rand.New(rand.NewSource(1))

// full returns a row of the same table with something in every column.
func full(t *testing.T, m model.Model) model.Model {
	t.Helper()
	row := reflect.New(reflect.TypeOf(m).Elem())
	for i := range row.Elem().NumField() {
		field := row.Elem().Field(i)
		for tries := 0; field.IsZero() || (field.Kind() == reflect.Map || field.Kind() == reflect.Slice) && field.Len() == 0; tries++ {
			v, ok := quick.Value(field.Type(), source)
			if !ok || tries > 100 {
				t.Fatalf("no value for %s", row.Type())
			}
			field.Set(v)
		}
	}
	return row.Interface()
}
