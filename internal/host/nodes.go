package host

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// nodeDir is described in Documentation/ABI/stable/sysfs-devices-node.
const nodeDir = "/sys/devices/system/node"

// poolDir holds the pools of all nodes together (Documentation/ABI/testing/sysfs-kernel-mm-hugepages).
const poolDir = "/sys/kernel/mm/hugepages"

// nodes reads the NUMA nodes. A kernel without CONFIG_NUMA has no such
// directory: it is one node with all CPUs, all memory and all pools.
func (r *reader) nodes(online cpuset.Set) []Node {
	ids, err := r.fs.numbered(nodeDir, "node")
	if err != nil || len(ids) == 0 {
		why := nodeDir + " holds none"
		if err != nil {
			why = err.Error()
		}
		r.lack("NUMA nodes", why+": all CPUs are taken as node 0")
		n := Node{CPUs: online, Distances: []int{}}
		n.MemoryMiB, _ = get(r, "memory", "/proc/meminfo", parseMemTotal)
		n.Hugepages = r.pools("hugepages", poolDir)
		return []Node{n}
	}
	nodes := make([]Node, len(ids))
	for i, id := range ids {
		nodes[i] = r.node(id)
	}
	return nodes
}

func (r *reader) node(id int) Node {
	name, dir := fmt.Sprintf("node %d ", id), fmt.Sprintf("%s/node%d", nodeDir, id)
	n := Node{ID: id, Distances: []int{}, Hugepages: []Hugepages{}}
	n.CPUs, _ = get(r, name+"CPUs", dir+"/cpulist", parseCPUs)
	if d, ok := get(r, name+"distances", dir+"/distance", parseDistances); ok {
		n.Distances = d
	}
	var known bool
	n.MemoryMiB, known = get(r, name+"memory", dir+"/meminfo", parseMemTotal)
	// A node without memory has no pools to show (mm/hugetlb.c registers them
	// by node state N_MEMORY in many kernels).
	if known && n.MemoryMiB == 0 && !r.fs.exists(dir+"/hugepages") {
		return n
	}
	n.Hugepages = r.pools(name+"hugepages", dir+"/hugepages")
	return n
}

// pools reads hugepages-<size>kB/{nr,free}_hugepages. A pool of which one
// number is missing is left out: an unknown count is not zero.
func (r *reader) pools(what, dir string) []Hugepages {
	pools := []Hugepages{}
	names, err := r.fs.list(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w (a kernel without CONFIG_HUGETLBFS has none)", err)
		}
		r.lack(what, err.Error())
		return pools
	}
	for _, name := range names {
		size, ok := poolSize(name)
		if !ok {
			continue
		}
		total, ok1 := get(r, what, dir+"/"+name+"/nr_hugepages", parseCount)
		free, ok2 := get(r, what, dir+"/"+name+"/free_hugepages", parseCount)
		if ok1 && ok2 {
			pools = append(pools, Hugepages{SizeKiB: size, Total: total, Free: free})
		}
	}
	slices.SortFunc(pools, func(a, b Hugepages) int { return cmp.Compare(a.SizeKiB, b.SizeKiB) })
	return pools
}

// poolSize reads the page size in KiB from a pool's name, "hugepages-2048kB".
func poolSize(name string) (uint64, bool) {
	s, ok1 := strings.CutPrefix(name, "hugepages-")
	s, ok2 := strings.CutSuffix(s, "kB")
	size, err := strconv.ParseUint(s, 10, 40)
	return size, ok1 && ok2 && err == nil && size > 0
}
