package monitor

import (
	"math/rand/v2"
	"testing"
)

// TestDropsNeverExceedTotals: of the recorded host, and of a thousand invented
// ones that keep OVS's own sums, the leaves of a port are never more than its
// total.
func TestDropsNeverExceedTotals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	hosts := [][]InterfaceSample{recordedHost(t).Interfaces}
	for range 1000 {
		hosts = append(hosts, inventedPorts(random))
	}
	for _, interfaces := range hosts {
		for _, i := range interfaces {
			checkTotals(t, i)
		}
	}
}

func checkTotals(t *testing.T, i InterfaceSample) {
	t.Helper()
	var l DropLedger
	later := i
	later.Statistics = map[string]int64{}
	for k, v := range i.Statistics {
		later.Statistics[k] = v
	}
	later.Statistics["rx_packets"]++
	l.Look(Snapshot{Interfaces: []InterfaceSample{i}})
	unexplained := l.Look(Snapshot{Interfaces: []InterfaceSample{later}})
	var rx, tx uint64
	for _, d := range Drops(DropInput{Interfaces: []InterfaceSample{i}, Unexplained: unexplained}) {
		switch {
		case d.Cause == "errors", d.Cause == "missed" && deviceOf(i.Type) == kernelDevice: // outside both totals
		case d.Direction == Rx:
			rx += d.Packets
		case d.Direction == Tx:
			tx += d.Packets
		}
	}
	if total, ok := i.Statistics["rx_dropped"]; ok && rx > uint64(max(total, 0)) {
		t.Errorf("%s (%s): rx causes are %d, rx_dropped %d: %v", i.Interface, i.Type, rx, total, i.Statistics)
	}
	if total, ok := i.Statistics["tx_dropped"]; ok && tx != uint64(max(total, 0)) && deviceOf(i.Type) != otherDevice {
		t.Errorf("%s (%s): tx causes are %d, tx_dropped %d: %v", i.Interface, i.Type, tx, total, i.Statistics)
	}
}

// inventedPorts are ports whose counters keep the sums of lib/netdev-dpdk.c:
// netdev_dpdk_get_stats adds rx_nombuf and imissed to what policers dropped,
// and every tx drop is in tx_dropped.
func inventedPorts(random *rand.Rand) []InterfaceSample {
	n := func() int64 { return random.Int64N(1000) }
	missed, noMbuf, policed := n(), n(), n()
	failure, mtu, limited, offload, notReady := n(), n(), n(), n(), n()
	nic := InterfaceSample{Interface: "nic", Type: "dpdk", Driver: Drivers()[random.IntN(len(Drivers()))].Name, Statistics: map[string]int64{
		"rx_missed_errors": missed, "rx_mbuf_allocation_errors": noMbuf, "ovs_rx_qos_drops": policed, "rx_dropped": missed + noMbuf + policed,
		"ovs_tx_failure_drops": failure, "ovs_tx_mtu_exceeded_drops": mtu, "ovs_tx_qos_drops": limited, "ovs_tx_invalid_hwol_drops": offload,
		"tx_dropped": failure + mtu + limited + offload + notReady, "rx_errors": n(), "tx_errors": n(), "rx_q0_errors": missed,
	}}
	guest := InterfaceSample{Interface: "guest", Type: "dpdkvhostuserclient", Statistics: map[string]int64{
		"ovs_rx_qos_drops": policed, "rx_dropped": policed, "rx_errors": n(), "tx_errors": 0,
		"ovs_tx_failure_drops": failure, "ovs_tx_mtu_exceeded_drops": mtu, "ovs_tx_qos_drops": limited, "ovs_tx_invalid_hwol_drops": offload,
		"tx_dropped": failure + mtu + limited + offload + notReady,
	}}
	tap := InterfaceSample{Interface: "tap", Type: "internal", Driver: "tun", Statistics: map[string]int64{
		"rx_dropped": n(), "tx_dropped": n(), "rx_errors": n(), "tx_errors": n(),
	}}
	return []InterfaceSample{nic, guest, tap}
}
