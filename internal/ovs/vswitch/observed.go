package vswitch

import "slices"

// The external_ids keys by which a row says what of it is ours. They are
// columns that ovs-vswitchd does not monitor: writing them disturbs nothing.
const (
	// OwnerKey marks a row we made or took over; its value is one of the owners below.
	OwnerKey = "sluice-owner"
	// KeysKey lists the settings of the row that we set, separated by blanks.
	KeysKey = "sluice-keys"
	// NotePrefix begins settings in which we remember something about a row that
	// is ours; they go when the row is given back.
	NotePrefix = "external_ids:sluice."
	// FormerPrefix, followed by a setting's name, keeps the value that a
	// take-over replaced, for `host release`.
	FormerPrefix = "sluice-former:"
)

// The owners of rows.
const (
	OwnerProfile = "profile" // made for the host profile: goes when the profile drops it
	OwnerAdopted = "adopted" // somebody else's, taken over: given back when the profile drops it
	OwnerAPI     = "api"     // added at run time: stays until deleted at run time
)

// Mark is what a row's external_ids say of our ownership.
type Mark struct {
	// Owner is one of the owners; empty: the row is not ours, though single
	// keys of it may be (Keys), as in the Open_vSwitch row.
	Owner string `json:"owner,omitempty"`
	// Keys are the settings we set, ascending.
	Keys []string `json:"keys,omitempty"`
	// Former holds the values that take-overs replaced; a key with an empty
	// value was a whole column at its default.
	Former map[string]string `json:"former,omitempty"`
}

// Owns tells whether we set this setting.
func (m Mark) Owns(setting string) bool { return slices.Contains(m.Keys, setting) }

// ObservedRow is a row as it is.
type ObservedRow struct {
	Row
	UUID string
	Mark Mark
	// Status is what vswitchd reports on an Interface row; nil elsewhere.
	Status *InterfaceStatus
}

// IfaceID is the setting of an Interface that names the port of the logical network
// that it is (Documentation/topics/integration.rst).
const IfaceID = "external_ids:iface-id"

// InterfaceStatus holds the columns of an Interface row that vswitchd writes
// (vswitch.xml, "Interface Status"). Nil pointers mean the column is empty.
type InterfaceStatus struct {
	Error      string            `json:"error,omitempty"`      // why the interface could not be opened; empty does not prove health
	OFPort     *int64            `json:"ofport,omitempty"`     // -1 = failed, nil = not processed yet
	AdminState string            `json:"adminState,omitempty"` // "up", "down" or ""
	LinkState  string            `json:"linkState,omitempty"`  // "up", "down" or ""
	MTU        *int64            `json:"mtu,omitempty"`        // 0 for a vhost port that was never connected
	MACInUse   string            `json:"macInUse,omitempty"`
	LinkSpeed  *int64            `json:"linkSpeed,omitempty"` // bits per second
	Status     map[string]string `json:"status,omitempty"`    // driver's words: vhost status, numa, n_rxq, ...

	// Guest is no column. It says by what a guest counts as connected to a vhost
	// port of which Status says that none is; "" = nothing tells of one. Whoever
	// observes fills it in where it matters.
	Guest string `json:"guest,omitempty"`
}

// Port is the interface's OpenFlow port; false where it has none: it is not open, or
// there is no status, which may be nil.
func (s *InterfaceStatus) Port() (int64, bool) {
	if s == nil || s.OFPort == nil || *s.OFPort <= 0 {
		return 0, false
	}
	return *s.OFPort, true
}

// Observed is the database at one instant, with what the server and the
// running switch tell about themselves.
type Observed struct {
	Rows []ObservedRow // sorted by Compare

	Schema          Schema
	OVSVersion      string   // "3.1.0"; empty until vswitchd has started once
	DPDKVersion     string   // "DPDK 22.11.11"; filled even when init failed
	DPDKInitialized bool     //
	IfaceTypes      []string // DPDK's appear only after a successful init
	DatapathTypes   []string
	CurCfg, NextCfg int64
}

// Schema is what the server says its tables have.
type Schema struct {
	Version string              `json:"version"`
	Columns map[Table][]string  `json:"columns"` // ascending
	Types   map[Table]ColumnMap `json:"-"`
}

// ColumnMap tells a column's shape.
type ColumnMap map[string]ColumnType

// ColumnType is as much of an OVSDB type as writing text into it needs.
type ColumnType struct {
	Kind  string // key's atomic type: "string", "integer", "boolean", "real", "uuid"
	Map   bool
	Set   bool // more than one value allowed
	Empty bool // no value allowed
}

// Has tells whether the server's table has the column.
func (s Schema) Has(t Table, column string) bool {
	_, found := slices.BinarySearch(s.Columns[t], column)
	return found
}

// SortObserved puts rows into the order of ID.Compare.
func SortObserved(rows []ObservedRow) {
	slices.SortFunc(rows, func(a, b ObservedRow) int { return a.Compare(b.ID) })
}

// Row returns the row with this id.
func (o Observed) Row(id ID) (ObservedRow, bool) {
	i, found := slices.BinarySearchFunc(o.Rows, id, func(r ObservedRow, id ID) int { return r.Compare(id) })
	if !found {
		return ObservedRow{}, false
	}
	return o.Rows[i], true
}
