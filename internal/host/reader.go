package host

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// Topology reads the host as it is now. What cannot be read is listed in
// Topology.Missing with the reason; an error is returned only when the context
// ends or when no CPU can be found at all. Reading a link's speed may wait for
// the kernel's network lock; nothing is cached.
func (f FS) Topology(ctx context.Context) (Topology, error) {
	r := &reader{fs: f}
	var t Topology
	t.Hostname, _ = get(r, "hostname", "/proc/sys/kernel/hostname", parseText)
	t.Kernel, _ = get(r, "kernel release", "/proc/sys/kernel/osrelease", parseText)
	t.CommandLine, _ = get(r, "kernel command line", "/proc/cmdline", parseText)

	present, online, err := r.cpuSets()
	if err != nil {
		return Topology{}, err
	}
	t.Nodes = r.nodes(online)
	t.CPUs = r.cpus(present, online, t.Nodes)
	t.Isolated, _ = get(r, "isolated CPUs", cpuDir+"/isolated", parseCPUs)
	t.NoHzFull, _ = get(r, "nohz_full CPUs", cpuDir+"/nohz_full", parseCPUs)
	t.RCUNoCBs = r.rcuNoCBs(t, present)
	t.Allowed, t.CPUQuota = r.cgroup(online)
	t.IOMMU = r.iommu()
	if err := ctx.Err(); err != nil {
		return Topology{}, fmt.Errorf("read host: %w", err)
	}
	if t.NICs, err = r.nics(ctx); err != nil {
		return Topology{}, fmt.Errorf("read host: %w", err)
	}
	t.Missing = r.missing
	return t, nil
}

// reader gathers what one pass could not read.
type reader struct {
	fs      FS
	missing []string
}

func (r *reader) lack(what, why string) {
	r.missing = append(r.missing, what+": "+why)
}

// get reads and parses one file. False means that it is missing, and noted as such.
func get[T any](r *reader, what, name string, parse func([]byte) (T, error)) (T, bool) {
	v, err := try(r.fs, name, parse)
	if err != nil {
		r.lack(what, err.Error())
		return v, false
	}
	return v, true
}

// try reads and parses one file.
func try[T any](f FS, name string, parse func([]byte) (T, error)) (T, error) {
	var none T
	b, err := f.read(name)
	if err != nil {
		return none, err
	}
	v, err := parse(b)
	if err != nil {
		return none, fmt.Errorf("parse %s: %w", name, err)
	}
	return v, nil
}

// rcuNoCBs reads rcu_nocbs= and adds the nohz_full CPUs, as the kernel does
// itself (kernel/rcu/tree_nocb.h, rcu_init_nohz).
func (r *reader) rcuNoCBs(t Topology, present cpuset.Set) cpuset.Set {
	list, ok := parameter(t.CommandLine, "rcu_nocbs")
	if !ok {
		return t.NoHzFull
	}
	possible, err := try(r.fs, cpuDir+"/possible", parseCPUs)
	if err != nil || possible.IsEmpty() {
		possible = present
	}
	last := 0
	for c := range possible.All() {
		last = c
	}
	s, err := parseKernelCPUs(list, last)
	if err != nil {
		r.lack("rcu_nocbs CPUs", err.Error())
	}
	return s.Intersect(present).Union(t.NoHzFull)
}

// iommu looks for an IOMMU group. Those that vfio invents in its no-IOMMU mode
// are named "vfio-noiommu" (drivers/vfio/group.c, vfio_noiommu_group_alloc).
func (r *reader) iommu() bool {
	const dir = "/sys/kernel/iommu_groups"
	groups, err := r.fs.list(dir)
	if err != nil {
		r.lack("IOMMU groups", err.Error())
	}
	return slices.ContainsFunc(groups, func(g string) bool {
		name, err := r.fs.read(dir + "/" + g + "/name")
		return err != nil || string(name) != "vfio-noiommu"
	})
}

// errNoCPU is what a root without sysfs answers.
var errNoCPU = errors.New("read host: no CPU in " + cpuDir + ": is sysfs mounted?")
