package store

import (
	"encoding/hex"
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// write turns a plan into operations: numbers are handed out and given back,
// claims made, and rows that are new refer to each other by name.
func (v *view) write(p *importPlan) error {
	w := &importWriter{view: v, plan: p, datapaths: map[logical.UUID]*freshPath{}, keys: map[logical.UUID]*ports{}}
	if err := v.forget(); err != nil {
		return err
	}
	for _, e := range p.drop {
		if err := w.drop(e); err != nil {
			return err
		}
	}
	// Switches and routers before their ports, which need their datapaths.
	for _, ports := range []bool{false, true} {
		for _, e := range p.add {
			k := e.Ref().Kind
			if (k == logical.KindSwitchPort || k == logical.KindRouterPort) != ports {
				continue
			}
			if err := w.insert(e); err != nil {
				return err
			}
		}
	}
	for _, e := range p.set {
		v.add(updateOp(tableOf(e.Ref().Kind).name, e.Ref().UUID, w.names(encode(e)).(row)))
		if port, ok := e.(*logical.SwitchPort); ok {
			v.add(deleteOp("Address", is("port", refOf(port.ID))))
			w.claim(port, refOf(port.ID))
		}
	}
	return nil
}

// importWriter is one write at work.
type importWriter struct {
	*view
	plan      *importPlan
	datapaths map[logical.UUID]*freshPath // of new switches and routers
	keys      map[logical.UUID]*ports     // of those that are there
}

// freshPath is a datapath that the transaction inserts, whose port keys begin at 1.
type freshPath struct {
	row  row
	next uint64
}

// rowName is the name of a new row within the transaction.
func rowName(u logical.UUID) string { return "new" + hex.EncodeToString(u[:]) }

// names replaces references to new rows by their names.
func (w *importWriter) names(v any) any {
	switch v := v.(type) {
	case row:
		for k, x := range v {
			v[k] = w.names(x)
		}
	case []any:
		if len(v) == 2 && v[0] == "uuid" {
			if text, ok := v[1].(string); ok {
				if u, err := logical.ParseUUID(text); err == nil && w.plan.fresh[u] {
					return named(rowName(u))
				}
			}
		}
		for i, x := range v {
			v[i] = w.names(x)
		}
	}
	return v
}

func (w *importWriter) insert(e logical.Entity) error {
	r := encode(e)
	switch e := e.(type) {
	case *logical.Switch:
		if err := w.newPath(e.Ref().UUID, logical.DatapathSwitch, r); err != nil {
			return err
		}
	case *logical.Router:
		if err := w.newPath(e.Ref().UUID, logical.DatapathRouter, r); err != nil {
			return err
		}
	case *logical.SwitchPort:
		key, err := w.portKey(e.Switch.UUID(), "Switch_Port", is("switch", refOf(e.Switch)))
		if err != nil {
			return err
		}
		e.Key, e.Seq = key, w.seq+1
		r["key"], r["seq"] = e.Key, e.Seq
		w.claim(e, named(rowName(e.ID.UUID())))
	case *logical.RouterPort:
		key, err := w.portKey(e.Router.UUID(), "Router_Port", is("router", refOf(e.Router)))
		if err != nil {
			return err
		}
		r["key"] = key
	}
	w.add(insertOp(tableOf(e.Ref().Kind).name, rowName(e.Ref().UUID), w.names(r).(row)))
	return nil
}

func (w *importWriter) newPath(owner logical.UUID, k logical.DatapathKind, r row) error {
	name, err := w.datapath(k)
	if err != nil {
		return err
	}
	inserted, ok := w.ops[len(w.ops)-1]["row"].(row)
	if !ok {
		return fmt.Errorf("datapath %s has no row", name)
	}
	w.datapaths[owner] = &freshPath{row: inserted, next: 1}
	r["datapath"] = named(name)
	return nil
}

// portKey is the next port key of a switch or router, new or there already.
func (w *importWriter) portKey(owner logical.UUID, table string, mine any) (logical.PortKey, error) {
	if d := w.datapaths[owner]; d != nil {
		key := d.next
		if key > uint64(logical.MaxPortKey) {
			return 0, fmt.Errorf("port keys: every key is taken")
		}
		d.next++
		d.row["next_port"] = d.next
		return logical.PortKey(key), nil
	}
	if w.keys[owner] == nil {
		var path logical.ID[logical.Datapath]
		if s := w.found.Switch(logical.ID[logical.Switch](owner)); s != nil {
			path = s.Datapath
		} else if r := w.found.Router(logical.ID[logical.Router](owner)); r != nil {
			path = r.Datapath
		}
		keys, err := w.portsOf(path, table, mine)
		if err != nil {
			return 0, err
		}
		w.keys[owner] = keys
	}
	return w.keys[owner].take()
}

func (w *importWriter) claim(p *logical.SwitchPort, port any) {
	for _, text := range claims(p) {
		w.add(insertOp("Address", "", row{"switch": w.names(refOf(p.Switch)), "address": text, "port": port, "seq": p.Seq}))
	}
}

func (w *importWriter) drop(e logical.Entity) error {
	switch e := e.(type) {
	case *logical.SwitchPort:
		w.dropPort(e)
		if s := w.found.Switch(e.Switch); s != nil {
			w.retire("port", uint64(w.found.SwitchKey(s)), uint64(e.Key))
		}
		return nil
	case *logical.RouterPort:
		if r := w.found.Router(e.Router); r != nil {
			w.retire("port", uint64(w.found.RouterKey(r)), uint64(e.Key))
		}
	case *logical.Switch:
		if err := w.dropDatapath(e.Datapath); err != nil {
			return err
		}
	case *logical.Router:
		if err := w.dropDatapath(e.Datapath); err != nil {
			return err
		}
	case *logical.Pool:
		w.add(deleteOp("Pool_Address", is("pool", refOf(e.ID))))
	}
	w.add(deleteOp(tableOf(e.Ref().Kind).name, is("_uuid", uuidOf(e.Ref().UUID))))
	return nil
}
