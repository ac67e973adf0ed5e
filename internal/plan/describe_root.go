package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// cpu describes how the host polls. A cpu section always names PMD cores.
func (d *describer) cpu() {
	mask := d.root.Settings["other_config:pmd-cpu-mask"]
	if mask == "" {
		d.without(cpuSection, "a cpu section names the PMD cores, and this host leaves them to OVS")
		return
	}
	pmds, err := cpuset.ParseMask(mask)
	if err != nil || pmds.IsEmpty() {
		d.without(cpuSection, "pmd-cpu-mask=%s is no mask of cores", mask)
		return
	}
	spec := defaults().CPU
	spec.PMD = pmd.CoreSpec{Set: pmds}
	spec.Assign = pmd.Assign(d.meaning(d.root, "other_config:pmd-rxq-assign"))
	spec.Isolate = spec.Assign != pmd.Group || d.is(d.root, "other_config:pmd-rxq-isolate")
	spec.Lookup.SMC = d.is(d.root, "other_config:smc-enable")
	emc, err1 := strconv.ParseUint(d.meaning(d.root, "other_config:emc-insert-inv-prob"), 10, 32)
	spec.Lookup.EMCInverseProbability = uint32(emc)
	flush, err2 := strconv.ParseUint(d.meaning(d.root, "other_config:tx-flush-interval"), 10, 20)
	spec.TxFlushInterval = time.Duration(flush) * time.Microsecond
	sleep, err3 := strconv.ParseUint(d.meaning(d.root, "other_config:pmd-sleep-max"), 10, 14)
	spec.SleepMax = time.Duration(sleep) * time.Microsecond
	switch {
	case err1 != nil:
		d.without(cpuSection, "emc-insert-inv-prob is no number that a profile takes")
	case err2 != nil:
		d.without(cpuSection, "tx-flush-interval is no number that a profile takes")
	case err3 != nil:
		d.without(cpuSection, "the time PMDs sleep is no single number, and a profile knows one for all of them")
	default:
		d.profile.CPU = spec
	}
}

// dpdk describes DPDK as a whole, where somebody decided about it.
func (d *describer) dpdk() {
	if _, decided := d.root.Settings["other_config:dpdk-init"]; !decided {
		d.without(dpdkSection, "dpdk-init is not set")
		return
	}
	spec := defaults().DPDK
	spec.Init = dpdk.Init(d.meaning(d.root, "other_config:dpdk-init"))
	spec.PerfMetrics = d.is(d.root, "other_config:pmd-perf-metrics")
	if spec.Init == dpdk.InitFalse {
		d.without(dpdkSection, "nothing reads it while dpdk-init is false")
		d.profile.DPDK = spec
		return
	}
	spec.TSO = d.is(d.root, "other_config:userspace-tso-enable")
	spec.Extra = strings.Fields(d.root.Settings["other_config:dpdk-extra"])
	if d.is(d.root, "other_config:per-port-memory") {
		spec.Memory.Model = dpdk.PerPort
	}
	var err error
	if mask := d.root.Settings["other_config:dpdk-lcore-mask"]; mask != "" {
		spec.LCores, err = cpuset.ParseMask(mask)
		if err != nil || spec.LCores.IsEmpty() {
			d.without(dpdkSection, "dpdk-lcore-mask=%s is no mask of cores", mask)
			return
		}
	}
	var ok1, ok2 bool
	spec.Memory.Sockets, ok1 = amounts(d.root.Settings["other_config:dpdk-socket-mem"])
	spec.Memory.Limits, ok2 = amounts(d.root.Settings["other_config:dpdk-socket-limit"])
	if !ok1 || !ok2 {
		d.without(dpdkSection, "dpdk-socket-mem and dpdk-socket-limit are no lists of MiB")
		return
	}
	spec.Memory.HugepageKiB = d.pageKiB(spec.Memory.Sockets)
	d.profile.DPDK = spec
	iommu, postcopy := d.is(d.root, "other_config:vhost-iommu-support"), d.is(d.root, "other_config:vhost-postcopy-support")
	d.profile.VHost = &vhost.Spec{SocketDir: defaultSocketDir, IOMMU: &iommu, Postcopy: &postcopy}
}

// amounts reads MiB for each node; none is an empty list, not nil.
func amounts(text string) ([]int, bool) {
	list := []int{}
	for word := range strings.SplitSeq(text, ",") {
		if text == "" {
			break
		}
		n, err := strconv.ParseUint(word, 10, 20)
		if err != nil {
			return nil, false
		}
		list = append(list, int(n))
	}
	return list, true
}

// pageKiB guesses which hugepages OVS lives in: EAL takes gigantic pages first,
// so they are it where as many are taken as socket memory needs.
func (d *describer) pageKiB(sockets []int) uint64 {
	for i, mib := range sockets {
		node, _ := d.t.Node(i)
		for _, pool := range node.Hugepages {
			taken := pool.Total - min(pool.Free, pool.Total)
			if mib > 0 && pool.SizeKiB == 1<<20 && taken*1024 >= uint64(mib) {
				return pool.SizeKiB
			}
		}
	}
	return 2048
}

// socketDir finds the directory in which most ports have their own one, for a
// profile that reads well.
func (d *describer) socketDir() {
	if d.profile.VHost == nil || d.profile.DPDK == nil {
		return
	}
	votes := map[string]int{}
	for _, p := range d.profile.VHost.Ports {
		if dir, own := strings.CutSuffix(p.Socket, "/"+p.Name+"/"+p.Name+".sock"); own {
			votes[dir]++
		}
	}
	best := d.profile.VHost.SocketDir
	for dir, n := range votes {
		if n > votes[best] || n == votes[best] && dir < best && best != defaultSocketDir {
			best = dir
		}
	}
	d.profile.VHost.SocketDir = best
}

// defaultSocketDir is the profile's dpdk.vhost.socketDir where it names none.
const defaultSocketDir = "/var/lib/vhost_sockets"

// sectionOf returns the section whose settings a name of the Open_vSwitch row
// belongs to, or "".
func sectionOf(name string) section {
	for s, keys := range map[section][]vswitch.Key{cpuSection: pmd.Keys(), dpdkSection: slices.Concat(dpdk.Keys(), vhost.Keys())} {
		for _, k := range keys {
			if k.Table == vswitch.OpenvSwitch && (k.Name == name || k.OldName == name) {
				return s
			}
		}
	}
	return ""
}
