package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// restored are the tables that a restore makes as they were. What hosts say of
// themselves is merged; how the servers are reached, roles and traces stay.
var restored = []string{
	"Datapath", "Switch", "Security_Group", "Address_Set", "Security_Rule", "Switch_Port", "Address", "Router", "Router_Port", "Route",
	"NAT", "Load_Balancer", "Pool", "Pool_Address", "Mirror", "Meter",
}

// Margins by which a restore counts on: what a store that was lost handed out after
// it was saved is in flows of hosts that nobody knows of. Its numbers must not
// mean something else soon.
const (
	seqMargin      = 1 << 20
	datapathMargin = 4096
	portMargin     = 1024
)

// Restore makes the logical network as it was saved, in one transaction, and
// returns what that takes. Rows keep their UUIDs and, but for those that mean
// another object now, their keys; keys of what goes are not handed out while a host
// may have its flows, and Global.seq is above all that a host ever told of. With
// dry nothing is changed.
func (c *Client) Restore(ctx context.Context, s *Saved, dry bool) ([]Step, error) {
	if u, err := c.PlanUpgrade(ctx); err != nil {
		return nil, err
	} else if order, err := compareVersions(s.Version, u.From); err != nil || order > 0 {
		return nil, fmt.Errorf("the store has schema %s and what was saved %s: %w", u.From, s.Version, cmp.Or(err, ErrOldSchema))
	}
	var steps []Step
	err := c.change(ctx, func(v *view) error {
		now, err := v.contents()
		if err != nil {
			return err
		}
		p := &restoration{v: v, now: now, saved: s.rows.clone(), renumbered: map[string]string{}}
		if err := p.plan(); err != nil {
			return err
		}
		steps = p.steps
		if dry {
			v.ops = nil
		}
		return nil
	})
	return steps, err
}

// contents reads all rows of the tables that a restore looks at.
func (v *view) contents() (content, error) {
	names := slices.Concat(restored, []string{"Global", "Host", "Host_Status", "Binding", "Retired_Key", "Trace"})
	ops := make([]op, len(names))
	for i, name := range names {
		ops[i] = selectOp(name)
	}
	results, err := v.query(ops...)
	if err != nil {
		return nil, err
	}
	all := content{}
	for i, name := range names {
		rows, err := backupRows(results[i])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		all[name] = map[string]cells{}
		for id, row := range rows {
			delete(row, "_version")
			all[name][id] = row
		}
	}
	return all, nil
}

// restoration is the work of one restore.
type restoration struct {
	v          *view
	now, saved content
	seq        uint64
	renumbered map[string]string // by the row's UUID: "key 3 -> 4097"
	steps      []Step
}

func (p *restoration) plan() error {
	for _, counts := range []struct {
		rows   map[string]cells
		column string
	}{{p.now["Global"], "seq"}, {p.saved["Global"], "seq"}, {p.now["Host_Status"], "generation"}, {p.saved["Host_Status"], "generation"}} {
		for _, row := range counts.rows {
			p.seq = max(p.seq, row.number(counts.column))
		}
	}
	p.seq += seqMargin
	if err := p.keys(); err != nil {
		return err
	}
	for _, table := range restored {
		p.table(table)
	}
	p.hosts()
	p.bindings()
	p.v.add(deleteOp("Trace"), updateOp("Global", p.v.global, row{"seq": p.seq}))
	return nil
}

// table makes one table as it was saved.
func (p *restoration) table(name string) {
	now, saved := p.now[name], p.saved[name]
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if _, stays := saved[id]; !stays {
			p.v.add(deleteOp(name, is("_uuid", []any{"uuid", id})))
			p.tell(StepDelete, name, id, now[id], nil)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(saved)) {
		was, there := now[id]
		if !there {
			p.insert(name, id, saved[id])
			continue
		}
		changed := row{}
		var columns []string
		for column, cell := range saved[id] {
			if !bytes.Equal(was[column], cell) {
				changed[column] = cell
				columns = append(columns, column)
			}
		}
		if len(changed) == 0 {
			continue
		}
		p.v.add(op{"op": "update", "table": name, "where": []any{is("_uuid", []any{"uuid", id})}, "row": changed})
		slices.Sort(columns)
		if name != "Datapath" { // whose counters differ always
			p.tell(StepChange, name, id, saved[id], columns)
		}
	}
}

// insert makes a row with the UUID that it had ("uuid" of an insert is known to
// servers since OVS 2.13).
func (p *restoration) insert(name, id string, r cells) {
	o := insertOp(name, "", row{})
	o["row"], o["uuid"] = r, id
	p.v.add(o)
	p.tell(StepAdd, name, id, r, nil)
}

// tell notes a step on what has a name.
func (p *restoration) tell(how StepOp, table, id string, r cells, columns []string) {
	t := tableNamed(table)
	var name string
	if t == nil || t.kind == logical.KindDatapath || json.Unmarshal(r["name"], &name) != nil {
		return
	}
	if number := p.renumbered[id]; number != "" {
		columns = append(columns, number)
	}
	p.steps = append(p.steps, Step{Op: how, Kind: t.kind.String(), Name: name, Changes: columns})
}

// hosts keeps what is there: hosts say it of themselves. One that is not there is
// put back, so that no key is taken for forgotten before it told.
func (p *restoration) hosts() {
	names, indexes := map[string]bool{}, map[uint64]bool{}
	for _, r := range p.now["Host"] {
		names[r.text("name")], indexes[r.number("index")] = true, true
	}
	for _, id := range slices.Sorted(maps.Keys(p.saved["Host"])) {
		r := p.saved["Host"][id]
		if _, there := p.now["Host"][id]; there || names[r.text("name")] {
			continue
		}
		index := r.number("index")
		for indexes[index] {
			index = index%65535 + 1
		}
		indexes[index] = true
		r["index"] = numeral(index)
		p.insert("Host", id, r)
	}
}

// bindings keeps those that are there of ports that stay, and of other ports those
// that were saved. A host that has a port binds it anew where that is wrong.
func (p *restoration) bindings() {
	bound := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(p.now["Binding"])) {
		port := p.now["Binding"][id].uuid("port")
		if _, stays := p.saved["Switch_Port"][port]; stays {
			bound[port] = true
			continue
		}
		p.v.add(deleteOp("Binding", is("_uuid", []any{"uuid", id})))
	}
	for _, id := range slices.Sorted(maps.Keys(p.saved["Binding"])) {
		r := p.saved["Binding"][id]
		if !bound[r.uuid("port")] {
			p.insert("Binding", id, r)
		}
	}
}

// clone is a copy whose rows can be changed.
func (c content) clone() content {
	all := content{}
	for table, rows := range c {
		all[table] = map[string]cells{}
		for id, r := range rows {
			all[table][id] = maps.Clone(r)
		}
	}
	return all
}

func (r cells) number(column string) uint64 {
	n, _ := value(r[column]).integer(1 << 62)
	return n
}

func (r cells) text(column string) string {
	s, _ := value(r[column]).text()
	return s
}

func (r cells) uuid(column string) string {
	id, err := value(r[column]).uuid()
	if err != nil {
		return ""
	}
	return id.String()
}

func numeral(n uint64) json.RawMessage { return fmt.Appendf(nil, "%d", n) }
