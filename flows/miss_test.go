package flows_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestEachTableHasAMiss: what no other flow takes meets one, in every table, so that the
// switch never takes its own way with it.
func TestEachTableHasAMiss(t *testing.T) {
	rules, _ := flows.Compile(new(logical.Snapshot), flows.Local{})
	last := map[uint8]bool{}
	for _, f := range rules.Flows {
		if f.Priority == 0 && f.Match == "" {
			last[uint8(f.Table)] = true
		}
	}
	for _, table := range flows.Tables() {
		if !last[uint8(table)] {
			t.Errorf("table %s has no flow for what meets no other", table)
		}
	}
}
