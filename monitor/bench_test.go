package monitor

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// hostOf is a host with so many vhost ports, every second one connected, and
// four PMDs that poll their queues.
func hostOf(ports int) Snapshot {
	s := Snapshot{Taken: time.Unix(1700000000, 0), Switch: &SwitchSample{OVSVersion: "3.1.0", DPDKInitialized: ptr(true)}}
	for core := range 4 {
		count := uint64(core) * 1e9
		s.PMDs = append(s.PMDs, PMDSample{
			NUMA: core / 2, Core: core, Lookups: &Lookups{EMC: count, Megaflow: count / 10, Upcall: 7},
			Passes: &count, RxPackets: &count, TxPackets: &count, TxBatches: &count,
			UsedCycles: &count, BusyCycles: &count, IdleCycles: &count,
			BusyIterations: &count, IdleIterations: &count, SleepIterations: &count, Sleep: ptr(time.Duration(0)),
			Isolated: ptr(false), Overhead: ptr(0.01),
		})
	}
	for i := range ports {
		name := fmt.Sprintf("vhost%d", i)
		stats := map[string]int64{
			"ovs_tx_failure_drops": 1, "ovs_tx_mtu_exceeded_drops": 0, "ovs_tx_qos_drops": 0,
			"ovs_rx_qos_drops": 0, "ovs_tx_invalid_hwol_drops": 0, "ovs_tx_retries": 3,
		}
		connected := i%2 == 0
		if connected {
			for _, k := range []string{"rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_dropped", "tx_dropped", "rx_errors"} {
				stats[k] = int64(i) * 1e6
			}
			for size := range 60 {
				stats[fmt.Sprintf("rx_q0_size_%d_packets", size)] = 1
			}
		}
		s.Interfaces = append(s.Interfaces, InterfaceSample{
			Bridge: "br-int", Port: name, Interface: name, Type: "dpdkvhostuserclient",
			AdminUp: ptr(true), LinkUp: &connected, Connected: &connected, LinkResets: ptr[int64](0), MTU: ptr[int64](1500), Statistics: stats,
		})
		p := &s.PMDs[i%len(s.PMDs)]
		p.Queues = append(p.Queues, QueueSample{Interface: name, Enabled: connected, Usage: ptr(0.01)})
	}
	return s
}

// BenchmarkScrape is a whole scrape of /metrics, reading of the switch apart.
func BenchmarkScrape(b *testing.B) {
	for _, ports := range []int{64, 512} {
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			now := time.Unix(1700000000, 0)
			clock := func() time.Time { now = now.Add(time.Minute); return now } // no scrape shares another's snapshot
			handler := promhttp.HandlerFor(NewCollector(b.Context(), fixed{snapshot: hostOf(ports)}, Options{Now: clock}), promhttp.HandlerOpts{DisableCompression: true})
			request := httptest.NewRequestWithContext(b.Context(), "GET", "/metrics", nil)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, request)
				b.SetBytes(int64(w.Body.Len()))
			}
		})
	}
}
