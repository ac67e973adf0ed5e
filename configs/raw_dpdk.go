package configs

import (
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/dpdk"
)

// rawDPDK is the DPDK side of ovs-vswitchd as a whole.
type rawDPDK struct {
	// try: when EAL cannot start, OVS runs on without DPDK and it is an alarm; true: OVS aborts; false: there are no DPDK ports.
	Init dpdk.Init `yaml:"init" jsonschema:"enum=try,enum=true,enum=false"`
	// Hugepages and packet buffers.
	Memory rawMemory `yaml:"memory"`
	// CPUs of EAL's own threads; auto leaves it unset, and the daemon's affinity decides.
	LCores autoList `yaml:"lcores"`
	// What all vhost ports share.
	VHost *rawDPDKVHost `yaml:"vhost"`
	// TCP segmentation offload (userspace-tso-enable). It cannot be switched off without a restart.
	TSO bool `yaml:"tso"`
	// Raw EAL arguments, the last resort: they win over what the other keys say.
	Extra []argument `yaml:"extra"`
	// Detailed PMD statistics (pmd-perf-metrics), at about one percent of the cycles.
	PerfMetrics bool `yaml:"perfMetrics"`
}

func (r *rawDPDK) setDefaults() {
	r.Init = dpdk.InitTry
	r.PerfMetrics = true
}

// rawMemory is hugepages and packet buffers.
type rawMemory struct {
	// shared: ports of one NUMA node and MTU class share a pool of buffers; per-port: each has its own, counted exactly.
	Model dpdk.Model `yaml:"model" jsonschema:"enum=shared,enum=per-port"`
	// MiB of each NUMA node that OVS takes at its start, [1024, 1024]; auto counts ports, queues and MTUs; none leaves it to OVS, which takes memory when ports need it.
	Sockets sockets `yaml:"sockets"`
	// Most MiB of each NUMA node that OVS may take in all, [2048, 2048], 0 = no limit; auto is sockets and headroom; none sets no limit.
	Limits sockets `yaml:"limits"`
	// MiB of each node that OVS may take beyond, for ports added at run time.
	Headroom int `yaml:"headroom" jsonschema:"minimum=0,maximum=1048576" unit:"MiB"`
	// The pages themselves.
	Hugepages rawHugepages `yaml:"hugepages"`
}

func (r *rawMemory) setDefaults() { r.Model, r.Headroom = dpdk.Shared, 1024 }

// rawHugepages is the host's hugepages.
type rawHugepages struct {
	// Size of a page.
	Size string `yaml:"size" jsonschema:"enum=2M,enum=1G"`
	// Whether to raise the kernel's number of pages where too few are free.
	Allocate bool `yaml:"allocate"`
}

func (r *rawHugepages) setDefaults() { r.Size = "2M" }

// rawDPDKVHost is what all vhost ports share.
type rawDPDKVHost struct {
	// Directory of the ports' own socket directories, never below one that systemd empties.
	SocketDir directory `yaml:"socketDir"`
	// Offer guests a virtual IOMMU (vhost-iommu-support).
	IOMMU bool `yaml:"iommu"`
	// Allow post-copy live migration (vhost-postcopy-support).
	Postcopy bool `yaml:"postcopy"`
}

const defaultSocketDir = "/var/lib/vhost_sockets"

func (r *rawDPDKVHost) setDefaults() { r.SocketDir = defaultSocketDir }

// sockets is auto (nil), none (empty) or MiB for each NUMA node.
type sockets []int

func (s *sockets) readNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.SequenceNode {
		var list []int
		r := rules{min: 0, max: 1 << 20, unit: "MiB"}
		d.sequence(n, reflect.ValueOf(&list).Elem(), path, r)
		if len(list) == 0 {
			d.say(n.Line, path, "names no NUMA node; write MiB for each, [1024, 1024], auto or none")
		}
		*s = list
		return
	}
	text, _, ok := d.scalar(n, path)
	switch {
	case ok && text == "none":
		*s = sockets{}
		return
	case ok && text != "auto":
		d.say(n.Line, path, "%q is neither auto, none nor a list of MiB for each NUMA node, for instance [1024, 1024]", text)
	}
	*s = nil
}

func (s sockets) node() *yaml.Node {
	if s == nil {
		return textNode("auto")
	}
	if len(s) == 0 {
		return textNode("none")
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, mib := range s {
		list.Content = append(list.Content, plainNode("!!int", strconv.Itoa(mib)))
	}
	return list
}

func (r *rawMemory) check(say func(key, format string, args ...any)) {
	for _, k := range []struct {
		key  string
		list sockets
	}{{"sockets", r.Sockets}, {"limits", r.Limits}} {
		if len(k.list) > 32 {
			say(k.key, "names %d NUMA nodes; DPDK knows 32 (RTE_MAX_NUMA_NODES)", len(k.list))
		}
	}
	if len(r.Sockets) == 0 {
		return
	}
	sum := 0
	for _, mib := range r.Sockets {
		sum += mib
	}
	if sum == 0 {
		say("sockets", "takes no memory on any node, so that no port could have buffers; write MiB for each NUMA node, or auto")
	}
}
