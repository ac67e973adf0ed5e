package overlay

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
)

// owners says whose flows are.
type owners struct {
	snapshot *logical.Snapshot
	only     map[logical.Ref]bool // nil = all
	found    map[uint64]*logical.Ref
}

func newOwners(s *logical.Snapshot) *owners {
	if s == nil {
		s = new(logical.Snapshot)
	}
	return &owners{snapshot: s, found: map[uint64]*logical.Ref{}}
}

// restrict leaves the flows of what has a name, "vm1" or "switch port/vm1".
func (o *owners) restrict(object string) error {
	if object == "" {
		return nil
	}
	kind, name, ok := strings.Cut(object, "/") // names have no slash
	if !ok {
		kind, name = "", object
	}
	o.only = map[logical.Ref]bool{}
	for e := range o.snapshot.All() {
		if logical.Name(e) == name && (kind == "" || e.Ref().Kind.String() == kind) && flows.Cookie(e.Ref()) != 0 {
			o.only[e.Ref()] = true
		}
	}
	if len(o.only) == 0 {
		return api.NotFound("nothing that flows are for is called %q", object).
			WithFix("sluicectl topology names switches, routers and ports; a kind goes before a name as in \"switch port/vm1\"")
	}
	return nil
}

// rowOf is the row that a cookie says, nil where it is gone or the cookie says none.
// Each cookie is looked for once.
func (o *owners) rowOf(cookie uint64) *logical.Ref {
	r, known := o.found[cookie]
	if !known {
		if e := flows.Find(o.snapshot, cookie); e != nil {
			ref := e.Ref()
			r = &ref
		}
		o.found[cookie] = r
	}
	return r
}

// wanted says whether a flow is of the object that was asked for.
func (o *owners) wanted(f found) bool {
	if o.only == nil {
		return true
	}
	if f.want == nil {
		r := o.rowOf(f.is.Cookie)
		return r != nil && o.only[*r]
	}
	for _, r := range f.want.rows {
		if o.only[r] {
			return true
		}
	}
	return false
}

// wire is a flow as the API tells it.
func (o *owners) wire(f found) api.Flow {
	w := api.Flow{
		Table: int(f.is.Table), Name: flows.Table(f.is.Table).String(), Priority: int(f.is.Priority),
		Match: f.is.Match.String(), Actions: f.is.Do.String(), Cookie: fmt.Sprintf("%#x", f.is.Cookie), State: f.state,
		Packets: f.is.Packets, Bytes: f.is.Bytes, Owners: []api.FlowOwner{},
	}
	if f.want == nil {
		if owner := o.ofCookie(f.is.Cookie); owner != nil && f.is.Cookie != 0 {
			w.Owners = append(w.Owners, *owner)
		}
		return w
	}
	for _, r := range f.want.rows {
		w.Owners = append(w.Owners, o.ofRow(r))
	}
	if f.state == api.FlowAltered {
		w.Wanted = f.want.flow.Do.String()
		if f.want.flow.Cookie != f.is.Cookie {
			w.Wanted = fmt.Sprintf("cookie=%#x, %s", f.want.flow.Cookie, w.Wanted)
		}
	}
	return w
}

func (o *owners) ofRow(r logical.Ref) api.FlowOwner {
	if r.Kind == 0 {
		return api.FlowOwner{Kind: "constant"}
	}
	owner := api.FlowOwner{Kind: r.Kind.String(), Row: r.UUID.String()}
	e := o.snapshot.Entity(r)
	if e == nil {
		owner.Gone = true
		return owner
	}
	owner.Name = logical.Name(e)
	return owner
}

// ofCookie is whom a cookie names, nil where it is none of ours.
func (o *owners) ofCookie(cookie uint64) *api.FlowOwner {
	kind, digits, ok := flows.Owner(cookie)
	if !ok {
		return nil
	}
	if kind == 0 {
		return &api.FlowOwner{Kind: "constant"}
	}
	if r := o.rowOf(cookie); r != nil {
		owner := o.ofRow(*r)
		return &owner
	}
	return &api.FlowOwner{Kind: kind.String(), Row: fmt.Sprintf("…%015x", digits), Gone: true}
}
