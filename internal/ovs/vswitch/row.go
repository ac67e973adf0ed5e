// Package vswitch says what an Open vSwitch database holds and what it shall
// hold, as pure data in the words of ovs-vsctl. Nothing here talks to a server.
//
// Every setting is text: "other_config:pmd-cpu-mask" is one key of a map
// column, "fail_mode" a whole column. Sets are comma-joined in ascending order
// (numbers by value), booleans are true and false. So a row prints as the
// arguments of `ovs-vsctl set`, and two states differ exactly where their texts do.
// Column names and meanings are those of vswitchd/vswitch.ovsschema and
// vswitchd/vswitch.xml, OVS 2.17 to 4.0.
package vswitch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Table is an OVSDB table of the Open_vSwitch schema.
type Table string

// The tables Sluice writes, in the order in which rows are made.
const (
	OpenvSwitch Table = "Open_vSwitch"
	BridgeTable Table = "Bridge"
	PortTable   Table = "Port"
	IfaceTable  Table = "Interface"
	QoSTable    Table = "QoS"
	// CollectorSetTable has the sets that sample() of flows refers to, IPFIXTable the
	// exporters of bridges and sets.
	CollectorSetTable Table = "Flow_Sample_Collector_Set"
	IPFIXTable        Table = "IPFIX"
)

var tableOrder = []Table{OpenvSwitch, BridgeTable, PortTable, IfaceTable, QoSTable, CollectorSetTable, IPFIXTable}

// ID names a row: its table and name. The single Open_vSwitch row is named ".",
// as ovs-vsctl accepts it; a QoS row bears the name of the port that refers to it,
// or its UUID where none does. A collector set is named BRIDGE/ID, and an IPFIX row
// after the bridge or the set that refers to it.
type ID struct {
	Table Table  `json:"table"`
	Name  string `json:"name"`
}

// Root is the single row of table Open_vSwitch.
var Root = ID{OpenvSwitch, "."}

// String returns "Table name", as after `ovs-vsctl set`.
func (id ID) String() string { return string(id.Table) + " " + id.Name }

// Compare orders rows: parents' tables first, then by name.
func (id ID) Compare(o ID) int {
	return cmp.Or(cmp.Compare(slices.Index(tableOrder, id.Table), slices.Index(tableOrder, o.Table)), cmp.Compare(id.Name, o.Name))
}

// Settings are the columns ("mtu_request") and keys of map columns
// ("options:n_rxq") of a row.
type Settings map[string]string

// Column splits a setting's name into column and key; the key is empty for a
// whole column. Only the first colon separates.
func Column(setting string) (column, key string) {
	column, key, _ = strings.Cut(setting, ":")
	return column, key
}

// Set stores a value unless it is empty: empty means "OVS's own default".
func (s Settings) Set(name, value string) {
	if value != "" {
		s[name] = value
	}
}

// Names returns the names in ascending order.
func (s Settings) Names() []string { return slices.Sorted(maps.Keys(s)) }

// Row is one row as it shall be. Settings hold just what the profile says; what
// is absent is left as it is found, or taken back where we had set it.
type Row struct {
	ID
	// Parent holds the reference to this row: Open_vSwitch for a bridge, the
	// bridge for a port, the port for an interface or a QoS row, a bridge or collector
	// set for an IPFIX row. A collector set refers itself to its bridge. Zero for Root.
	Parent   ID
	Settings Settings
	// Kept are settings of others that a row made again gets too, where
	// Settings do not say otherwise. They are not marked as ours.
	Kept Settings
	// Asked says that the row may hang from one of somebody else's: an operator named
	// that one for it.
	Asked bool
}

// Desired is everything a profile wants in the database. Absent sections of a
// profile add nothing here.
type Desired struct {
	Rows []Row // sorted by Compare, each ID once
	// Kept holds, by row, settings whose text in the database differs from the
	// row's and means the same to OVS, as found there; "" = absent, and OVS's
	// default is what the row wants. Such a setting becomes ours and is not
	// written: OVS compares texts, so that the same value in other words can
	// stop a port. A row that is made (anew) has the row's own texts.
	Kept map[ID]Settings
}

// Sort puts rows into the order of ID.Compare.
func Sort(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int { return a.Compare(b.ID) })
}

// Row returns the row with this id.
func (d Desired) Row(id ID) (Row, bool) {
	i, found := slices.BinarySearchFunc(d.Rows, id, func(r Row, id ID) int { return r.Compare(id) })
	if !found {
		return Row{}, false
	}
	return d.Rows[i], true
}

// asFound returns the row with the texts that are kept, where the database
// still has them.
func (d Desired) asFound(r Row, was ObservedRow) Row {
	kept := d.Kept[r.ID]
	if len(kept) == 0 {
		return r
	}
	r.Settings = maps.Clone(r.Settings)
	for name, text := range kept {
		if _, wanted := r.Settings[name]; wanted && was.Settings[name] == text {
			r.Settings[name] = text
		}
	}
	return r
}
