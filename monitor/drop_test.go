package monitor

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// recordedInternals is testdata/internals.json: what the switch of
// testdata/snapshot.json told of its inside (and three offloaded flows, which
// no machine of ours has).
func recordedInternals(t *testing.T) InternalsSample {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "internals.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s InternalsSample
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDropCauses keeps the table whole: every cause once, every counter in one
// cause, advice everywhere.
func TestDropCauses(t *testing.T) {
	series, counters := map[string]bool{}, map[string]bool{}
	for _, c := range DropCauses() {
		name := string(c.Scope) + "/" + c.title()
		if series[name] || counters[string(c.Direction)+c.Counter] {
			t.Errorf("%s: twice, or its counter %s is", name, c.Counter)
		}
		series[name], counters[string(c.Direction)+c.Counter] = true, true
		if (c.Scope == DropPort) != (c.Direction == Rx || c.Direction == Tx) {
			t.Errorf("%s: direction %q", name, c.Direction)
		}
		for _, text := range []string{c.Means, c.Look, c.Do} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: not a sentence: %q", name, text)
			}
		}
		if c.Where == "" || c.Unproved != "" && !strings.HasSuffix(c.Unproved, ".") {
			t.Errorf("%s: no source, or a reason that is no sentence", name)
		}
		if c.Scope == DropProcess && !strings.Contains("\n"+coverageEvents, "\n"+c.Counter+" ") {
			t.Errorf("%s: OVS has no coverage counter %s", name, c.Counter)
		}
	}
}

// TestEveryDropCounter: each coverage counter whose name says drop is a cause,
// or is known to be none.
func TestEveryDropCounter(t *testing.T) {
	none := []string{"datapath_drop_hw_post_process_consumed", "datapath_drop_userspace_action_error"}
	for line := range strings.Lines(coverageEvents) {
		event := strings.Fields(line)[0]
		if !strings.Contains(event, "drop") || slices.Contains(none, event) {
			continue
		}
		if !slices.ContainsFunc(DropCauses(), func(c DropCause) bool { return c.Counter == event }) {
			t.Errorf("%s is no cause", event)
		}
	}
}

func TestDrops(t *testing.T) {
	stats := map[string]int64{
		"rx_dropped": 100, "tx_dropped": 90, "rx_errors": 5, "tx_errors": 4, "rx_missed_errors": 60, "rx_mbuf_allocation_errors": 33,
		"ovs_rx_qos_drops": 7, "ovs_tx_failure_drops": 20, "ovs_tx_mtu_exceeded_drops": 30, "ovs_tx_qos_drops": 10, "ovs_tx_invalid_hwol_drops": 1,
		"rx_q0_errors": 60, "rx_crc_err": 5,
	}
	for _, tt := range []struct {
		kind, driver string
		want         string
	}{
		{"dpdk", "net_tap", "rx missed 60, rx no_mbuf 33, rx errors 5, rx qos 7, tx failure 20, tx mtu_exceeded 30, tx qos 10, tx invalid_hwol 1, tx not_ready 29"},
		{"dpdk", "net_ice", "rx missed 60, rx errors 5, rx qos 7, tx failure 20, tx mtu_exceeded 30, tx qos 10, tx invalid_hwol 1, tx not_ready 29, tx errors 4"},
		{"dpdk", "mlx5_pci", "rx missed 60, rx errors 5, rx qos 7, tx failure 20, tx mtu_exceeded 30, tx qos 10, tx invalid_hwol 1, tx not_ready 29"},
		{"dpdk", "net_new", "rx missed 60, rx errors 5, rx qos 7, tx failure 20, tx mtu_exceeded 30, tx qos 10, tx invalid_hwol 1, tx not_ready 29"},
		{"dpdkvhostuserclient", "", "rx qos 7, tx failure 20, tx mtu_exceeded 30, tx qos 10, tx invalid_hwol 1, tx not_ready 29"},
		{"internal", "tun", "rx missed 60, rx errors 5, rx device 100, tx errors 4, tx device 90"},
		{"geneve", "", ""},
		{"patch", "", ""},
	} {
		i := InterfaceSample{Bridge: "br0", Interface: "p", Type: tt.kind, Driver: tt.driver, Statistics: stats}
		var got []string
		for _, d := range Drops(DropInput{Interfaces: []InterfaceSample{i}, Unexplained: map[string]uint64{"p": 29}}) {
			if d.Scope != DropPort || d.Bridge != "br0" || d.Interface != "p" {
				t.Errorf("%s: %+v", tt.kind, d)
			}
			got = append(got, string(d.Direction)+" "+d.Cause+" "+jsonOf(t, d.Packets))
		}
		want := strings.Split(tt.want, ", ") // in the order of the table; they come in that of the exposition
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(strings.Join(want, ", "), strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s of %s, -want +got:\n%s", tt.kind, tt.driver, diff)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDropsOfTheProcess: what was told is shown, what the release has and did
// not tell is 0, anything else is absent.
func TestDropsOfTheProcess(t *testing.T) {
	coverage := map[string]uint64{"drop_action_of_pipeline": 18, "netdev_soft_seg_drops": 2, "unixctl_received": 9, "vhost_tx_contention": 7}
	for _, tt := range []struct {
		version string
		want    map[string]uint64 // of a few causes
		absent  []string
	}{
		{"3.1.0-2+deb12u1", map[string]uint64{"of_pipeline": 18, "meter": 0, "send_prepare": 0, "soft_seg": 2}, []string{"tunnel_routing_failed", "hw_post_process", "hw_miss_recover"}},
		{"3.6.3", map[string]uint64{"of_pipeline": 18, "tunnel_routing_failed": 0}, []string{"send_prepare", "hw_post_process"}},
		{"4.0", map[string]uint64{"of_pipeline": 18, "hw_post_process": 0}, []string{"hw_miss_recover", "send_prepare"}},
		{"5.1.0", map[string]uint64{"of_pipeline": 18, "soft_seg": 2}, []string{"meter"}},
		{"", map[string]uint64{"of_pipeline": 18}, []string{"meter"}},
	} {
		got := map[string]uint64{}
		for _, d := range Drops(DropInput{OVSVersion: tt.version, Coverage: coverage}) {
			got[d.Cause] = d.Packets
		}
		for cause, want := range tt.want {
			if n, ok := got[cause]; !ok || n != want {
				t.Errorf("%s: %s = %d, %v, want %d", tt.version, cause, n, ok, want)
			}
		}
		for _, cause := range tt.absent {
			if n, ok := got[cause]; ok {
				t.Errorf("%s: %s = %d, want it absent", tt.version, cause, n)
			}
		}
	}
	if d := Drops(DropInput{OVSVersion: "3.1.0"}); d != nil {
		t.Errorf("coverage was not read, and %v is told", d)
	}
}

func TestDropPage(t *testing.T) {
	var page bytes.Buffer
	if err := WriteDropPage(&page); err != nil {
		t.Fatal(err)
	}
	for _, c := range DropCauses() {
		if strings.Count(page.String(), "\n### "+c.title()+"\n") != 1 {
			t.Errorf("%s: no section of its own", c.title())
		}
	}
	golden.Check(t, "../docs/drops.md", page.String())
}

// ledgerOf shows a ledger samples of one vhost port: at seconds after the
// start, tx_dropped, its causes together, and tx_packets.
func ledgerOf(version string, samples ...[4]int64) []int64 {
	var l DropLedger
	var told []int64
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, s := range samples {
		i := InterfaceSample{Interface: "v", Type: "dpdkvhostuserclient", Statistics: map[string]int64{
			"tx_dropped": s[1], "ovs_tx_failure_drops": s[2], "tx_packets": s[3],
		}}
		n, ok := l.Look(Snapshot{Taken: start.Add(time.Duration(s[0]) * time.Second), Switch: &SwitchSample{OVSVersion: version}, Interfaces: []InterfaceSample{i}})["v"]
		told = append(told, int64(n))
		if !ok {
			told[len(told)-1] = -1
		}
	}
	return told
}

func TestDropLedger(t *testing.T) {
	for name, tt := range map[string]struct {
		samples [][4]int64
		want    []int64
	}{
		"first sample tells nothing":    {[][4]int64{{0, 10, 4, 0}}, []int64{-1}},
		"the same numbers are no news":  {[][4]int64{{0, 10, 4, 0}, {1, 10, 4, 0}, {9, 10, 4, 0}, {10, 10, 4, 0}}, []int64{-1, 0, 0, 6}},
		"other numbers are":             {[][4]int64{{0, 10, 4, 0}, {1, 10, 4, 1}}, []int64{-1, 6}},
		"dropped between the two reads": {[][4]int64{{0, 14, 4, 0}, {5, 14, 14, 1}}, []int64{-1, 0}},
		"never down":                    {[][4]int64{{0, 10, 4, 0}, {5, 10, 4, 1}, {10, 30, 24, 2}, {15, 50, 44, 3}, {20, 50, 44, 4}}, []int64{-1, 6, 6, 6, 6}},
		"a guest came again":            {[][4]int64{{0, 10, 4, 9}, {5, 10, 4, 10}, {10, 0, 0, 0}, {15, 3, 0, 1}, {20, 3, 0, 2}}, []int64{-1, 6, 0, 0, 3}},
		"nothing explained":             {[][4]int64{{0, 0, 0, 0}, {5, 64, 0, 0}, {10, 64, 0, 1}}, []int64{-1, 0, 64}},
	} {
		for _, version := range []string{"2.17.12", "3.1.0"} {
			if diff := cmp.Diff(tt.want, ledgerOf(version, tt.samples...)); diff != "" {
				t.Errorf("%s, OVS %s, -want +got:\n%s", name, version, diff)
			}
		}
	}
}

// TestDropLedgerOfOldOVS: before 3.1 a port that is set up takes its total back to 0 and keeps its causes.
func TestDropLedgerOfOldOVS(t *testing.T) {
	samples := [][4]int64{{0, 10, 4, 9}, {5, 10, 4, 10}, {10, 0, 4, 0}, {15, 3, 5, 1}, {20, 3, 5, 2}, {25, 0, 0, 0}, {30, 2, 1, 1}, {35, 2, 1, 2}}
	want := []int64{-1, 6, 0, 0, 2, 0, 0, 1}
	for _, version := range []string{"2.17.12", "3.0.7"} {
		if diff := cmp.Diff(want, ledgerOf(version, samples...)); diff != "" {
			t.Errorf("OVS %s, -want +got:\n%s", version, diff)
		}
	}
}
