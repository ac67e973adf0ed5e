package appctl

import (
	"io"
	"strconv"
	"strings"
)

// Mempool is one of DPDK's pools of packet buffers.
type Mempool struct {
	// Name begins with "ovs" for the pools of ports.
	Name       string
	Socket     int    // NUMA node; -1 = any
	Size       uint64 // buffers it was made for
	Populated  uint64 // buffers it has
	ObjectSize uint64 // bytes of one, with header and trailer
	Cached     uint64 // free ones in the caches of the cores
	Common     uint64 // free ones besides
}

// InUse returns how many buffers are taken, by packets under way and by the
// receive rings of devices.
func (m Mempool) InUse() uint64 {
	free := min(m.Cached+m.Common, m.Populated) // the counts are not of one moment
	return m.Populated - free
}

// ParseMempools reads the reply of netdev-dpdk/get-mempool-info without an
// argument. (With a port it crashes an OVS older than 3.0.8, 3.1.6 or 3.2.4 when
// the port has no pool.)
//
// Printed by rte_mempool_dump of DPDK's lib/mempool/rte_mempool.c (22.11
// is recorded). It is a dump for debugging: keys that are not
// wanted here may come and go.
func ParseMempools(r io.Reader) ([]Mempool, error) {
	var pools []Mempool
	err := eachLine(r, "netdev-dpdk/get-mempool-info", func(line string) bool {
		if text, ok := strings.CutPrefix(line, "mempool <"); ok {
			name, _, ok := cutLast(text, ">@")
			pools = append(pools, Mempool{Name: name})
			return ok
		}
		return len(pools) > 0 && pools[len(pools)-1].parse(line)
	})
	if err != nil {
		return nil, err
	}
	return pools, nil
}

func (m *Mempool) parse(line string) bool {
	text := strings.TrimLeft(line, " ")
	if text == line {
		return false
	}
	key, value, ok := strings.Cut(text, "=")
	switch {
	case !ok:
		return strings.HasPrefix(text, "ops_name: <") || text == "internal cache infos:" ||
			text == "no statistics available" || text == "stats:"
	case key == "socket_id":
		socket, err := strconv.ParseInt(value, 10, 32)
		m.Socket = int(socket)
		return err == nil
	case key == "size":
		return number(&m.Size, value, 64)
	case key == "populated_size":
		return number(&m.Populated, value, 64)
	case key == "total_obj_size":
		return number(&m.ObjectSize, value, 64)
	case key == "common_pool_count":
		return number(&m.Common, value, 64)
	case strings.HasPrefix(key, "cache_count["):
		var count uint32
		ok := number(&count, value, 32)
		m.Cached += uint64(count)
		return ok
	}
	return true
}

// Heap is one of DPDK's heaps, from which everything but rings of devices is
// taken: mempools, virtqueues, tables. Sizes are in bytes.
type Heap struct {
	ID                    uint32
	Name                  string // "socket_0"
	Size, Free, Allocated uint64
	// GreatestFree is the longest free piece: no mempool longer than this fits
	// without further hugepages.
	GreatestFree uint64
	// Allocations and FreePieces are counts.
	Allocations, FreePieces uint64
}

// ParseHeaps reads the reply of dpdk/get-malloc-stats. Heaps without a name are
// unused, and left out.
//
// Printed by rte_malloc_dump_stats of DPDK's lib/eal/common/rte_malloc.c (22.11
// is recorded).
func ParseHeaps(r io.Reader) ([]Heap, error) {
	var heaps []Heap
	var heap Heap
	keep := func() {
		if heap.Name != "" {
			heaps = append(heaps, heap)
		}
	}
	started := false
	err := eachLine(r, "dpdk/get-malloc-stats", func(line string) bool {
		if text, ok := strings.CutPrefix(line, "Heap id:"); ok {
			keep()
			heap, started = Heap{}, true
			return number(&heap.ID, text, 32)
		}
		return started && heap.parse(line)
	})
	if err != nil {
		return nil, err
	}
	keep()
	return heaps, nil
}

func (h *Heap) parse(line string) bool {
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return false
	}
	if key == "\tHeap name" {
		h.Name = value
		return true
	}
	var slot *uint64
	switch key {
	case "\tHeap_size":
		slot = &h.Size
	case "\tFree_size":
		slot = &h.Free
	case "\tAlloc_size":
		slot = &h.Allocated
	case "\tGreatest_free_size":
		slot = &h.GreatestFree
	case "\tAlloc_count":
		slot = &h.Allocations
	case "\tFree_count":
		slot = &h.FreePieces
	}
	value, ok = strings.CutSuffix(value, ",")
	return slot != nil && ok && number(slot, value, 64)
}
