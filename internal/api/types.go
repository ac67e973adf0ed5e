// Package api is the daemon's local interface: HTTP and JSON on a unix socket.
// It has wire types of its own, so that a client needs none of the daemon's code.
package api

import "time"

// Finding is one thing the planner tells the operator.
type Finding struct {
	Severity string `json:"severity"` // error, warning, info
	Code     string `json:"code"`
	Path     string `json:"path,omitempty"` // place in the profile
	Line     int    `json:"line,omitempty"` // 0 = unknown
	What     string `json:"what"`
	Cost     string `json:"cost,omitempty"`
	Fix      string `json:"fix,omitempty"`
}

// Change is one difference between the database and the profile.
type Change struct {
	Text    string `json:"text"` // in ovs-vsctl's words
	Op      string `json:"op"`   // create, delete, set, unset, claim, forget, disown
	Table   string `json:"table"`
	Row     string `json:"row"`
	Setting string `json:"setting,omitempty"`
	Old     string `json:"old,omitempty"`
	New     string `json:"new,omitempty"`
	// Class is live, "PMD re-creation", "port stop/start" or "restart needed".
	Class    string `json:"class"`
	TakeOver bool   `json:"takeOver,omitempty"`
	OneWay   bool   `json:"oneWay,omitempty"`
	Refused  string `json:"refused,omitempty"` // why it is never made
	// Automatic changes are made by the daemon itself, the rest waits for `host apply`.
	Automatic bool   `json:"automatic"`
	Note      string `json:"note,omitempty"`
}

// Step is one transaction.
type Step struct {
	Number  int      `json:"number"`
	Changes []Change `json:"changes"`
}

// Plan is what `host plan` prints.
type Plan struct {
	Host     string    `json:"host"`
	OVS      string    `json:"ovs,omitempty"` // release planned for
	Findings []Finding `json:"findings"`
	// Before and After are host actions in words, in order.
	Before []string `json:"before,omitempty"`
	Steps  []Step   `json:"steps"`
	After  []string `json:"after,omitempty"`
	// Refused: an error among the findings forbids the plan.
	Refused bool `json:"refused"`
	// Converged: there is nothing to do.
	Converged bool `json:"converged"`
}

// PlanRequest asks for a plan; an empty Profile means the daemon's own.
type PlanRequest struct {
	Profile string `json:"profile,omitempty"` // YAML text
	Name    string `json:"name,omitempty"`    // file name for messages
}

// ApplyRequest asks the daemon to perform the plan.
type ApplyRequest struct {
	Profile  string `json:"profile,omitempty"` // YAML text to install first; empty = the present one
	Name     string `json:"name,omitempty"`
	TakeOver bool   `json:"takeOver,omitempty"`
	Atomic   bool   `json:"atomic,omitempty"`
	// Force performs a plan that would delete more than the guard allows.
	Force bool `json:"force,omitempty"`
}

// Result is what became of an apply.
type Result struct {
	Plan Plan `json:"plan"` // as performed
	// Made counts changes written and actions carried out.
	Made int `json:"made"`
	// Refused lists what OVS did not do, in the operator's words.
	Refused []string `json:"refused,omitempty"`
	// Pending are changes that still wait, for instance take-overs without the word.
	Pending []Change `json:"pending,omitempty"`
	// RolledBack says what an atomic apply wrote back, and what that cost.
	RolledBack []string      `json:"rolledBack,omitempty"`
	Profile    string        `json:"profile,omitempty"` // path installed to
	Duration   time.Duration `json:"durationNs"`
}

// Status is the host as the daemon sees it.
type Status struct {
	Host    string        `json:"host"`
	Version string        `json:"version"` // Sluice's
	OVS     OVSStatus     `json:"ovs"`
	Profile ProfileStatus `json:"profile"`
	Pass    PassStatus    `json:"pass"`
	Pending []Change      `json:"pending"`
	Bridges []Bridge      `json:"bridges"`
	Ports   []Port        `json:"ports"`
	PMDs    []PMD         `json:"pmds"`
	// Lookups are absent where the control socket gave none.
	Lookups *Lookups `json:"lookups,omitempty"`
	Metrics string   `json:"metrics,omitempty"` // URL
	// Unknown lists what could not be read, and why.
	Unknown []string `json:"unknown,omitempty"`
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

// PassStatus is the newest reconcile pass.
type PassStatus struct {
	Time     time.Time     `json:"time,omitzero"`
	Reason   string        `json:"reason,omitempty"` // what woke it
	Result   string        `json:"result"`           // converged, changed, pending, refused, failed, waiting
	Error    string        `json:"error,omitempty"`
	Duration time.Duration `json:"durationNs"`
	Findings []Finding     `json:"findings,omitempty"`
	Refused  []string      `json:"refused,omitempty"` // what OVS did not do
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
	QueuesExpected   int              `json:"queuesExpected,omitempty"`
	QueuesNegotiated *int             `json:"queuesNegotiated,omitempty"`
	Socket           string           `json:"socket,omitempty"`
	NUMA             *int             `json:"numa,omitempty"`
	OFPort           *int64           `json:"ofport,omitempty"`
	PolledBy         []string         `json:"polledBy,omitempty"` // "queue 0: core 1"
	Counters         map[string]int64 `json:"counters,omitempty"`
}

// Explanation says in words why a port does or does not pass packets.
type Explanation struct {
	Port    Port     `json:"port"`
	Healthy bool     `json:"healthy"`
	Reasons []Reason `json:"reasons"`
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

// AdoptResult is the profile that describes the host as it is.
type AdoptResult struct {
	Profile string   `json:"profile"` // YAML text
	Claimed []Change `json:"claimed"`
	// Left lists what runs and the profile cannot say.
	Left []string `json:"left,omitempty"`
}

// ReleaseResult is what was given back.
type ReleaseResult struct {
	Changes []Change `json:"changes"`
}

// Error is the body of every answer that is not 2xx.
type Error struct {
	// Code is failed, usage, not-found, conflict.
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Fix     string    `json:"fix,omitempty"`
	Details []Finding `json:"details,omitempty"`
}
