package pmd_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/pmd"
)

func TestThreadCore(t *testing.T) {
	for name, want := range map[string]int{
		"pmd-c01/id:9": 1, "pmd-c127/id:104": 127, "pmd-c1000/id:10": 1000,
		"ovs-vswitchd": -1, "pmd-c": -1, "pmd-c01": -1, "pmd-c-1/id:9": -1, "handler7": -1, "pmd-c99999999999/id": -1, "": -1,
	} {
		core, ok := pmd.ThreadCore(name)
		if ok != (want >= 0) || ok && core != want {
			t.Errorf("%q: core %d, %v, want %d", name, core, ok, want)
		}
	}
}
