package host

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// HeldPages are hugepages that a process has mapped, of one size on one node.
type HeldPages struct {
	Node    int    `json:"node"`
	SizeKiB uint64 `json:"sizeKiB"`
	Pages   uint64 `json:"pages"`
}

// HeldHugepages returns the hugepages a process has mapped and touched, from
// /proc/PID/numa_maps. Another user's process, or one with more capabilities
// than ours, needs CAP_SYS_PTRACE.
func (f FS) HeldHugepages(pid int) ([]HeldPages, error) {
	name := fmt.Sprintf("/proc/%d/numa_maps", pid)
	text, err := f.read(name)
	if err != nil {
		return nil, err
	}
	return parseNUMAMaps(bytes.NewReader(text))
}

// parseNUMAMaps sums the hugepages of numa_maps (numa(7); fs/proc/task_mmu.c,
// show_numa_map): mappings with the word "huge", their pages of each node as
// N0=24, their size as kernelpagesize_kB=2048.
func parseNUMAMaps(r io.Reader) ([]HeldPages, error) {
	type pool struct {
		node int
		size uint64
	}
	sums := map[pool]uint64{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if !slices.Contains(words, "huge") {
			continue
		}
		size := uint64(2048) // printed since Linux 3.x; x86's ordinary size before
		pages := map[int]uint64{}
		for _, word := range words {
			key, value, _ := strings.Cut(word, "=")
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				continue
			}
			if key == "kernelpagesize_kB" {
				size = n
			} else if node, err := strconv.Atoi(strings.TrimPrefix(key, "N")); err == nil && key[0] == 'N' {
				pages[node] += n
			}
		}
		for node, n := range pages {
			sums[pool{node, size}] += n
		}
	}
	var held []HeldPages
	for p, n := range sums {
		held = append(held, HeldPages{Node: p.node, SizeKiB: p.size, Pages: n})
	}
	slices.SortFunc(held, func(a, b HeldPages) int { return cmp.Or(a.Node-b.Node, cmp.Compare(a.SizeKiB, b.SizeKiB)) })
	return held, lines.Err()
}
