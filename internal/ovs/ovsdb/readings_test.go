package ovsdb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
)

// TestReadings: what vswitchd writes of an interface, and that an empty column
// is told from a 0.
func TestReadings(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	vsctl(t, h, "add-br", "br0")
	vsctl(t, h, "add-port", "br0", "p0")
	vsctl(t, h, "set", "Interface", "p0", "statistics:rx_packets=5", "statistics:tx_q0_good_bytes=9007199254740991",
		"link_resets=0", "lacp_current=false", "bfd_status:state=up", "bfd_status:flap_count=3")
	got, err := c.Readings(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	zero, not := int64(0), false
	want := map[string]ovsdb.Reading{
		"br0": {Statistics: map[string]int64{}},
		"p0": {
			Statistics: map[string]int64{"rx_packets": 5, "tx_q0_good_bytes": 9007199254740991},
			LinkResets: &zero, LACPCurrent: &not, BFD: map[string]string{"state": "up", "flap_count": "3"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}
