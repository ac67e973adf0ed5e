package dpdk

// Seen is what a running switch tells of the host that sysfs does not. Its zero
// value is a switch that does not run.
type Seen struct {
	// Running tells that DPDK is initialized in an ovs-vswitchd that runs: a
	// pool that is needed now comes out of that EAL's memory. What the database
	// says of a dead one does not count.
	Running bool
	// SocketLimit is the dpdk-socket-limit that the running EAL was started with,
	// MiB by node; 0, or no value for a node = no limit.
	SocketLimit []int
	// Model is how the running OVS shares mempools, which only its start
	// decides; empty = as the profile says.
	Model Model
	// Hugepages the running ovs-vswitchd holds, of every size: a restart gives
	// them back, so they count as free. None while Running = not known.
	Hugepages []HeldPages
	// Ports are the dpdk and vhost ports of the switch, those that the profile
	// does not name included.
	Ports map[string]SeenPort
	// MAC is Interface.mac_in_use of each port: a NIC on vfio-pci hides its MAC
	// from sysfs.
	MAC map[string]string
	// MaxRxQueues is Interface.status:max_rx_queues of each port.
	MaxRxQueues map[string]int
}

// SeenPort is what the database says of one port: the mempool that it has, and
// what it was told, so that a change can be told from what fails already.
type SeenPort struct {
	// MTU is Interface.mtu, the mempool's; 0 = the port has none, because it is
	// not open or waits for its guest.
	MTU int
	// Node is where the mempool lies, Interface.status:numa_id (numa of a vhost
	// port); negative = not known: there where the plan expects it.
	Node int
	// Request is Interface.mtu_request, and the others are options:n_rxq,
	// n_rxq_desc and n_txq_desc; 0 = OVS's default. Of a vhost port, which the
	// guest gives its queues, only Request counts.
	Request, RxQueues, RxDesc, TxDesc int
	// TxQueues is how many OVS set up, one per PMD and one more; 0 = as planned.
	TxQueues int
}

// HeldPages are hugepages of one size on one node.
type HeldPages struct {
	Node    int
	SizeKiB uint64
	Pages   uint64
}
