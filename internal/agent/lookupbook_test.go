package agent

import (
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// TestLookupBook: what is compared is at least lookupWindow apart, is judged while it
// is new, and by what the database asks.
func TestLookupBook(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	settings := func(set vswitch.Settings) vswitch.Observed {
		root := vswitch.ObservedRow{}
		root.ID, root.Settings = vswitch.Root, set
		return vswitch.Observed{Rows: []vswitch.ObservedRow{root}}
	}
	var book lookupBook
	look := func(after time.Duration, passes, emc uint64) {
		book.look([]monitor.PMDSample{{Core: 1, Passes: &passes, Lookups: &monitor.Lookups{EMC: emc, Megaflow: passes - emc}}}, start.Add(after))
	}
	says := func(after time.Duration, set vswitch.Settings) bool {
		return len(book.findings(settings(set), start.Add(after))) > 0
	}
	look(0, 0, 0)
	look(5*time.Second, 1_000_000, 0)
	if says(5*time.Second, nil) {
		t.Error("it judges what is 5 s apart")
	}
	look(10*time.Second, 2_000_000, 0)
	if !says(10*time.Second, nil) {
		t.Error("no packet ended in the cache, and it says nothing")
	}
	if says(10*time.Second, vswitch.Settings{"other_config:emc-insert-inv-prob": "0"}) {
		t.Error("the cache is off, and it says that it answers nothing")
	}
	if says(10*time.Second+lookupsOld+time.Second, nil) {
		t.Error("it judges what is old")
	}
	look(20*time.Second, 3_000_000, 1_000_000)
	if says(20*time.Second, nil) {
		t.Error("all packets ended in the cache, and it says that they do not")
	}
	look(time.Hour, 9_000_000, 1_000_000)
	look(time.Hour+time.Second, 9_500_000, 1_000_000)
	if says(time.Hour+time.Second, nil) {
		t.Error("it compares over an hour in which nobody looked")
	}
}

// TestVhostBook: what is counted is what was seen since the first look.
func TestVhostBook(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var book vhostBook
	look := func(second int, status string) {
		row := vswitch.ObservedRow{Status: &vswitch.InterfaceStatus{Status: map[string]string{}}}
		if status != "" {
			row.Status.Status["status"] = status
		}
		row.ID, row.Settings = vswitch.ID{Table: vswitch.IfaceTable, Name: "vm1"}, vswitch.Settings{"type": "dpdkvhostuserclient"}
		book.look(vswitch.Observed{Rows: []vswitch.ObservedRow{row}}, start.Add(time.Duration(second)*time.Second))
	}
	is := func(what string, second int, reconnects uint64) {
		t.Helper()
		want := start.Add(time.Duration(second) * time.Second)
		if second < 0 {
			want = time.Time{}
		}
		if at, n := book.of("vm1"); !at.Equal(want) || n != reconnects {
			t.Errorf("%s: changed at %v, %d reconnects; want %v and %d", what, at, n, want, reconnects)
		}
	}
	look(0, "disconnected")
	is("first look", -1, 0)
	look(5, "connected")
	is("it comes", 5, 0)
	look(6, "connected")
	is("it stays", 5, 0)
	look(7, "disconnected")
	is("it leaves", 7, 0)
	look(9, "connected")
	is("it comes again", 9, 1)
	book.look(vswitch.Observed{}, start.Add(10*time.Second))
	is("the port is gone", -1, 0)
	look(11, "connected")
	is("another port of that name", -1, 0)
}
