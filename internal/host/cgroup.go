package host

import (
	"errors"
	"io/fs"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// cgroup reads what our own control group allows: the effective CPUs, or all
// online ones where nothing says less, and the quota in cores, or 0.
func (r *reader) cgroup(online cpuset.Set) (cpuset.Set, float64) {
	groups, ok1 := get(r, "control groups", "/proc/self/cgroup", parseCgroups)
	mounts, ok2 := get(r, "control group mounts", "/proc/self/mountinfo", parseMounts)
	if !ok1 || !ok2 {
		return online, 0
	}
	return r.cpuset(groups, mounts, online), r.quota(groups, mounts)
}

// cpuset asks the group and then its parents: where the controller is not
// enabled for a group, its parent's limit is its own.
func (r *reader) cpuset(groups []cgroup, mounts []mount, online cpuset.Set) cpuset.Set {
	p, ok := locate(groups, mounts, "cpuset")
	if !ok {
		r.lack("cpuset", "the controller is not mounted: all online CPUs are taken")
		return online
	}
	files := []string{"cpuset.cpus.effective"}
	if !p.v2 {
		// kernel/cgroup/cpuset-v1.c; kernels before 3.17 have the second only.
		files = []string{"cpuset.effective_cpus", "cpuset.cpus"}
	}
	for _, dir := range p.upward() {
		for _, f := range files {
			s, err := try(r.fs, dir+"/"+f, parseCPUs)
			switch {
			case err == nil && !s.IsEmpty():
				return s.Intersect(online)
			case err != nil && !errors.Is(err, fs.ErrNotExist):
				r.lack("cpuset", err.Error())
			}
		}
	}
	r.lack("cpuset", "no "+files[0]+" in "+p.dir()+" or above: all online CPUs are taken")
	return online
}

// quota returns the tightest limit of the group and its parents, in cores. The
// root group has no limit and no file.
func (r *reader) quota(groups []cgroup, mounts []mount) float64 {
	p, ok := locate(groups, mounts, "cpu")
	if !ok {
		r.lack("CPU quota", "the controller is not mounted: no limit is taken")
		return 0
	}
	least := 0.0
	for _, dir := range p.upward() {
		limit, err := r.limit(dir, p.v2)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.lack("CPU quota", err.Error())
		}
		if limit > 0 && (least == 0 || limit < least) {
			least = limit
		}
	}
	return least
}

// limit reads one group's quota. A quota of -1 is none in version 1
// (Documentation/scheduler/sched-bwc.rst).
func (r *reader) limit(dir string, v2 bool) (float64, error) {
	if v2 {
		return try(r.fs, dir+"/cpu.max", parseCPUMax)
	}
	quota, err := try(r.fs, dir+"/cpu.cfs_quota_us", parseInt)
	if err != nil || quota <= 0 {
		return 0, err
	}
	period, err := try(r.fs, dir+"/cpu.cfs_period_us", parseCount)
	if err != nil || period == 0 {
		return 0, err
	}
	return float64(quota) / float64(period), nil
}
