// Package dpdk plans the DPDK side of a switch: EAL options, hugepages and
// mempools, device binding, netdev bridges, physical ports and bonds. It
// decides and prints; it opens nothing.
package dpdk

import (
	"net/netip"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Init is other_config:dpdk-init.
type Init string

// The values of Init. With InitTry a failed EAL start leaves OVS running and is
// an alarm; with InitTrue OVS aborts; with InitFalse there are no DPDK ports.
const (
	InitTry   Init = "try"
	InitTrue  Init = "true"
	InitFalse Init = "false"
)

// Spec is the profile's dpdk section without its vhost part.
type Spec struct {
	Init        Init
	Memory      MemorySpec
	LCores      cpuset.Set // empty = auto: unset, the daemon's affinity decides
	TSO         bool
	Extra       []string // raw EAL arguments
	PerfMetrics bool
}

// Model is how OVS shares mempools among ports.
type Model string

// The memory models of Documentation/topics/dpdk/memory.rst.
const (
	Shared  Model = "shared"
	PerPort Model = "per-port"
)

// MemorySpec is the profile's dpdk.memory.
type MemorySpec struct {
	Model Model
	// Sockets are MiB per NUMA node; nil = auto, empty = none: OVS takes memory
	// when ports need it, as it does by itself.
	Sockets []int
	// Limits are the most MiB per node, 0 = no limit; nil = auto: Sockets and
	// Headroom, empty = none: no limit anywhere, as OVS does by itself.
	Limits      []int
	Headroom    int    // MiB per node for ports added at run time
	HugepageKiB uint64 // 2048 or 1048576
	Allocate    bool   // write nr_hugepages where too few are free
}

// FailMode is Bridge.fail_mode.
type FailMode string

// The fail modes.
const (
	Standalone FailMode = "standalone"
	Secure     FailMode = "secure"
)

// BridgeSpec is one netdev bridge.
type BridgeSpec struct {
	Path      string // place in the profile, "bridges[0]"; for findings
	Name      string
	Addresses []netip.Prefix // on the internal port
	Routes    []host.Route
	FailMode  FailMode
	MTU       int // of the internal port; 0 = OVS decides
	Ports     []PortSpec
	Bonds     []BondSpec
}

// PortSpec is one physical or virtual DPDK device.
type PortSpec struct {
	Path         string // "bridges[0].ports[1]"
	Name         string
	Device       Device
	Driver       string // kernel driver to bind, "vfio-pci"; empty = leave as it is
	AllowDefault bool   // bind even the NIC that carries the default route
	RxQueues     int
	RxDesc       int
	TxDesc       int
	MTU          int
	RxAffinity   []QueuePin // planned by pmd; here for the path
	FlowControl  FlowControl
	LSCInterrupt bool
	VLAN         vswitch.VLAN
	RateLimit    vswitch.RateLimit
}

// Device tells which device a port uses: exactly one field is set.
type Device struct {
	PCI  string // "0000:3b:00.0"
	MAC  string // of the NIC
	Vdev string // "net_tap0,iface=dtap0"
}

// QueuePin pins one rx queue to a PMD core.
type QueuePin struct{ Queue, CPU int }

// FlowControl is 802.3x pause.
type FlowControl struct{ Rx, Tx, Autoneg bool }

// BondMode is Port.bond_mode.
type BondMode string

// The bond modes.
const (
	ActiveBackup BondMode = "active-backup"
	BalanceSLB   BondMode = "balance-slb"
	BalanceTCP   BondMode = "balance-tcp"
)

// BondSpec joins ports of the same bridge into one port.
type BondSpec struct {
	Path      string // "bridges[0].bonds[0]"
	Name      string
	Mode      BondMode
	LACP      string // "active", "passive", "off"
	LACPFast  bool
	Members   []string // names of PortSpecs of the bridge
	VLAN      vswitch.VLAN
	RateLimit vswitch.RateLimit
}

// VhostUse is what the memory arithmetic must know of vhost ports: one mempool
// per (node, MTU class) for the shared model, one per port otherwise. The node
// of a guest is known only when it connects.
type VhostUse struct {
	Path   string // place in the profile, for findings
	Port   string
	MTU    int // 0 = 1500, OVS's own
	Queues int // pairs
}
