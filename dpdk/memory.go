package dpdk

// The mempool arithmetic of lib/netdev-dpdk.c, the same from OVS 2.17 to 4.0.

const (
	maxFrameExtra = 26        // ETHER_HDR_MAX_LEN: Ethernet header, CRC and two VLAN tags
	minFrameExtra = 18        // RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN
	mbufAlign     = 1024      // NETDEV_DPDK_MBUF_ALIGN
	headroomBytes = 128       // RTE_PKTMBUF_HEADROOM
	packetBytes   = 704       // sizeof(struct dp_packet), which holds the rte_mbuf
	objectExtra   = 128       // rte_mempool's header and trailer of each object
	maxMbufs      = 4096 * 64 // MAX_NB_MBUF
	minMbufs      = 4096 * 4  // MIN_NB_MBUF
	burst         = 32        // NETDEV_MAX_BURST
	maxLCores     = 128       // RTE_MAX_LCORE of the x86 and arm builds
	etherMTU      = 1500      // RTE_ETHER_MTU

	page2M = 2048    // kB
	page1G = 1048576 // kB
)

// bufferBytes is dpdk_buf_size: what one packet buffer holds, headroom included.
func bufferBytes(mtu int) int {
	return (mtu+maxFrameExtra+mbufAlign-1)/mbufAlign*mbufAlign + headroomBytes
}

// AdjustedMTU returns the MTU class by which OVS shares mempools: all MTUs of
// one class use the same buffers, for instance 999 to 2022 the class 2158.
func AdjustedMTU(mtu int) int { return bufferBytes(mtu) - minFrameExtra }

// ObjectBytes returns the memory that one mbuf of an MTU takes in its pool:
// 3008 bytes for MTU 1500, 10176 for MTU 9000.
func ObjectBytes(mtu int) int { return bufferBytes(mtu) + packetBytes + objectExtra }

// SharedMbufs returns how many mbufs OVS asks for in a pool that ports share. It
// compares the adjusted MTU, so the small pool begins at MTU 998, not at 1499.
func SharedMbufs(mtu int) int {
	if AdjustedMTU(mtu) >= etherMTU {
		return maxMbufs
	}
	return minMbufs
}

// PortMbufs returns how many mbufs OVS asks for in a port's own pool
// (per-port-memory): what fills its rings, what PMDs hold, and a reserve.
func PortMbufs(rxQueues, rxDesc, txQueues, txDesc int) int {
	return rxQueues*rxDesc + txQueues*txDesc + min(maxLCores, rxQueues)*burst + minMbufs
}

// Halved returns the next smaller pool that dpdk_mp_create tries when memory
// does not suffice, or false at the floor of 16384 mbufs.
func Halved(mbufs int) (int, bool) {
	if mbufs/2 < minMbufs {
		return 0, false
	}
	return mbufs / 2, true
}

// Pages returns how many hugepages a pool takes. Objects do not straddle pages
// of 2 MiB; a page of 1 GiB serves several pools, so for those only the bytes
// of all pools together count.
func Pages(mbufs, mtu int, pageKiB uint64) uint64 {
	perPage := pageKiB * 1024 / uint64(ObjectBytes(mtu))
	return (uint64(mbufs) + perPage - 1) / perPage
}

// poolMiB returns a pool's memory in MiB: whole pages where they are small,
// its own bytes where a page serves several pools.
func poolMiB(mbufs, mtu int, pageKiB uint64) uint64 {
	if pageKiB == page1G {
		return (uint64(mbufs)*uint64(ObjectBytes(mtu)) + 1<<20 - 1) >> 20
	}
	return Pages(mbufs, mtu, pageKiB) * pageKiB / 1024
}

// roundToPages raises MiB to whole pages.
func roundToPages(mib, pageKiB uint64) uint64 {
	page := max(pageKiB/1024, 1)
	return (mib + page - 1) / page * page
}
