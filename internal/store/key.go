package store

import (
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Keys go upwards, and begin again when the last was given out. One that was given
// back is not given out while a host may still have flows of its former owner:
// while a host has not told of a generation as late as the deletion.

// next of a row of keys: the first from start on that is not taken.
func nextKey(start, most uint64, taken func(uint64) (bool, error)) (uint64, error) {
	if start < 1 || start > most {
		start = 1
	}
	for n, key := uint64(0), start; n < most; n++ {
		is, err := taken(key)
		if err != nil {
			return 0, err
		}
		if !is {
			return key, nil
		}
		if key++; key > most {
			key = 1
		}
	}
	return 0, errors.New("every key is taken")
}

// some says whether a select finds a row.
func (v *view) some(ops ...op) (bool, error) {
	results, err := v.query(ops...)
	if err != nil {
		return false, err
	}
	for _, r := range results {
		rows, err := rowsOf(r)
		if err != nil || len(rows) > 0 {
			return len(rows) > 0, err
		}
	}
	return false, nil
}

func retired(kind string, datapath, key uint64) op {
	return selectOp("Retired_Key", is("kind", kind), is("datapath", datapath), is("key", key))
}

// datapath hands out a key and a conntrack zone, and inserts their row; it
// returns its name.
func (v *view) datapath(kind logical.DatapathKind) (string, error) {
	key, err := nextKey(v.next.datapath, uint64(logical.MaxDatapathKey), func(key uint64) (bool, error) {
		return v.some(selectOp("Datapath", is("key", key)), retired("datapath", 0, key))
	})
	if err != nil {
		return "", fmt.Errorf("datapath keys: %w", err)
	}
	zone, err := nextKey(v.next.zone, 65535, func(zone uint64) (bool, error) {
		return v.some(selectOp("Datapath", is("zone", zone)), retired("zone", 0, zone))
	})
	if err != nil {
		return "", fmt.Errorf("conntrack zones: %w", err)
	}
	v.next.datapath, v.next.zone = key+1, zone+1
	name := v.name()
	v.add(insertOp("Datapath", name, row{"key": key, "kind": kind, "zone": zone, "next_port": 1}))
	return name, nil
}

// ports hands out port keys of one datapath, several in a transaction.
type ports struct {
	v     *view
	id    logical.UUID
	key   uint64
	next  uint64
	used  map[uint64]bool // nil until one is met
	table string          // Switch_Port or Router_Port
	owner any             // the condition that selects the datapath's ports
}

func (v *view) portsOf(datapath logical.ID[logical.Datapath], table string, owner any) (*ports, error) {
	rows, err := v.rows("Datapath", is("_uuid", refOf(datapath)))
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("datapath %s is missing", datapath)
	}
	r := &v.reader
	r.open(rows[0])
	p := &ports{v: v, id: datapath.UUID(), key: number[uint64](r, "key"), next: number[uint64](r, "next_port"), table: table, owner: owner}
	return p, r.fault
}

func (p *ports) take() (logical.PortKey, error) {
	key, err := nextKey(p.next, uint64(logical.MaxPortKey), func(key uint64) (bool, error) {
		if p.used[key] {
			return true, nil
		}
		taken, err := p.v.some(selectOp(p.table, p.owner, is("key", key)), retired("port", p.key, key))
		if err == nil && taken && p.used == nil {
			err = p.readUsed()
		}
		return taken, err
	})
	if err != nil {
		return 0, fmt.Errorf("port keys: %w", err)
	}
	p.next = key + 1
	p.v.add(updateOp("Datapath", p.id, row{"next_port": p.next}))
	return logical.PortKey(key), nil
}

// readUsed reads all keys at once, when the row of keys has begun again.
func (p *ports) readUsed() error {
	p.used = map[uint64]bool{}
	results, err := p.v.query(selectOp(p.table, p.owner), selectOp("Retired_Key", is("kind", "port"), is("datapath", p.key)))
	if err != nil {
		return err
	}
	for _, result := range results {
		rows, err := rowsOf(result)
		if err != nil {
			return err
		}
		for _, row := range rows {
			p.v.reader.open(row)
			p.used[number[uint64](&p.v.reader, "key")] = true
		}
	}
	return p.v.reader.fault
}

// retire keeps a key from being given out, and forgets those that no host can
// have flows of any more.
func (v *view) retire(kind string, datapath, key uint64) {
	v.add(insertOp("Retired_Key", "", row{"kind": kind, "datapath": datapath, "key": key, "seq": v.seq + 1}))
}

// forget deletes what was retired before every host's generation.
func (v *view) forget() error {
	results, err := v.query(selectOp("Host"), selectOp("Host_Status"))
	if err != nil {
		return err
	}
	var lists [2][]value
	for i, result := range results {
		if lists[i], err = rowsOf(result); err != nil {
			return err
		}
	}
	generation := map[string]uint64{}
	for _, row := range lists[1] {
		v.reader.open(row)
		generation[v.reader.text("host")] = number[uint64](&v.reader, "generation")
	}
	least := v.seq
	for _, row := range lists[0] {
		v.reader.open(row)
		// A host that never told has flows of we do not know when.
		least = min(least, generation[v.reader.text("name")])
	}
	v.add(deleteOp("Retired_Key", []any{"seq", "<=", least}))
	return v.reader.fault
}
