package openflow_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// The recordings are of OVS 3.1.0 while ovs-ofctl printed this of the same bridge:
//
//	table 0: active=2, lookup=8, matched=8
//	table 1 and 2: active=0, lookup=0, matched=0
//	table 3: active=1
//	meter:7 flow_count:0 packet_in_count:0 byte_in_count:0 bands: 0: packet_count:0 byte_count:0
//	meter:9 flow_count:1 packet_in_count:8 byte_in_count:208 bands: 0: packet_count:1 byte_count:26 1: packet_count:6 byte_count:156
func TestTableStats(t *testing.T) {
	var got []openflow.TableCounts
	for _, m := range messages(t, "table-stats.bin") {
		if err := openflow.ParseTableStats(m, func(s openflow.TableCounts) { got = append(got, s) }); err != nil {
			t.Fatal(err)
		}
	}
	want := []openflow.TableCounts{{Table: 0, Active: 2, Lookups: 8, Matched: 8}, {Table: 1}, {Table: 2}, {Table: 3, Active: 1}}
	if len(got) != 254 {
		t.Fatalf("%d tables, want 254", len(got))
	}
	if diff := cmp.Diff(want, got[:4]); diff != "" {
		t.Error(diff)
	}
}

func TestMeterStats(t *testing.T) {
	var got []openflow.MeterCounts
	for _, m := range messages(t, "meter-stats.bin") {
		if err := openflow.ParseMeterStats(m, func(s openflow.MeterCounts) { got = append(got, s) }); err != nil {
			t.Fatal(err)
		}
	}
	want := []openflow.MeterCounts{
		{ID: 7, Bands: []openflow.BandCounts{{}}},
		{ID: 9, Flows: 1, Packets: 8, Bytes: 208, Bands: []openflow.BandCounts{{Packets: 1, Bytes: 26}, {Packets: 6, Bytes: 156}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestShortStats: a reply that ends in the middle of an entry, or is another's, is refused.
func TestShortStats(t *testing.T) {
	tables, meters := messages(t, "table-stats.bin")[0], messages(t, "meter-stats.bin")[0]
	ignoreTable, ignoreMeter := func(openflow.TableCounts) {}, func(openflow.MeterCounts) {}
	for name, err := range map[string]error{
		"tables cut":      openflow.ParseTableStats(tables[:len(tables)-1], ignoreTable),
		"meters cut":      openflow.ParseMeterStats(meters[:len(meters)-1], ignoreMeter),
		"meters' tables":  openflow.ParseTableStats(meters, ignoreTable),
		"tables' meters":  openflow.ParseMeterStats(tables, ignoreMeter),
		"half of a head":  openflow.ParseMeterStats(meters[:12], ignoreMeter),
		"a band too much": openflow.ParseMeterStats(append(meters[:20:20], 0, 41), ignoreMeter),
	} {
		if !errors.Is(err, openflow.ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", name, err)
		}
	}
}

// TestStatsRequests: the bytes as ovs-ofctl 3.1.0 sends them, but for the id.
func TestStatsRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		got  []byte
		want string
	}{
		"tables": {openflow.AppendTableStatsRequest(nil, 7), "06120010000000070003000000000000"},
		"meters": {openflow.AppendMeterStatsRequest(nil, 7, openflow.AllMeters), "06120018000000070009000000000000ffffffff00000000"},
	} {
		if got := hex.EncodeToString(tt.got); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
