package monitor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// script is a source that gives one snapshot after the other, and the last for ever.
type script struct {
	mu    sync.Mutex
	steps []Snapshot
}

func (s *script) Snapshot(context.Context) (Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	is := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	return is, nil
}

// TestHistory: counters that run backwards are shown as they are and counted once
// each time, over a snapshot that lacks them too; faults are counted when something
// was tried.
func TestHistory(t *testing.T) {
	iface := func(name string, rx int64) InterfaceSample {
		return InterfaceSample{Bridge: "br", Interface: name, Statistics: map[string]int64{"rx_packets": rx, "ovs_tx_retries": 9}}
	}
	thread := func(passes uint64) PMDSample { return PMDSample{Core: 1, Passes: &passes} }
	broken := errors.New("broken")
	fails := func(fault Fault, again bool) []CollectorResult {
		return []CollectorResult{{Name: "c", Error: broken, Fault: fault, Again: again}}
	}
	steps := []Snapshot{
		{Interfaces: []InterfaceSample{iface("a", 100), iface("b", 5)}, PMDs: []PMDSample{thread(50)}},
		{Interfaces: []InterfaceSample{iface("a", 120), iface("b", 5)}, PMDs: []PMDSample{thread(60)}, Collectors: fails(FaultGarbled, false)},
		{Collectors: fails(FaultGarbled, true)}, // ovs-vswitchd is restarting
		{Interfaces: []InterfaceSample{iface("a", 3), iface("b", 6)}, PMDs: []PMDSample{thread(1)}, Collectors: fails("", false)},
		{Interfaces: []InterfaceSample{iface("a", 2), iface("b", -1)}, PMDs: []PMDSample{thread(2)}, Collectors: fails(FaultSilent, false)},
		{Interfaces: []InterfaceSample{iface("b", 6)}, PMDs: []PMDSample{thread(2)}},
		{Interfaces: []InterfaceSample{iface("a", 1), iface("b", 6)}, PMDs: []PMDSample{thread(2)}},
	}
	want := []string{
		"a 0, b 0, thread 0", "a 0, b 0, thread 0, garbled 1", "garbled 1", "a 1, b 0, thread 1, failed 1, garbled 1",
		"a 2, b 0, thread 1, failed 1, garbled 1, silent 1", "b 0, thread 1, failed 1, garbled 1, silent 1", "a 0, b 0, thread 1, failed 1, garbled 1, silent 1",
	}
	now := &clock{now: time.Unix(1700000000, 0)}
	registry := hostRegistryAt(t, &script{steps: steps}, now.Now)
	for i, w := range want {
		var got []string
		for line := range strings.Lines(scrape(t, registry)) {
			for prefix, name := range map[string]string{
				`ovs_interface_statistics_resets_total{bridge="br",interface="a"} `: "a",
				`ovs_interface_statistics_resets_total{bridge="br",interface="b"} `: "b",
				`ovs_pmd_statistics_resets_total{core="1",numa="0"} `:               "thread",
				`sluice_collector_failures_total{collector="c",fault="failed"} `:    "failed",
				`sluice_collector_failures_total{collector="c",fault="garbled"} `:   "garbled",
				`sluice_collector_failures_total{collector="c",fault="silent"} `:    "silent",
			} {
				if value, ok := strings.CutPrefix(line, prefix); ok {
					got = append(got, name+" "+strings.TrimSpace(value))
				}
			}
		}
		if s := strings.Join(got, ", "); s != w {
			t.Errorf("after snapshot %d: %s, want %s", i, s, w)
		}
		now.add(2 * time.Second)
	}
}

// TestHistoryForgets: interfaces that come and go leave nothing behind.
func TestHistoryForgets(t *testing.T) {
	h := newHistory()
	for i := range 1000 {
		stats := map[string]int64{"rx_packets": 1}
		h.look(Snapshot{
			Interfaces: []InterfaceSample{{Interface: "always", Statistics: stats}, {Interface: fmt.Sprint("i", i), Statistics: stats}},
			PMDs:       []PMDSample{{Core: i}},
		})
	}
	if len(h.ifaces) != 2 || len(h.threads) != 1 || len(h.failures) != 0 {
		t.Errorf("it remembers %d interfaces, %d threads and %d failures", len(h.ifaces), len(h.threads), len(h.failures))
	}
}

func TestIdentityOf(t *testing.T) {
	for name, tt := range map[string]struct {
		ids  map[string]string
		want *Identity
	}{
		"nothing":      {map[string]string{"sluice-owner": "profile"}, nil},
		"nova":         {map[string]string{"iface-id": "p1", "vm-uuid": "u1", "attached-mac": "02:00:00:00:00:01", "iface-status": "active"}, &Identity{LogicalPort: "p1", VM: "u1", MAC: "02:00:00:00:00:01"}},
		"libvirt":      {map[string]string{"iface-id": "p1", "vm-id": "u2"}, &Identity{LogicalPort: "p1", VM: "u2"}},
		"kube-ovn":     {map[string]string{"iface-id": "web-0.shop", "pod_name": "web-0", "pod_namespace": "shop", "vendor": "kube-ovn"}, &Identity{LogicalPort: "web-0.shop", Pod: "web-0", Namespace: "shop"}},
		"antrea":       {map[string]string{"pod-name": "web-0", "pod-namespace": "shop", "container-id": "c"}, &Identity{Pod: "web-0", Namespace: "shop"}},
		"ovn":          {map[string]string{"iface-id": "shop_web-0", "sandbox": "s1", "attached_mac": "0a:58:0a:00:00:01"}, &Identity{LogicalPort: "shop_web-0", MAC: "0a:58:0a:00:00:01", Pod: "web-0", Namespace: "shop"}},
		"ovn second":   {map[string]string{"iface-id": "net1_shop_web-0", "sandbox": "s1"}, &Identity{LogicalPort: "net1_shop_web-0", Pod: "web-0", Namespace: "shop"}},
		"underscores":  {map[string]string{"iface-id": "a_b"}, &Identity{LogicalPort: "a_b"}},
		"empty values": {map[string]string{"iface-id": "", "vm-uuid": ""}, nil},
	} {
		got := IdentityOf(tt.ids)
		if (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// TestIdentitiesAreBounded: neither many interfaces nor long values make the scrape
// grow without end, and what is hidden is told.
func TestIdentitiesAreBounded(t *testing.T) {
	var s Snapshot
	long := strings.Repeat("ü", 100)
	for i := range maxIdentities + 5 {
		s.Interfaces = append(s.Interfaces, InterfaceSample{Bridge: "br", Interface: fmt.Sprint("i", i), Identity: &Identity{LogicalPort: long, VM: "\xff"}})
	}
	got := scrape(t, hostRegistry(t, fixed{snapshot: s}, time.Unix(0, 0)))
	if n := strings.Count(got, "\novs_interface_identity_info{"); n != maxIdentities {
		t.Errorf("%d identities, want %d", n, maxIdentities)
	}
	if want := `ovs_interface_identity_info{bridge="br",interface="i0",logical_port="` + long[:128] + `",mac="",namespace="",pod="",vm="` + "\uFFFD" + `"} 1`; !strings.Contains(got, want) {
		t.Errorf("not shown: %s", want)
	}
	if !strings.Contains(got, "\nsluice_identities_hidden 5\n") {
		t.Error("what was left out is not told")
	}
	for i, want := range map[string]int{strings.Repeat("x", 129): 128, strings.Repeat("x", 127) + "ü": 127, strings.Repeat("\x80", 200): 124} {
		if got := clipped(i); len(got) != want {
			t.Errorf("%d bytes left of %.5q…, want %d", len(got), i, want)
		}
	}
}

func TestQueueStatistic(t *testing.T) {
	for name, want := range map[string]string{
		"rx_q0_good_packets": "ovs_interface_queue_packets_total rx 0", "tx_q15_bytes": "ovs_interface_queue_bytes_total tx 15",
		"rx_q1_guest_notifications": "ovs_interface_queue_guest_notifications_total rx 1", "rx_q3_errors": "ovs_interface_queue_errors_total rx 3",
		"tx_q0_broadcast_packets": "ovs_interface_queue_broadcast_packets_total tx 0", "rx_q0_multicast_packets": "ovs_interface_queue_multicast_packets_total rx 0",
		"rx_packets": "", "rx_q_packets": "", "rx_q0packets": "", "rx_q-1_packets": "", "rx_q123456_packets": "", "bx_q0_packets": "",
		"rx_q0_size_64_packets": "", "rx_qos_packets": "", "ovs_rx_qos_drops": "", "": "", "_": "", "rx_q": "",
	} {
		got := ""
		if k, direction, queue, ok := queueStatistic(name); ok {
			got = table()[k].Name + " " + direction + " " + queue
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestWithoutQueues: a set that is switched off is gone, and nothing else.
func TestWithoutQueues(t *testing.T) {
	host := recordedHost(t)
	now := func() time.Time { return host.Taken }
	all, without := NewCollector(t.Context(), fixed{snapshot: host}, Options{Now: now}), NewCollector(t.Context(), fixed{snapshot: host}, Options{Now: now, Without: []Set{Queue}})
	names := func(c *Collector) map[string]int {
		m := map[string]int{}
		families, err := c.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			m[f.GetName()] = len(f.GetMetric())
		}
		return m
	}
	shown, left := names(all), names(without)
	for _, m := range Table() {
		want := shown[m.Name]
		if m.Set == Queue {
			want = 0
		}
		if left[m.Name] != want {
			t.Errorf("%s: %d series without queues, want %d", m.Name, left[m.Name], want)
		}
	}
}
