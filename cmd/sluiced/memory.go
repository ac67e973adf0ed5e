package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// garbage is what may lie uncollected however large the network is; beyond it, half of
// what is in use.
const garbage = 64 << 20

// trim gives back what a large network's reading took, and lets the collector come
// earlier from then on: a heap that may grow to five times a few MiB must not do so
// with the rows of 50,000 ports. It never lets it come later than was set.
func trim() {
	const percent, inUse = "/gc/gogc:percent", "/memory/classes/heap/objects:bytes"
	read := func(name string) uint64 {
		sample := []metrics.Sample{{Name: name}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	if read(inUse) < garbage {
		return
	}
	debug.FreeOSMemory()
	want := max(50, garbage*100/max(1, read(inUse)))
	if want < read(percent) {
		debug.SetGCPercent(int(want)) //nolint:gosec // below what was set
	}
}
