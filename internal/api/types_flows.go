package api

import "cmp"

// FlowsRequest says which flows of the integration bridge are asked for. Both
// conditions hold where both are set.
type FlowsRequest struct {
	// Object is the name of what the flows are for, "vm1", or its kind and name,
	// "switch port/vm1"; "" = any.
	Object string `json:"object,omitempty"`
	// Table is a table's name, "L2", or number, "16"; "" = all.
	Table string `json:"table,omitempty"`
}

// FlowState is what there is to say of a flow and the bridge.
type FlowState string

// The states of a flow.
const (
	FlowLaid    FlowState = "laid"    // on the bridge, as computed
	FlowAltered FlowState = "altered" // on the bridge, but not as computed
	FlowMissing FlowState = "missing" // computed, and not on the bridge
	FlowForeign FlowState = "foreign" // on the bridge, and nobody of ours wants it
	FlowUnknown FlowState = "unknown" // on the bridge; nothing is computed to compare with
)

func (FlowState) values() []string {
	return words(FlowLaid, FlowAltered, FlowMissing, FlowForeign, FlowUnknown)
}

// Flow is one flow of the integration bridge, or one that it lacks.
type Flow struct {
	Table    int       `json:"table"`
	Name     string    `json:"name"` // the table's
	Priority int       `json:"priority"`
	Match    string    `json:"match"`   // as ovs-ofctl dump-flows prints it; "" = every packet
	Actions  string    `json:"actions"` // likewise
	Cookie   string    `json:"cookie"`  // "0x…"
	State    FlowState `json:"state"`
	// Wanted is what the actions of an altered flow should be, with its cookie where
	// that is another.
	Wanted string `json:"wanted,omitempty"`
	// Packets and Bytes are what the switch counted; 0 for a missing flow.
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
	// Owners are the rows that want the flow. The first is the one whose actions it
	// has; others want a flow with the same table, priority and match.
	Owners []FlowOwner `json:"owners"`
}

// FlowOwner is a row of the logical network that flows are for.
type FlowOwner struct {
	Kind string `json:"kind"` // "switch port", ...; "constant": of no row
	Name string `json:"name,omitempty"`
	Row  string `json:"row,omitempty"` // its UUID; of a row that is gone the last digits
	Gone bool   `json:"gone,omitempty"`
}

// FlowLine is one line of a list of flows. One field is set; End or Error is the
// last line: a list without is cut short.
type FlowLine struct {
	Flow  *Flow     `json:"flow,omitempty"`
	End   *FlowsEnd `json:"end,omitempty"`
	Error *Error    `json:"error,omitempty"`
}

// FlowsEnd ends a list of flows.
type FlowsEnd struct {
	Bridge string `json:"bridge"`
	Flows  int    `json:"flows"` // that were listed
	// Network is why the bridge is not as computed; "" = the daemon knows of nothing.
	Network string `json:"network,omitempty"`
	// Bare: the bridge has no flow of the logical network, and waits for the store.
	Bare bool `json:"bare,omitempty"`
}

// FlowExplanation is what a cookie stands for.
type FlowExplanation struct {
	Cookie string `json:"cookie"`
	// Owner is the row; nil = the cookie is none of ours.
	Owner  *FlowOwner `json:"owner,omitempty"`
	Flows  []Flow     `json:"flows"`  // that the row wants, and others with the cookie
	Groups []string   `json:"groups"` // that the row wants, as ovs-ofctl dump-groups prints them
	// Problems are what this host cannot do for the row.
	Problems []string `json:"problems"`
	Network  string   `json:"network,omitempty"` // as in FlowsEnd
}

// Compare orders flows as they are listed: by table, then the one that is looked at
// first, then by match.
func (f Flow) Compare(o Flow) int {
	return cmp.Or(cmp.Compare(f.Table, o.Table), cmp.Compare(o.Priority, f.Priority), cmp.Compare(f.Match, o.Match))
}
