package monitor

import (
	"slices"
	"strings"
	"testing"
)

// TestKnownEvents: the table is in order, and a release has what its sources
// define, as counted in them.
func TestKnownEvents(t *testing.T) {
	var names []string
	for line := range strings.Lines(coverageEvents) {
		words := strings.Fields(line)
		if len(words) != 3 && (len(words) != 4 || words[3] != "?") {
			t.Errorf("line %q", line)
		}
		names = append(names, words[0])
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("the events are not in order, or one is there twice")
	}
	// The recorded switches told, hit or never hit: 155 (seven of them of later patch
	// releases), 151, and 190; four of the last two are of AF_XDP.
	for version, want := range map[string]int{
		"2.17.12": 148, "3.1.0": 147, "3.1.0-2+deb12u1": 147, "4.0": 186, "4.0.90": 186, "4.1.0": 0, "2.16.9": 0, "": 0, "three": 0,
	} {
		if got := len(KnownEvents(version)); got != want {
			t.Errorf("OVS %q has %d events, want %d", version, got, want)
		}
	}
}

// TestOpenstackExportersEvents: every coverage counter that
// openstack-network-exporter shows of ovs-vswitchd can be shown. Its others are
// of ovsdb-server, which has them alone.
func TestOpenstackExportersEvents(t *testing.T) {
	ours := map[string]bool{}
	for line := range strings.Lines(coverageEvents) {
		ours[strings.Fields(line)[0]] = true
	}
	ovsdbServer := []string{"raft_entry_serialize", "txn_forward_cancel", "txn_forward_complete", "txn_forward_create", "txn_forward_sent"}
	theirs := strings.Fields(openstackEvents)
	if len(theirs) != 179 {
		t.Fatalf("%d events", len(theirs))
	}
	for _, event := range theirs {
		if ours[event] == slices.Contains(ovsdbServer, event) {
			t.Errorf("%s: ours %v", event, ours[event])
		}
	}
}
