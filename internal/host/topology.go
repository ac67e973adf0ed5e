// Package host reads a Linux host's shape (CPUs, NUMA nodes, hugepages, NICs,
// kernel command line) from sysfs and procfs below a root that is a value, and
// carries out the few changes to it that planners ask for as Actions.
package host

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// Topology is a host's shape at one instant. It is plain data: planners take it
// as a value and facts files hold it as JSON.
type Topology struct {
	Hostname string `json:"hostname"`
	Kernel   string `json:"kernel"` // release, "6.1.0-18-amd64"
	// CommandLine is /proc/cmdline.
	CommandLine string `json:"commandLine"`

	CPUs  []CPU  `json:"cpus"`  // ascending by ID, offline ones included
	Nodes []Node `json:"nodes"` // ascending by ID
	NICs  []NIC  `json:"nics"`  // ascending by Name, then PCI

	Isolated cpuset.Set `json:"isolated"` // /sys/devices/system/cpu/isolated
	NoHzFull cpuset.Set `json:"nohzFull"` // /sys/devices/system/cpu/nohz_full
	// RCUNoCBs are the CPUs whose RCU callbacks run elsewhere: rcu_nocbs= of the
	// command line and, as the kernel adds them itself, those of NoHzFull.
	RCUNoCBs cpuset.Set `json:"rcuNocbs"`
	// Allowed are the CPUs this host's services may run on: the cgroup's
	// effective cpuset, or all online CPUs where there is no limit.
	Allowed cpuset.Set `json:"allowed"`
	// CPUQuota is the cgroup's CPU limit in cores; 0 = none.
	CPUQuota float64 `json:"cpuQuota,omitempty"`
	// IOMMU tells whether /sys/kernel/iommu_groups has any group that is not one
	// of vfio's own no-IOMMU mode.
	IOMMU bool `json:"iommu"`
	// Missing lists what could not be read, and why: absent is not zero.
	Missing []string `json:"missing,omitempty"`
}

// CPU is one logical CPU.
type CPU struct {
	ID       int        `json:"id"`
	Online   bool       `json:"online"`
	Node     int        `json:"node"`    // NUMA node; -1 = unknown
	Package  int        `json:"package"` // physical_package_id; -1 = unknown
	Core     int        `json:"core"`    // core_id, unique within Package; -1 = unknown
	Siblings cpuset.Set `json:"siblings"`
}

// Node is one NUMA node.
type Node struct {
	ID        int         `json:"id"`
	CPUs      cpuset.Set  `json:"cpus"`      // online CPUs; empty for a memory-only node
	Distances []int       `json:"distances"` // to each node in order of Nodes; empty = unknown
	MemoryMiB uint64      `json:"memoryMiB"` // MemTotal; 0 for a memory-less node
	Hugepages []Hugepages `json:"hugepages"` // ascending by size
}

// Hugepages is one pool of a node.
type Hugepages struct {
	SizeKiB uint64 `json:"sizeKiB"` // 2048 or 1048576
	Total   uint64 `json:"total"`   // pages
	Free    uint64 `json:"free"`    // pages
}

// NIC is a network device: a kernel netdev (loopback left out), or a PCI network
// function without one, as those bound to a userspace driver are.
type NIC struct {
	Name string `json:"name,omitempty"` // kernel name; empty when bound to a userspace driver
	PCI  string `json:"pci,omitempty"`  // "0000:3b:00.0"; empty for virtual devices and representors
	// Driver is the bound kernel driver ("ixgbe", "vfio-pci"), for a PCI function
	// the function's own ("virtio-pci"); empty = none.
	Driver   string `json:"driver,omitempty"`
	Override string `json:"override,omitempty"` // driver_override, as set
	Vendor   string `json:"vendor,omitempty"`   // "0x8086"
	Device   string `json:"device,omitempty"`   // "0x1592"
	MAC      string `json:"mac,omitempty"`
	Node     int    `json:"node"`                 // NUMA node; -1 = unknown
	SpeedMbs int    `json:"speedMbs,omitempty"`   // link speed; 0 = unknown or down
	RxQueues int    `json:"rxQueues,omitempty"`   // the most the kernel driver offers; 0 = unknown
	IOMMU    string `json:"iommuGroup,omitempty"` // group number; empty = none
	// Bifurcated drivers (mlx4_core, mlx5_core, mana) serve DPDK while the
	// kernel keeps the device: they must not be bound to vfio-pci.
	Bifurcated bool `json:"bifurcated,omitempty"`
	// DefaultRoute is set when a default route leaves by this device, or by a
	// bond, bridge or VLAN device that stands on it.
	DefaultRoute bool `json:"defaultRoute,omitempty"`
	// Master is the bond, bridge or switch the netdev is a port of; empty = none.
	Master    string         `json:"master,omitempty"`
	Addresses []netip.Prefix `json:"addresses,omitempty"` // ascending
}

// Online returns the online CPUs.
func (t Topology) Online() cpuset.Set {
	var s cpuset.Set
	for _, c := range t.CPUs {
		if c.Online {
			s = s.Union(cpuset.Of(c.ID))
		}
	}
	return s
}

// CPU returns the CPU with this number.
func (t Topology) CPU(id int) (CPU, bool) {
	for _, c := range t.CPUs {
		if c.ID == id {
			return c, true
		}
	}
	return CPU{}, false
}

// Node returns the NUMA node with this number.
func (t Topology) Node(id int) (Node, bool) {
	for _, n := range t.Nodes {
		if n.ID == id {
			return n, true
		}
	}
	return Node{}, false
}

// NICByPCI returns the NIC at this PCI address.
func (t Topology) NICByPCI(addr string) (NIC, bool) {
	for _, n := range t.NICs {
		if n.PCI == addr && addr != "" {
			return n, true
		}
	}
	return NIC{}, false
}
