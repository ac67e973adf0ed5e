package pmd_test

import (
	"slices"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
)

// TestKeys: whatever any plan writes stands in Keys, once, under the name that
// the release of the plan reads.
func TestKeys(t *testing.T) {
	var names []string
	for _, k := range pmd.Keys() {
		if slices.Contains(names, k.Name) {
			t.Errorf("%s stands twice", k.Name)
		}
		names = append(names, k.Name)
	}
	for _, tt := range planTests {
		p, _ := pmd.Decide(describedHost(t, tt.host), tt.spec, tt.queues, tt.release)
		for _, name := range p.Settings.Names() {
			if !slices.ContainsFunc(pmd.Keys(), func(k vswitch.Key) bool {
				in, known := k.NameIn(tt.release)
				return known && in == name && k.Table == vswitch.OpenvSwitch
			}) {
				t.Errorf("%s: the plan writes %s, which OVS %s does not read", tt.name, name, tt.release)
			}
		}
		for _, f := range vswitch.NewReviewer(tt.release).Review(p.Settings, vswitch.OpenvSwitch) {
			t.Errorf("%s: %s", tt.name, f.What)
		}
	}
}
