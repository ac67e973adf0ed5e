package api

import "time"

// Status is the host as the daemon sees it.
type Status struct {
	// Time is when this was read; rates are differences over it.
	Time    time.Time     `json:"time,omitzero"`
	Host    string        `json:"host"`
	Version string        `json:"version"` // Sluice's
	OVS     OVSStatus     `json:"ovs"`
	Profile ProfileStatus `json:"profile"`
	Pass    PassStatus    `json:"pass"` // the newest that ended
	// Network is this host's part in the logical network; nil = it has none.
	Network *NetworkStatus `json:"network,omitempty"`
	// Work is what is under way; nil = nothing.
	Work    *Work    `json:"work,omitempty"`
	Pending []Change `json:"pending"`
	Bridges []Bridge `json:"bridges"`
	Ports   []Port   `json:"ports"`
	PMDs    []PMD    `json:"pmds"`
	// Lookups are absent where the control socket gave none.
	Lookups *Lookups `json:"lookups,omitempty"`
	Metrics string   `json:"metrics,omitempty"` // URL
	// Unknown lists what could not be read, and why.
	Unknown []string `json:"unknown,omitempty"`
}

// NetworkStatus is the logical network as it is laid over this host's switch.
type NetworkStatus struct {
	Store  string `json:"store,omitempty"`  // why the store is not followed; empty = it is
	Switch string `json:"switch,omitempty"` // why the switch is not as computed; empty = it is
	// Bare says that the integration bridge has no flow of the network, and what that
	// means; empty = it has some, or that is not known.
	Bare    string `json:"bare,omitempty"`
	Flows   int    `json:"flows"`            // on the bridge
	Bundles int    `json:"bundles"`          // how often the switch was changed since the daemon started
	Mended  int    `json:"mended,omitempty"` // of them, how often because somebody else had changed it
	// Unusable is how many rows of the store make no sense and are left out: the daemon's
	// log names them.
	Unusable int `json:"unusable,omitempty"`
	// Underlay says why the bridge of the tunnels carries them by its own flows alone,
	// which costs speed and nothing else; empty = it does not.
	Underlay string `json:"underlay,omitempty"`
	// Problems are what of the network this host cannot do as it was asked.
	Problems []string `json:"problems,omitempty"`
}

// OVSStatus is the switch itself.
type OVSStatus struct {
	Connected       bool   `json:"connected"` // to the database
	Running         bool   `json:"running"`   // vswitchd answers
	Version         string `json:"version,omitempty"`
	DPDKVersion     string `json:"dpdkVersion,omitempty"`
	DPDKInitialized bool   `json:"dpdkInitialized"`
	Error           string `json:"error,omitempty"`
}

// ProfileStatus is the profile in force.
type ProfileStatus struct {
	Path   string    `json:"path"`
	Loaded time.Time `json:"loaded,omitzero"`
	// Error is why a newer file is not in force; the former profile stays.
	Error string `json:"error,omitempty"`
}

// PassResult is how a pass ended.
type PassResult string

// The results of a pass.
const (
	PassConverged PassResult = "converged" // nothing was to do
	PassChanged   PassResult = "changed"   // changes were made, nothing is left
	PassPending   PassResult = "pending"   // what is left waits for `host apply`
	PassRefused   PassResult = "refused"   // findings, the guard or OVS refused
	PassFailed    PassResult = "failed"    // it ended in Error and is tried again
	PassWaiting   PassResult = "waiting"   // no pass yet: for OVS, or for a profile
)

// PassStatus is the newest reconcile pass.
type PassStatus struct {
	Time     time.Time     `json:"time,omitzero"`
	Reason   string        `json:"reason,omitempty"` // what woke it
	Result   PassResult    `json:"result"`
	Error    string        `json:"error,omitempty"`
	Duration time.Duration `json:"durationNs"`
	Findings []Finding     `json:"findings,omitempty"`
	Refused  []string      `json:"refused,omitempty"` // what OVS did not do
}

// Work is a pass or a command that looks and writes right now. Others wait for it.
type Work struct {
	Since time.Time `json:"since"`
	What  string    `json:"what"`
	// Step is how far it is, in words; empty while nothing is written.
	Step string `json:"step,omitempty"`
}

// Bridge is one bridge.
type Bridge struct {
	Name     string   `json:"name"`
	Datapath string   `json:"datapath"`
	FailMode string   `json:"failMode,omitempty"`
	Ports    []string `json:"ports"`
	Owner    string   `json:"owner,omitempty"`
}

// Port is one interface of a port. Pointers are nil where OVS says nothing.
type Port struct {
	Name      string `json:"name"`
	Bridge    string `json:"bridge"`
	Bond      string `json:"bond,omitempty"`
	Type      string `json:"type"`
	Owner     string `json:"owner,omitempty"`
	Link      string `json:"link,omitempty"`      // up, down
	Connected *bool  `json:"connected,omitempty"` // vhost
	Error     string `json:"error,omitempty"`
	MTU       *int64 `json:"mtu,omitempty"`
	Speed     *int64 `json:"speedBps,omitempty"`
	// QueuesExpected is what the profile says, QueuesNegotiated what the guest
	// or the NIC agreed to.
	QueuesExpected   int      `json:"queuesExpected,omitempty"`
	QueuesNegotiated *int     `json:"queuesNegotiated,omitempty"`
	Socket           string   `json:"socket,omitempty"`
	NUMA             *int     `json:"numa,omitempty"`
	OFPort           *int64   `json:"ofport,omitempty"`
	PolledBy         []string `json:"polledBy,omitempty"` // "queue 0: core 1"
	// Stale is why the rest may be old: ovs-vswitchd, which keeps it, is hung or
	// stopped. Only the answers about ports have it, not a Status.
	Stale string `json:"stale,omitempty"`
	// BFD is the state of the session on it, up or other; empty = nothing watches it.
	BFD string `json:"bfd,omitempty"`
	// Counters are Interface.statistics as OVS names them: rx_packets, tx_dropped.
	Counters map[string]int64 `json:"counters,omitempty"`
	// Drops are the causes by which packets ended at it, the greatest lately first;
	// empty = none did. A cause is at most once in a direction.
	Drops []Drop `json:"drops,omitempty"`
}

// Drop is how many packets ended at a port by one cause of ovs_drops_total.
type Drop struct {
	Direction string `json:"direction"` // rx: what came into the switch, tx: what was to leave it
	Cause     string `json:"cause"`
	Packets   uint64 `json:"packets"` // since the port's counters began
	// Recent is how many of them ended in the last Seconds; nil = not known yet, the
	// port was looked at once.
	Recent  *uint64 `json:"recent,omitempty"`
	Seconds int     `json:"seconds,omitempty"`
}

// Explanation says in words why a port does or does not pass packets.
type Explanation struct {
	Port    Port     `json:"port"`
	Healthy bool     `json:"healthy"`
	Reasons []Reason `json:"reasons"`
	// Notes are what is worth to know and is no reason by itself: drops that ceased,
	// and what the switch as a whole drops without telling of which port.
	Notes []Reason `json:"notes,omitempty"`
}

// Reason is one cause with its remedy.
type Reason struct {
	What string `json:"what"`
	Fix  string `json:"fix,omitempty"`
}

// PMD is one PMD thread.
type PMD struct {
	Core     int        `json:"core"`
	NUMA     int        `json:"numa"`
	Isolated bool       `json:"isolated"`
	Queues   []PMDQueue `json:"queues"`
	// Busy is the share of cycles spent on packets since the thread started or
	// its counters were cleared, 0..1; nil = not known.
	Busy *float64 `json:"busy,omitempty"`
	// Overhead is in percent of the window of pmd-rxq-show.
	Overhead *int `json:"overheadPercent,omitempty"`
}

// PMDQueue is one rx queue of a PMD.
type PMDQueue struct {
	Port    string `json:"port"`
	Queue   int    `json:"queue"`
	Enabled bool   `json:"enabled"`
	Usage   *int   `json:"usagePercent,omitempty"` // nil = OVS says NOT AVAIL
}

// Lookups are where packets found their flow, over all threads, since their
// counters were cleared.
type Lookups struct {
	Packets  uint64 `json:"packets"` // received
	Passes   uint64 `json:"passes"`
	Simple   uint64 `json:"simpleMatch"`
	EMC      uint64 `json:"emc"`
	SMC      uint64 `json:"smc"`
	Megaflow uint64 `json:"megaflow"`
	Upcalls  uint64 `json:"upcalls"`
	Lost     uint64 `json:"lost"`
}

// Version tells which build answers.
type Version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
}
