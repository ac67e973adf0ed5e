package ovsdb

import (
	"fmt"
	"maps"

	"github.com/ovn-kubernetes/libovsdb/ovsdb"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// refColumn names the column of a parent's table that refers to a child's.
func refColumn(child vswitch.Table) string {
	switch child {
	case vswitch.BridgeTable:
		return "bridges"
	case vswitch.PortTable:
		return "ports"
	case vswitch.IfaceTable:
		return "interfaces"
	case vswitch.QoSTable:
		return "qos"
	case vswitch.IPFIXTable:
		return "ipfix"
	case vswitch.OpenvSwitch, vswitch.CollectorSetTable: // the latter refers to its parent
	}
	return ""
}

// insert makes a row with its references to rows made in the same transaction.
func (t *transaction) insert(r vswitch.Row) ovsdb.Operation {
	row := ovsdb.Row{}
	if t.named(r.Table) {
		row["name"] = r.Name
	}
	ids := map[any]any{}
	mark := vswitch.Mark{Owner: vswitch.OwnerProfile, Keys: r.Settings.Names()}
	for key, v := range markIDs(mark) {
		ids[key] = v
	}
	all := maps.Clone(r.Kept)
	if all == nil {
		all = vswitch.Settings{}
	}
	maps.Copy(all, r.Settings)
	for name, v := range all {
		column, key := vswitch.Column(name)
		if column == "external_ids" {
			ids[key] = v
			continue
		}
		row[column] = t.value(r.Table, column, all)
	}
	row["external_ids"] = ovsdb.OvsMap{GoMap: ids}
	if r.Table == vswitch.CollectorSetTable {
		row["bridge"] = t.uuidOf(r.Parent)
	}
	for i, child := range t.creates {
		column := refColumn(child.Table)
		if child.Parent != r.ID || column == "" {
			continue
		}
		set, _ := row[column].(ovsdb.OvsSet)
		set.GoSet = append(set.GoSet, ovsdb.UUID{GoUUID: rowName(i)})
		row[column] = set
	}
	return ovsdb.Operation{Op: ovsdb.OperationInsert, Table: string(r.Table), Row: row, UUIDName: t.nameOf(r.ID)}
}

// uuidOf refers to a row that is there, or is made in the same transaction.
func (t *transaction) uuidOf(id vswitch.ID) ovsdb.UUID {
	if name := t.nameOf(id); name != "" {
		return ovsdb.UUID{GoUUID: name}
	}
	row, _ := t.o.Row(id)
	return ovsdb.UUID{GoUUID: row.UUID}
}

func rowName(i int) string { return fmt.Sprintf("row%d", i) }

func (t *transaction) nameOf(id vswitch.ID) string {
	for i, r := range t.creates {
		if r.ID == id {
			return rowName(i)
		}
	}
	return ""
}

// refer lets an existing parent refer to a new row.
func (t *transaction) refer(r vswitch.Row) (ovsdb.Operation, bool) {
	if t.nameOf(r.Parent) != "" || refColumn(r.Table) == "" {
		return ovsdb.Operation{}, false // insert has done it
	}
	parent, ok := t.o.Row(r.Parent)
	if !ok {
		return ovsdb.Operation{}, false // the server refuses or collects the row
	}
	return t.reference(parent, refColumn(r.Table), ovsdb.MutateOperationInsert, t.nameOf(r.ID)), true
}

func (t *transaction) reference(parent vswitch.ObservedRow, column string, how ovsdb.Mutator, child string) ovsdb.Operation {
	op := ovsdb.Operation{Op: ovsdb.OperationMutate, Table: string(parent.Table), Where: isRow(parent.UUID)}
	one := ovsdb.OvsSet{GoSet: []any{ovsdb.UUID{GoUUID: child}}}
	if t.o.Schema.Types[parent.Table][column].Set {
		op.Mutations = []ovsdb.Mutation{{Column: column, Mutator: how, Value: one}}
		return op
	}
	// A column of at most one value cannot be mutated by insert while it holds another.
	op.Op = ovsdb.OperationUpdate
	if how == ovsdb.MutateOperationDelete {
		one.GoSet = []any{}
	}
	op.Row = ovsdb.Row{column: one}
	return op
}

// remove takes the reference to a row away; the server then collects the row
// and all below it, but for QoS rows and collector sets, which live until they are
// deleted.
func (t *transaction) remove(r vswitch.ObservedRow) []ovsdb.Operation {
	var ops []ovsdb.Operation
	if parent, ok := t.o.Row(r.Parent); ok && refColumn(r.Table) != "" {
		ops = append(ops, t.reference(parent, refColumn(r.Table), ovsdb.MutateOperationDelete, r.UUID))
	}
	for _, q := range t.o.Rows {
		below := q.ID == r.ID || q.Parent == r.ID || t.grandchild(q, r.ID)
		if q.Table != vswitch.QoSTable && q.Table != vswitch.CollectorSetTable || !below || q.Mark.Owner == "" {
			continue
		}
		// The server checks references to a root row before it collects the port.
		if port, ok := t.o.Row(q.Parent); ok && q.ID != r.ID && refColumn(q.Table) != "" {
			ops = append(ops, t.reference(port, refColumn(q.Table), ovsdb.MutateOperationDelete, q.UUID))
		}
		ops = append(ops, ovsdb.Operation{Op: ovsdb.OperationDelete, Table: string(q.Table), Where: isRow(q.UUID)})
	}
	return ops
}

// unused guards the deletion of a leftover QoS row: no port may refer to it.
func (t *transaction) unused(r vswitch.ObservedRow) (ovsdb.Operation, bool) {
	if r.Table != vswitch.QoSTable || r.Parent != (vswitch.ID{}) {
		return ovsdb.Operation{}, false
	}
	uuid := ovsdb.UUID{GoUUID: r.UUID}
	users := []ovsdb.Condition{ovsdb.NewCondition("qos", ovsdb.ConditionIncludes, uuid)}
	return guard(vswitch.PortTable, users, ovsdb.WaitConditionNotEqual, ovsdb.Row{"qos": uuid}), true
}

// holds guards the deletion of a bridge or port: what somebody else has put
// below it meanwhile would go with it.
func (t *transaction) holds(r vswitch.ObservedRow) (ovsdb.Operation, bool) {
	child := map[vswitch.Table]vswitch.Table{vswitch.BridgeTable: vswitch.PortTable, vswitch.PortTable: vswitch.IfaceTable}[r.Table]
	if child == "" {
		return ovsdb.Operation{}, false
	}
	below := ovsdb.OvsSet{GoSet: []any{}}
	for _, c := range t.o.Rows {
		if c.Parent == r.ID && c.Table == child {
			below.GoSet = append(below.GoSet, ovsdb.UUID{GoUUID: c.UUID})
		}
	}
	return guard(r.Table, isRow(r.UUID), ovsdb.WaitConditionEqual, ovsdb.Row{refColumn(child): below}), true
}

func (t *transaction) grandchild(r vswitch.ObservedRow, id vswitch.ID) bool {
	parent, ok := t.o.Row(r.Parent)
	return ok && parent.Parent == id
}
