package monitor

import "slices"

// device is a kind of netdev: what its counters contain differs.
type device int

const (
	otherDevice  device = iota // tunnels, patches and what is not known: they drop nothing of their own
	nicDevice                  // type=dpdk
	vhostDevice                // dpdkvhostuser and dpdkvhostuserclient
	kernelDevice               // internal, tap, system, afxdp
)

func deviceOf(interfaceType string) device {
	switch interfaceType {
	case "dpdk":
		return nicDevice
	case "dpdkvhostuser", "dpdkvhostuserclient":
		return vhostDevice
	case "internal", "tap", "system", "", "afxdp", "afxdp-nonpmd":
		return kernelDevice
	}
	return otherDevice
}

// Driver says which counters of a DPDK driver are leaves. rx_missed and
// rx_errors are of all of them: rte_ethdev.h defines them apart.
type Driver struct {
	Name string // Interface.status:driver_name
	// NoMbuf: rx_mbuf_allocation_errors counts packets that are lost. Of most
	// drivers it counts attempts, after which the packet waits in the queue, or
	// is missed and counted there.
	NoMbuf bool
	// TxErrors: tx_errors counts packets that the driver had taken. Of others it
	// counts those it did not take, which OVS drops and counts as tx failure.
	TxErrors bool
	// Where is the driver's source in DPDK 22.11.
	Where string
}

// Drivers returns the DPDK drivers whose sources were read; of others neither
// counter is taken for a leaf. The caller owns the slice.
func Drivers() []Driver {
	return []Driver{
		{"net_af_packet", false, true, "drivers/net/af_packet/rte_eth_af_packet.c, eth_af_packet_tx: returns them as sent"},
		{"net_bnxt", false, true, "drivers/net/bnxt/bnxt_stats.c: oerrors is the card's tx_discard_pkts"},
		{"net_e1000_em", false, true, "drivers/net/e1000/em_ethdev.c: oerrors are late and excessive collisions"},
		{"net_e1000_igb", false, true, "drivers/net/e1000/igb_ethdev.c: oerrors are late and excessive collisions"},
		{"net_i40e", false, true, "drivers/net/i40e/i40e_ethdev.c: oerrors is the card's tx_errors"},
		{"net_iavf", false, true, "drivers/net/iavf/iavf_ethdev.c: oerrors is the card's tx_errors and tx_discards"},
		{"net_ice", false, true, "drivers/net/ice/ice_ethdev.c: oerrors is the card's tx_errors"},
		{"net_ixgbe", false, false, "drivers/net/ixgbe/ixgbe_ethdev.c: oerrors is always 0"},
		{"mlx5_pci", false, false, "drivers/net/mlx5/mlx5_tx.h: oerrors counts what is not taken"},
		{"net_pcap", true, true, "drivers/net/pcap/pcap_ethdev.c: a packet of the file is lost; eth_pcap_tx_dumper returns all as sent"},
		{"net_tap", true, false, "drivers/net/tap/rte_eth_tap.c: the packet was read already; pmd_tx_burst counts what it does not take"},
		{"net_virtio", false, false, "drivers/net/virtio/virtio_ethdev.c: no oerrors"},
	}
}

// leafOf tells whether a counter of an interface is a leaf.
func leafOf(i *InterfaceSample, c *DropCause) bool {
	driver := func(has func(Driver) bool) bool {
		return slices.ContainsFunc(Drivers(), func(d Driver) bool { return d.Name == i.Driver && has(d) })
	}
	switch kind := deviceOf(i.Type); c.Counter {
	case "ovs_tx_failure_drops", "ovs_tx_mtu_exceeded_drops", "ovs_tx_qos_drops", "ovs_rx_qos_drops", "ovs_tx_invalid_hwol_drops", unexplainedCounter:
		return kind == nicDevice || kind == vhostDevice
	case "rx_missed_errors", "rx_errors":
		return kind == nicDevice || kind == kernelDevice
	case "rx_mbuf_allocation_errors":
		return kind == nicDevice && driver(func(d Driver) bool { return d.NoMbuf })
	case "tx_errors":
		return kind == kernelDevice || kind == nicDevice && driver(func(d Driver) bool { return d.TxErrors })
	case "rx_dropped", "tx_dropped":
		return kind == kernelDevice
	}
	return false
}
