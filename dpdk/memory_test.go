package dpdk_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// The sizes were read off netdev-dpdk/get-mempool-info of OVS 3.1.0 with DPDK
// 22.11 (total_obj_size), the classes follow lib/netdev-dpdk.c.
func TestObjectBytes(t *testing.T) {
	tests := []struct{ mtu, adjusted, object, shared int }{
		{68, 1134, 1984, 16384},
		{998, 1134, 1984, 16384},
		{999, 2158, 3008, 262144},
		{1500, 2158, 3008, 262144},
		{1800, 2158, 3008, 262144},
		{2022, 2158, 3008, 262144},
		{2023, 3182, 4032, 262144},
		{6000, 6254, 7104, 262144},
		{9000, 9326, 10176, 262144},
		{9702, 10350, 11200, 262144},
	}
	for _, tt := range tests {
		adjusted, object, shared := dpdk.AdjustedMTU(tt.mtu), dpdk.ObjectBytes(tt.mtu), dpdk.SharedMbufs(tt.mtu)
		if adjusted != tt.adjusted || object != tt.object || shared != tt.shared {
			t.Errorf("MTU %d: class %d, object %d bytes, %d mbufs; want %d, %d, %d",
				tt.mtu, adjusted, object, shared, tt.adjusted, tt.object, tt.shared)
		}
	}
}

func TestPages(t *testing.T) {
	perPort := dpdk.PortMbufs
	tests := []struct {
		name       string
		mbufs, mtu int
		pageKiB    uint64
		want       uint64
	}{
		{"shared 1500", 262144, 1500, 2048, 377},
		{"shared 9000", 262144, 9000, 2048, 1273},
		{"floor 1500", 16384, 1500, 2048, 24},
		{"per-port 1 rxq, 1 PMD, 1500", perPort(1, 2048, 2, 2048), 1500, 2048, 33},
		{"per-port 2 rxq, 2 PMDs, 9000", perPort(2, 2048, 3, 2048), 9000, 2048, 130},
		{"shared 1500 in 1 GiB pages", 262144, 1500, 1048576, 1},
		{"shared 9000 in 1 GiB pages", 262144, 9000, 1048576, 3},
	}
	for _, tt := range tests {
		if got := dpdk.Pages(tt.mbufs, tt.mtu, tt.pageKiB); got != tt.want {
			t.Errorf("%s: %d mbufs take %d pages, want %d", tt.name, tt.mbufs, got, tt.want)
		}
	}
}

func TestPortMbufs(t *testing.T) {
	tests := []struct{ rxq, rxd, txq, txd, want int }{
		{1, 2048, 2, 2048, 22560},
		{2, 2048, 3, 2048, 26688},
		{4, 2048, 9, 2048, 43136},
		{200, 64, 1, 64, 200*64 + 64 + 128*32 + 16384}, // RTE_MAX_LCORE bounds the bursts
	}
	for _, tt := range tests {
		if got := dpdk.PortMbufs(tt.rxq, tt.rxd, tt.txq, tt.txd); got != tt.want {
			t.Errorf("%d rxq, %d txq: %d mbufs, want %d", tt.rxq, tt.txq, got, tt.want)
		}
	}
}

func TestHalved(t *testing.T) {
	var tried []int
	for n, ok := 262144, true; ok; n, ok = dpdk.Halved(n) {
		tried = append(tried, n)
	}
	if len(tried) != 5 || tried[4] != 16384 {
		t.Errorf("a shared pool is tried with %v mbufs, want five sizes down to 16384", tried)
	}
	if n, ok := dpdk.Halved(22560); ok {
		t.Errorf("a port's own pool of 22560 mbufs is tried with %d too: below the floor", n)
	}
}

// TestMeasured holds the whole memory plan against what OVS 3.1.0 with DPDK
// 22.11 did, with dpdk-socket-mem and dpdk-socket-limit both set to so many MiB
// and one net_tap port: the size in netdev-dpdk/get-mempool-info.
func TestMeasured(t *testing.T) {
	tests := []struct{ mib, mtu, mbufs int }{
		{254, 1500, 65536},
		{202, 1500, 65536},
		{60, 1500, 16384},
		{24, 998, 0}, // "Failed to create memory pool for netdev p0, with MTU 998 on socket 0"
	}
	for _, tt := range tests {
		spec := byDefault()
		spec.Memory.Sockets, spec.Memory.Headroom = []int{tt.mib}, 0
		p, _ := dpdk.Decide(dpdk.Input{
			Topology: describedHost(t, smallVM), Spec: spec, PMDs: cpuset.Of(0), Release: "3.1.0",
			Bridges: phy(port("dpdk0", "net_tap0,iface=dtap0", queues(2), mtu(tt.mtu))),
		})
		if got := p.Memory[0].Pools[0].Mbufs; got != tt.mbufs {
			t.Errorf("%d MiB, MTU %d: %d mbufs are planned, OVS got %d", tt.mib, tt.mtu, got, tt.mbufs)
		}
	}
}
