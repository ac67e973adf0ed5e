package monitor

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// recordedIPFIX is a collector that has heard of one guest.
func recordedIPFIX() *IPFIX {
	guest := ipfix.Port{Bridge: "br-int", Interface: "vhu1", Logical: "vm-1"}
	return &IPFIX{
		Listening: true, Drops: 4, Limit: 2000, Newest: time.Unix(1_700_000_000, 250e6), Hidden: ipfix.Count{Packets: 9, Bytes: 900},
		Decoder: ipfix.Stats{Messages: 12, Flows: 10, Options: 1, Lost: 3, Received: 88, BuiltIn: 1, Malformed: map[ipfix.Reason]uint64{ipfix.ReasonLength: 2}},
		Traffic: map[ipfix.Series]ipfix.Count{
			{Port: guest, Direction: ipfix.Egress, Protocol: "udp", Peer: "nfv-02"}: {Packets: 800, Bytes: 51200},
		},
		Exporters: []ExporterSample{{Bridge: "br-int", CollectorSet: "4739", ExporterStats: ipfix.ExporterStats{Flows: 10, SampledPackets: 11, IPv4Errors: 1, TxMessages: 12, TxErrors: 3}}},
	}
}

// withIPFIX lets a recorder tell of flow records.
func withIPFIX(r *Recorder) { r.IPFIX(recordedIPFIX) }

// TestRecorderIPFIX: while no flow records are collected nothing of them is shown, 0
// least of all; afterwards what the collector and OVS's exporters have.
func TestRecorderIPFIX(t *testing.T) {
	var told *IPFIX
	r := NewRecorder(Build{})
	r.IPFIX(func() *IPFIX { return told })
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(r)
	if got := scrape(t, registry); strings.Contains(got, "ipfix") {
		t.Errorf("shown without a collector:\n%s", got)
	}
	told = recordedIPFIX()
	got := scrape(t, registry)
	for _, want := range []string{
		`sluice_ipfix_listening 1`,
		`sluice_ipfix_traffic_packets_total{bridge="br-int",direction="tx",interface="vhu1",peer="nfv-02",port="vm-1",protocol="udp"} 800`,
		`sluice_ipfix_traffic_bytes_total{bridge="br-int",direction="tx",interface="vhu1",peer="nfv-02",port="vm-1",protocol="udp"} 51200`,
		`sluice_ipfix_series 2`,
		`sluice_ipfix_series_limit 2000`,
		`sluice_ipfix_hidden_packets_total 9`,
		`sluice_ipfix_hidden_bytes_total 900`,
		`sluice_ipfix_records_total{kind="flow"} 10`,
		`sluice_ipfix_lost_records_total 3`,
		`sluice_ipfix_malformed_total{reason="length"} 2`,
		`sluice_ipfix_malformed_total{reason="short"} 0`,
		`sluice_ipfix_socket_drops_total 4`,
		`sluice_ipfix_templates{state="built_in"} 1`,
		`sluice_ipfix_last_record_timestamp_seconds 1.70000000025e+09`,
		`ovs_ipfix_sampled_packets_total{bridge="br-int",collector_set="4739"} 11`,
		`ovs_ipfix_sample_errors_total{bridge="br-int",collector_set="4739",family="ipv4"} 1`,
		`ovs_ipfix_tx_errors_total{bridge="br-int",collector_set="4739"} 3`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("the scrape lacks %s:\n%s", want, got)
		}
	}
}
