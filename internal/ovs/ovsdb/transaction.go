package ovsdb

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ovn-kubernetes/libovsdb/ovsdb"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// transaction collects changes row by row and turns them into operations of
// RFC 7047: guards first, then rows, then references to them.
type transaction struct {
	o       vswitch.Observed
	creates []vswitch.Row
	edits   map[vswitch.ID]*edit
	deletes []vswitch.ObservedRow
}

// edit is what happens to one existing row.
type edit struct {
	row   vswitch.ObservedRow
	set   vswitch.Settings // an empty value takes the setting away
	mark  vswitch.Mark
	guard map[string]bool // columns that must still be as observed
}

func newTransaction(o vswitch.Observed) *transaction {
	return &transaction{o: o, edits: map[vswitch.ID]*edit{}}
}

func (t *transaction) add(c vswitch.Change) error {
	switch c.Op {
	case vswitch.Create:
		t.creates = append(t.creates, c.Row)
		return nil
	case vswitch.Delete:
		row, ok := t.o.Row(c.ID)
		if !ok {
			return nil // gone already
		}
		t.deletes = append(t.deletes, row)
		return nil
	case vswitch.Set, vswitch.Unset, vswitch.Claim, vswitch.Forget, vswitch.Disown:
		return t.edit(c)
	default:
		return fmt.Errorf("unknown operation %q", c.Op)
	}
}

func (t *transaction) edit(c vswitch.Change) error {
	e := t.edits[c.ID]
	if e == nil {
		row, ok := t.o.Row(c.ID)
		if !ok {
			return fmt.Errorf("the row is gone: %w", ErrChanged)
		}
		mark := row.Mark
		mark.Keys, mark.Former = slices.Clone(mark.Keys), maps.Clone(mark.Former)
		e = &edit{row: row, set: vswitch.Settings{}, mark: mark, guard: map[string]bool{}}
		t.edits[c.ID] = e
	}
	e.apply(c)
	return nil
}

func (e *edit) apply(c vswitch.Change) {
	if c.Setting != "" {
		column, _ := vswitch.Column(c.Setting)
		// vswitchd never writes what we set, but external_ids belong to everybody.
		e.guard[column] = e.guard[column] || column != "external_ids"
	}
	switch c.Op {
	case vswitch.Set, vswitch.Claim:
		if c.Setting == "" {
			e.mark.Owner = vswitch.OwnerAdopted
			return
		}
		if c.Op == vswitch.Set {
			e.set[c.Setting] = c.New
		}
		if _, kept := e.mark.Former[c.Setting]; c.TakeOver && !kept {
			if e.mark.Former == nil {
				e.mark.Former = map[string]string{}
			}
			e.mark.Former[c.Setting] = c.Old
		}
		e.mark.Keys = append(e.mark.Keys, c.Setting)
	case vswitch.Unset, vswitch.Forget:
		if c.Op == vswitch.Unset {
			e.set[c.Setting] = c.New
		}
		e.mark.Keys = slices.DeleteFunc(e.mark.Keys, func(k string) bool { return k == c.Setting })
		delete(e.mark.Former, c.Setting)
	case vswitch.Disown:
		e.mark.Owner = ""
	case vswitch.Create, vswitch.Delete: // never an edit
	}
}

// operations returns the transaction's operations, guards first.
func (t *transaction) operations() []ovsdb.Operation {
	var guards, writes []ovsdb.Operation
	for _, id := range slices.SortedFunc(maps.Keys(t.edits), vswitch.ID.Compare) {
		e := t.edits[id]
		guards = append(guards, t.guards(e)...)
		writes = append(writes, t.writes(e)...)
	}
	guards = append(guards, t.parents()...)
	for _, r := range t.creates {
		writes = append(writes, t.insert(r))
	}
	for _, r := range t.creates {
		if op, ok := t.refer(r); ok {
			writes = append(writes, op)
		}
	}
	for _, r := range t.deletes {
		if op, ok := t.unused(r); ok {
			guards = append(guards, op)
		}
		if op, ok := t.holds(r); ok {
			guards = append(guards, op)
		}
		writes = append(writes, t.remove(r)...)
	}
	return append(guards, writes...)
}

func (t *transaction) guards(e *edit) []ovsdb.Operation {
	row := ovsdb.Row{}
	for column, on := range e.guard {
		if on {
			row[column] = t.value(e.row.Table, column, e.row.Settings)
		}
	}
	if t.named(e.row.Table) {
		row["name"] = e.row.Name // the row itself must be there
	}
	if len(row) == 0 {
		return nil
	}
	return []ovsdb.Operation{guard(e.row.Table, isRow(e.row.UUID), ovsdb.WaitConditionEqual, row)}
}

// guard lets the transaction fail unless what is found is, or is not, just one
// row with these values.
func guard(table vswitch.Table, where []ovsdb.Condition, until ovsdb.WaitCondition, row ovsdb.Row) ovsdb.Operation {
	now := 0
	return ovsdb.Operation{
		Op: ovsdb.OperationWait, Table: string(table), Where: where, Timeout: &now,
		Columns: slices.Sorted(maps.Keys(row)), Until: string(until), Rows: []ovsdb.Row{row},
	}
}

// parents guards the rows that new rows hang from: without its parent the server
// would collect a new row again, without a word.
func (t *transaction) parents() []ovsdb.Operation {
	var guards []ovsdb.Operation
	guarded := map[vswitch.ID]bool{}
	for _, r := range t.creates {
		parent, ok := t.o.Row(r.Parent)
		if !ok || guarded[r.Parent] || t.edits[r.Parent] != nil || !t.named(parent.Table) {
			continue
		}
		guarded[r.Parent] = true
		guards = append(guards, guard(parent.Table, isRow(parent.UUID), ovsdb.WaitConditionEqual, ovsdb.Row{"name": parent.Name}))
	}
	return guards
}

func (t *transaction) named(table vswitch.Table) bool {
	_, named := t.o.Schema.Types[table]["name"]
	return named
}

// writes updates whole columns and mutates maps key by key, so that keys of
// others in the same map stay.
func (t *transaction) writes(e *edit) []ovsdb.Operation {
	update := ovsdb.Row{}
	drop := map[string][]any{}
	put := map[string]map[any]any{}
	inMap := func(column, key, value string, keep bool) {
		drop[column] = append(drop[column], key)
		if keep {
			if put[column] == nil {
				put[column] = map[any]any{}
			}
			put[column][key] = value
		}
	}
	for _, name := range e.set.Names() {
		column, key := vswitch.Column(name)
		if key == "" {
			update[column] = t.value(e.row.Table, column, e.set)
			continue
		}
		inMap(column, key, e.set[name], e.set[name] != "")
	}
	was, is := markIDs(e.row.Mark), markIDs(e.mark)
	for _, key := range slices.Sorted(maps.Keys(was)) {
		if _, still := is[key]; !still {
			inMap("external_ids", key, "", false)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if v, known := was[key]; !known || v != is[key] {
			inMap("external_ids", key, is[key], true)
		}
	}
	var ops []ovsdb.Operation
	if len(update) > 0 {
		ops = append(ops, ovsdb.Operation{Op: ovsdb.OperationUpdate, Table: string(e.row.Table), Where: isRow(e.row.UUID), Row: update})
	}
	if len(drop) > 0 {
		ops = append(ops, ovsdb.Operation{Op: ovsdb.OperationMutate, Table: string(e.row.Table), Where: isRow(e.row.UUID), Mutations: mutations(drop, put)})
	}
	return ops
}

func mutations(drop map[string][]any, put map[string]map[any]any) []ovsdb.Mutation {
	var ms []ovsdb.Mutation
	for _, column := range slices.Sorted(maps.Keys(drop)) {
		ms = append(ms, ovsdb.Mutation{Column: column, Mutator: ovsdb.MutateOperationDelete, Value: ovsdb.OvsSet{GoSet: drop[column]}})
		if len(put[column]) > 0 {
			ms = append(ms, ovsdb.Mutation{Column: column, Mutator: ovsdb.MutateOperationInsert, Value: ovsdb.OvsMap{GoMap: put[column]}})
		}
	}
	return ms
}

// markIDs writes a mark as external_ids.
func markIDs(m vswitch.Mark) map[string]string {
	ids := map[string]string{}
	if m.Owner != "" {
		ids[vswitch.OwnerKey] = m.Owner
	}
	keys := slices.Compact(slices.Sorted(slices.Values(m.Keys)))
	if len(keys) > 0 {
		ids[vswitch.KeysKey] = strings.Join(keys, " ")
	}
	for setting, value := range m.Former {
		ids[vswitch.FormerPrefix+setting] = value
	}
	return ids
}

// value converts settings of one column into the column's own type.
func (t *transaction) value(table vswitch.Table, column string, s vswitch.Settings) any {
	typ := t.o.Schema.Types[table][column]
	if typ.Map {
		m := map[any]any{}
		for name, v := range s {
			if c, key := vswitch.Column(name); c == column && key != "" {
				m[key] = v
			}
		}
		return ovsdb.OvsMap{GoMap: m}
	}
	text := s[column]
	switch {
	case typ.Set || typ.Empty && text == "":
		set := ovsdb.OvsSet{GoSet: []any{}}
		for part := range strings.SplitSeq(text, ",") {
			if part != "" {
				set.GoSet = append(set.GoSet, atom(typ.Kind, part))
			}
		}
		return set
	default:
		return atom(typ.Kind, text)
	}
}

// atom converts text into an atomic value; what does not convert goes as text,
// for the server to refuse in its own words.
func atom(kind, text string) any {
	switch kind {
	case "integer":
		if text == "" {
			return 0
		}
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	case "boolean":
		return text == "true"
	case "real":
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}
