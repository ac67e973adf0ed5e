package flows

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Rules are all flows and groups that a host should have.
type Rules struct {
	Flows  []of.Flow       // ascending by table, descending by priority, then by match
	Groups []of.GroupEntry // ascending by number
}

// table is the desired state of one bridge: its flows by key, with the units that want
// each of them.
type table struct {
	flows  map[of.Key]*entry
	groups map[uint32]*groupEntry
	// before is what the switch has where something is to change; nil until it has
	// anything: then all of it is.
	before       map[of.Key]*of.Flow
	beforeGroups map[uint32]*of.GroupEntry
	// stream is told of what is in force from then on.
	stream stream
}

// entry is a key with its claims: the first is the one in force.
type entry struct {
	flow of.Flow // that of the first claim
	unit *unit
	rest []claim
}

// claim is a flow that a unit wants under a key.
type claim struct {
	unit *unit
	flow of.Flow
}

type groupEntry struct {
	group of.GroupEntry
	unit  *unit
}

func newTable() *table {
	return &table{
		flows: map[of.Key]*entry{}, groups: map[uint32]*groupEntry{},
	}
}

// expect makes room in an empty table.
func (t *table) expect(flows int) {
	if t.before == nil {
		bigger := make(map[of.Key]*entry, flows)
		maps.Copy(bigger, t.flows)
		t.flows = bigger
	}
}

// touch keeps what the switch has under a key.
func (t *table) touch(k of.Key, e *entry) {
	if t.before == nil {
		return
	}
	if _, ok := t.before[k]; ok {
		return
	}
	var was *of.Flow
	if e != nil {
		f := e.flow
		was = &f
	}
	t.before[k] = was
}

// claim wants a flow for a unit.
func (t *table) claim(u *unit, f of.Flow) {
	k := f.Key()
	e := t.flows[k]
	switch {
	case e == nil:
		t.touch(k, nil)
		e = &entry{flow: f, unit: u}
		t.flows[k] = e
		t.stream.add(e.flow)
	case e.unit == u:
		if e.flow != f {
			t.touch(k, e)
			e.flow = f
			t.stream.add(f)
		}
	default:
		e.rest = slices.DeleteFunc(e.rest, func(c claim) bool { return c.unit == u })
		c := claim{u, f}
		if u.ref.Compare(e.unit.ref) < 0 {
			t.touch(k, e)
			c = claim{e.unit, e.flow}
			e.unit, e.flow = u, f
			t.stream.add(f)
		}
		at, _ := slices.BinarySearchFunc(e.rest, c, func(a, b claim) int { return a.unit.ref.Compare(b.unit.ref) })
		e.rest = slices.Insert(e.rest, at, c)
	}
}

// release takes back what a unit wants under a key.
func (t *table) release(u *unit, k of.Key) {
	e := t.flows[k]
	switch {
	case e.unit != u:
		e.rest = slices.DeleteFunc(e.rest, func(c claim) bool { return c.unit == u })
	case len(e.rest) == 0:
		t.touch(k, e)
		delete(t.flows, k)
		t.stream.flow(of.FlowDeleteStrict, of.Flow{Table: k.Table, Priority: k.Priority, Match: k.Match})
	default:
		t.touch(k, e)
		e.unit, e.flow = e.rest[0].unit, e.rest[0].flow
		e.rest = slices.Delete(e.rest, 0, 1)
		t.stream.add(e.flow)
	}
}

func (t *table) touchGroup(id uint32) {
	if t.before == nil {
		return
	}
	if _, ok := t.beforeGroups[id]; ok {
		return
	}
	var was *of.GroupEntry
	if e := t.groups[id]; e != nil {
		was = &e.group
	}
	t.beforeGroups[id] = was
}

func (t *table) putGroup(u *unit, g of.GroupEntry) {
	if e := t.groups[g.ID]; e != nil && e.group.Equal(&g) {
		e.unit = u
		return
	}
	t.touchGroup(g.ID)
	if t.groups[g.ID] == nil {
		t.stream.group(of.GroupAdd, g)
	} else {
		t.stream.group(of.GroupModify, g)
	}
	t.groups[g.ID] = &groupEntry{g, u}
}

func (t *table) dropGroup(u *unit, id uint32) {
	if e := t.groups[id]; e != nil && e.unit == u {
		t.touchGroup(id)
		delete(t.groups, id)
		t.stream.group(of.GroupDelete, of.GroupEntry{ID: id})
	}
}

// rules are the whole content.
func (t *table) rules() Rules {
	r := Rules{Flows: make([]of.Flow, 0, len(t.flows))}
	for _, e := range t.flows {
		r.Flows = append(r.Flows, e.flow)
	}
	slices.SortFunc(r.Flows, inOrder)
	for _, id := range slices.Sorted(maps.Keys(t.groups)) {
		r.Groups = append(r.Groups, t.groups[id].group)
	}
	return r
}

// inOrder is the order in which flows are listed and sent.
func inOrder(a, b of.Flow) int {
	switch {
	case a.Table != b.Table:
		return cmp.Compare(a.Table, b.Table)
	case a.Priority != b.Priority:
		return cmp.Compare(b.Priority, a.Priority)
	}
	return cmp.Compare(a.Match, b.Match)
}

// pending returns what is different since the last done.
func (t *table) pending() Change {
	c := Change{}
	if t.before == nil {
		return Diff(nil, nil, t.rules())
	}
	for k, was := range t.before {
		e := t.flows[k]
		switch {
		case e == nil && was != nil:
			c.remove(*was)
		case e != nil && (was == nil || *was != e.flow):
			c.put(e.flow)
		}
	}
	for id, was := range t.beforeGroups {
		e := t.groups[id]
		switch {
		case e == nil && was != nil:
			c.removeGroup(id)
		case e != nil && was == nil:
			c.addGroup(e.group)
		case e != nil && !was.Equal(&e.group):
			c.modifyGroup(e.group)
		}
	}
	c.sort()
	return c
}

// done says that the switch has all that was pending. The maps are made anew: one that
// held a cold start's flows would cost its size with each change.
func (t *table) done() {
	t.before, t.beforeGroups = map[of.Key]*of.Flow{}, map[uint32]*of.GroupEntry{}
}

// unit is one object with what it owns and what it read.
type unit struct {
	ref      logical.Ref
	flows    []of.Key
	groups   []uint32
	wants    []uint32 // the numbers of groups, those that another has included
	reads    []logical.Ref
	problems []string
	ended    bool // nobody wants it any more
	unread   bool // deps does not know yet what it reads
}
