package host

import (
	"fmt"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// cpuDir is described in Documentation/ABI/testing/sysfs-devices-system-cpu and
// Documentation/admin-guide/cputopology.rst.
const cpuDir = "/sys/devices/system/cpu"

// cpuSets returns the CPUs that are there and those that run. Without the two
// lists it takes the cpuN directories, and all of them as running.
func (r *reader) cpuSets() (present, online cpuset.Set, err error) {
	present, err = try(r.fs, cpuDir+"/present", parseCPUs)
	if err != nil {
		why := err.Error()
		ids, err := r.fs.numbered(cpuDir, "cpu")
		if err != nil {
			return present, online, errNoCPU
		}
		for _, id := range ids {
			if id <= cpuset.Max {
				present = present.Union(cpuset.Of(id))
			}
		}
		r.lack("present CPUs", why+": the cpu* directories are taken")
	}
	online, err = try(r.fs, cpuDir+"/online", parseCPUs)
	if err != nil {
		r.lack("online CPUs", err.Error()+": all present ones are taken")
		online = present
	}
	present = present.Union(online)
	if present.IsEmpty() {
		return present, online, errNoCPU
	}
	return present, online, nil
}

// cpus reads each CPU's place. The kernel takes topology/ away from offline
// CPUs, so what is unknown of them is told in one line.
func (r *reader) cpus(present, online cpuset.Set, nodes []Node) []CPU {
	cpus := make([]CPU, 0, present.Len())
	holes := holes{}
	for id := range present.All() {
		c := CPU{ID: id, Online: online.Contains(id), Node: r.nodeOf(id, nodes), Package: -1, Core: -1}
		if c.Node < 0 {
			holes.note(id, "node", "no node lists it")
		}
		if !c.Online {
			cpus = append(cpus, c)
			continue
		}
		dir := fmt.Sprintf("%s/cpu%d/topology/", cpuDir, id)
		fill(r.fs, holes, id, &c.Package, dir, "physical_package_id", parseInt)
		fill(r.fs, holes, id, &c.Core, dir, "core_id", parseInt)
		fill(r.fs, holes, id, &c.Siblings, dir, "thread_siblings_list", parseCPUs)
		cpus = append(cpus, c)
	}
	if off := present.Minus(online); !off.IsEmpty() {
		r.lack("topology of CPUs "+off.String(), "offline")
	}
	for _, attr := range []string{"node", "physical_package_id", "core_id", "thread_siblings_list"} {
		if h, ok := holes[attr]; ok {
			r.lack(attr+" of CPUs "+h.cpus.String(), h.why)
		}
	}
	return cpus
}

// nodeOf asks the nodes' lists, which hold online CPUs only, then the CPU's own link.
func (r *reader) nodeOf(id int, nodes []Node) int {
	for _, n := range nodes {
		if n.CPUs.Contains(id) {
			return n.ID
		}
	}
	if ids, err := r.fs.numbered(fmt.Sprintf("%s/cpu%d", cpuDir, id), "node"); err == nil && len(ids) == 1 {
		return ids[0]
	}
	if len(nodes) == 1 {
		return nodes[0].ID
	}
	return -1
}

// fill reads one attribute of a CPU into v, or notes the hole and leaves v.
func fill[T any](f FS, h holes, id int, v *T, dir, attr string, parse func([]byte) (T, error)) {
	got, err := try(f, dir+attr, parse)
	if err != nil {
		h.note(id, attr, err.Error())
		return
	}
	*v = got
}

// holes joins what many CPUs lack into one line each, with the first reason.
type holes map[string]hole

type hole struct {
	cpus cpuset.Set
	why  string
}

func (h holes) note(id int, attr, why string) {
	was, ok := h[attr]
	if !ok {
		was.why = why
	}
	was.cpus = was.cpus.Union(cpuset.Of(id))
	h[attr] = was
}
