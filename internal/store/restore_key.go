package store

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// retiredKey is a row of Retired_Key but for its seq.
type retiredKey struct {
	kind          string
	datapath, key uint64
}

// keys sees to it that no number means two things: what was saved gets another
// where its own is somebody else's now, or was and may be in a host's flows still;
// numbers of what goes are retired; the counters go on above both.
func (p *restoration) keys() error {
	retired := map[retiredKey]bool{}
	for _, r := range p.now["Retired_Key"] {
		retired[retiredKey{r.text("kind"), r.number("datapath"), r.number("key")}] = true
	}
	there := maps.Clone(retired)
	for _, r := range p.saved["Retired_Key"] {
		retired[retiredKey{r.text("kind"), r.number("datapath"), r.number("key")}] = true
	}
	for id, r := range p.now["Datapath"] {
		if _, stays := p.saved["Datapath"][id]; !stays {
			retired[retiredKey{"datapath", 0, r.number("key")}] = true
			if zone := r.number("zone"); zone > 0 {
				retired[retiredKey{"zone", 0, zone}] = true
			}
		}
	}
	p.lostPorts(retired, "Switch_Port", "Switch", "switch")
	p.lostPorts(retired, "Router_Port", "Router", "router")
	// What was saved as retired and is alive now as the same row is none.
	for id, r := range p.saved["Datapath"] {
		now := p.now["Datapath"][id]
		for kind, column := range map[string]string{"datapath": "key", "zone": "zone"} {
			if now != nil && now.number(column) == r.number(column) {
				delete(retired, retiredKey{kind, 0, r.number(column)})
			}
		}
	}
	if err := p.datapathKeys(retired); err != nil {
		return err
	}
	if err := p.portKeys(retired, "Switch_Port", "Switch", "switch"); err != nil {
		return err
	}
	if err := p.portKeys(retired, "Router_Port", "Router", "router"); err != nil {
		return err
	}
	for k := range retired {
		if !there[k] {
			p.v.add(insertOp("Retired_Key", "", row{"kind": k.kind, "datapath": k.datapath, "key": k.key, "seq": p.seq}))
		}
	}
	return nil
}

// lostPorts retires the keys of ports that go while their datapath stays.
func (p *restoration) lostPorts(retired map[retiredKey]bool, ports, owners, column string) {
	for id, r := range p.now[ports] {
		datapath := p.now[owners][r.uuid(column)].uuid("datapath")
		if _, stays := p.saved["Datapath"][datapath]; !stays {
			continue
		}
		if _, stays := p.saved[ports][id]; !stays {
			retired[retiredKey{"port", p.now["Datapath"][datapath].number("key"), r.number("key")}] = true
		}
	}
}

// datapathKeys holds the keys and zones of what was saved to those that are free.
func (p *restoration) datapathKeys(retired map[retiredKey]bool) error {
	for _, n := range []struct {
		column, counter string
		next            *uint64
		most            uint64
	}{
		{"key", "datapath", &p.v.next.datapath, uint64(logical.MaxDatapathKey)},
		{"zone", "zone", &p.v.next.zone, 65535},
	} {
		used := map[uint64]bool{}
		for _, rows := range []map[string]cells{p.now["Datapath"], p.saved["Datapath"]} {
			for _, r := range rows {
				used[r.number(n.column)] = true
			}
		}
		for _, r := range p.saved["Global"] {
			*n.next = max(*n.next, r.number("next_"+n.counter))
		}
		*n.next = (*n.next+datapathMargin-1)%n.most + 1
		for _, id := range slices.Sorted(maps.Keys(p.saved["Datapath"])) {
			r := p.saved["Datapath"][id]
			number := r.number(n.column)
			if number == 0 || !retired[retiredKey{n.counter, 0, number}] {
				continue
			}
			free, err := nextKey(*n.next, n.most, func(key uint64) (bool, error) {
				return used[key] || retired[retiredKey{n.counter, 0, key}], nil
			})
			if err != nil {
				return fmt.Errorf("%s numbers: %w", n.counter, err)
			}
			used[free] = true
			*n.next = free%n.most + 1
			r[n.column] = numeral(free)
			if n.column == "key" {
				p.renumber(id, number, free)
			}
		}
	}
	return nil
}

// renumber notes that the switch or router of a datapath has another key.
func (p *restoration) renumber(datapath string, old, free uint64) {
	for _, table := range []string{"Switch", "Router"} {
		for id, r := range p.saved[table] {
			if r.uuid("datapath") == datapath {
				p.renumbered[id] = fmt.Sprintf("key: %d -> %d", old, free)
			}
		}
	}
}

// portKeys does the same for ports, datapath by datapath, and lets the counters of
// datapaths go on.
func (p *restoration) portKeys(retired map[retiredKey]bool, ports, owners, column string) error {
	used := map[string]map[uint64]bool{}
	for _, all := range []content{p.now, p.saved} {
		for _, r := range all[ports] {
			d := all[owners][r.uuid(column)].uuid("datapath")
			if used[d] == nil {
				used[d] = map[uint64]bool{}
			}
			used[d][r.number("key")] = true
		}
	}
	of := map[string][]string{} // ports by owner
	for _, id := range slices.Sorted(maps.Keys(p.saved[ports])) {
		owner := p.saved[ports][id].uuid(column)
		of[owner] = append(of[owner], id)
	}
	for _, owner := range slices.Sorted(maps.Keys(p.saved[owners])) {
		id := p.saved[owners][owner].uuid("datapath")
		d := p.saved["Datapath"][id]
		if d == nil {
			return fmt.Errorf("row %s of table %s has no datapath", owner, owners)
		}
		next := max(d.number("next_port"), p.now["Datapath"][id].number("next_port"))
		next = (next+portMargin-1)%uint64(logical.MaxPortKey) + 1
		for _, port := range of[owner] {
			key := retiredKey{"port", d.number("key"), p.saved[ports][port].number("key")}
			if !retired[key] {
				continue
			}
			if was, is := p.now[ports][port]; is && was.number("key") == key.key {
				delete(retired, key)
				continue
			}
			free, err := nextKey(next, uint64(logical.MaxPortKey), func(k uint64) (bool, error) {
				return used[id][k] || retired[retiredKey{"port", key.datapath, k}], nil
			})
			if err != nil {
				return fmt.Errorf("port keys: %w", err)
			}
			used[id][free] = true
			next = free%uint64(logical.MaxPortKey) + 1
			p.saved[ports][port]["key"] = numeral(free)
			p.renumbered[port] = fmt.Sprintf("key: %d -> %d", key.key, free)
		}
		d["next_port"] = numeral(next)
	}
	return nil
}
