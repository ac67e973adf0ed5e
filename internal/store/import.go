package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// ImportOptions say how a document becomes the network.
type ImportOptions struct {
	// Prune deletes what the document could say and does not.
	Prune bool
	// DryRun only says what would be done.
	DryRun bool
}

// StepOp is what an import does with an object.
type StepOp string

// The operations.
const (
	StepAdd    StepOp = "add"
	StepChange StepOp = "change"
	StepDelete StepOp = "delete"
)

// Step is one object that an import adds, changes or deletes.
type Step struct {
	Op   StepOp `json:"op"`
	Kind string `json:"kind"` // "switch port"
	Name string `json:"name"`
	In   string `json:"in,omitempty"` // "switch web"
	// Changes are the columns that differ, "mtu: 1500 -> 9000".
	Changes []string `json:"changes,omitempty"`
}

// Import makes the network as a document says, in one transaction, and returns what
// it took, in the order of the document's kinds. What the document does not name
// stays, unless o.Prune. A document that was imported takes nothing a second time.
func (c *Client) Import(ctx context.Context, d *Document, o ImportOptions) ([]Step, error) {
	var steps []Step
	err := c.change(ctx, func(v *view) error {
		var ops []op
		for _, t := range tables {
			ops = append(ops, selectOp(t.name))
		}
		if err := v.look(ops...); err != nil {
			return err
		}
		f, err := draft(d, v.found)
		if err != nil {
			return err
		}
		p, err := f.plan(o.Prune)
		if err != nil {
			return err
		}
		steps = p.steps()
		if o.DryRun || len(steps) == 0 {
			return nil
		}
		return v.write(p)
	})
	return steps, err
}

// importPlan is how one network becomes another.
type importPlan struct {
	was, will *logical.Snapshot
	fresh     map[logical.UUID]bool
	add, set  []logical.Entity
	drop      []logical.Entity
}

// kinds are those that a document holds; what others refer to comes first.
var kinds = []logical.Kind{
	logical.KindAddressSet, logical.KindSecurityGroup, logical.KindSecurityRule, logical.KindMeter, logical.KindSwitch, logical.KindPool,
	logical.KindSwitchPort, logical.KindRouter, logical.KindRouterPort, logical.KindRoute, logical.KindNAT, logical.KindLoadBalancer, logical.KindMirror,
}

func (f *drafter) plan(prune bool) (*importPlan, error) {
	p := &importPlan{was: f.was, fresh: f.fresh}
	var changes logical.Changes
	for _, e := range f.put {
		was := f.was.Entity(e.Ref())
		switch {
		case was == nil:
			p.add = append(p.add, e)
		case !reflect.DeepEqual(was, e):
			p.set = append(p.set, e)
		default:
			continue
		}
		changes.Put = append(changes.Put, e)
	}
	for e := range f.was.All() {
		if f.seen[e.Ref()] || !slices.Contains(kinds, e.Ref().Kind) {
			continue
		}
		if prune || f.replaced(e) {
			p.drop = append(p.drop, e)
			changes.Delete = append(changes.Delete, e.Ref())
		}
	}
	p.will, _ = f.was.With(changes)
	for _, e := range changes.Put {
		if err := logical.Validate(e); err != nil {
			return nil, &InvalidError{err}
		}
		if err := p.will.ValidateIn(e); err != nil {
			return nil, unlessOthers(err)
		}
	}
	return p, nil
}

// replaced says that the document puts something else in the place of e: a port of
// that name elsewhere, or other rules of its group.
func (f *drafter) replaced(e logical.Entity) bool {
	switch e := e.(type) {
	case *logical.SwitchPort:
		id, named := f.ports[e.Name]
		return named && id != e.ID
	case *logical.RouterPort:
		id, named := f.rports[e.Name]
		return named && id != e.ID
	case *logical.SecurityRule:
		return f.seen[logical.Ref{Kind: logical.KindSecurityGroup, UUID: e.Group.UUID()}]
	}
	return false
}

// steps lists what is done: deletions, then the rest, by kind and name.
func (p *importPlan) steps() []Step {
	var all []Step
	for _, group := range []struct {
		op  StepOp
		all []logical.Entity
	}{{StepDelete, p.drop}, {StepAdd, p.add}, {StepChange, p.set}} {
		sorted := slices.Clone(group.all)
		slices.SortStableFunc(sorted, func(a, b logical.Entity) int {
			if i, j := slices.Index(kinds, a.Ref().Kind), slices.Index(kinds, b.Ref().Kind); i != j {
				return i - j
			}
			return strings.Compare(p.title(a), p.title(b))
		})
		for _, e := range sorted {
			s := Step{Op: group.op, Kind: e.Ref().Kind.String(), Name: p.title(e), In: p.in(e)}
			if group.op == StepChange {
				s.Changes = p.differences(p.was.Entity(e.Ref()), e)
			}
			all = append(all, s)
		}
	}
	return all
}

// title is an object's name; a rule is called by what it says.
func (p *importPlan) title(e logical.Entity) string {
	r, ok := e.(*logical.SecurityRule)
	if !ok {
		return logical.Name(e)
	}
	n := p.will
	if n.SecurityRule(r.ID) == nil {
		n = p.was
	}
	d := exportRule(n, r)
	words := []string{string(d.Direction), fmt.Sprint(d.Priority), string(d.Family), d.Protocol, strings.Join(d.Ports, ","), prefixText(d.RemotePrefix), d.RemoteGroup, d.RemoteSet, string(d.Action)}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// in is what an object belongs to.
func (p *importPlan) in(e logical.Entity) string {
	var r logical.Ref
	switch e := e.(type) {
	case *logical.SwitchPort:
		r = logical.Ref{Kind: logical.KindSwitch, UUID: e.Switch.UUID()}
	case *logical.Pool:
		r = logical.Ref{Kind: logical.KindSwitch, UUID: e.Switch.UUID()}
	case *logical.RouterPort:
		r = logical.Ref{Kind: logical.KindRouter, UUID: e.Router.UUID()}
	case *logical.Route:
		r = logical.Ref{Kind: logical.KindRouter, UUID: e.Router.UUID()}
	case *logical.NAT:
		r = logical.Ref{Kind: logical.KindRouter, UUID: e.Router.UUID()}
	case *logical.SecurityRule:
		r = logical.Ref{Kind: logical.KindSecurityGroup, UUID: e.Group.UUID()}
	default:
		return ""
	}
	return r.Kind.String() + " " + p.nameOf(r)
}

// nameOf is what a Ref is called now or after.
func (p *importPlan) nameOf(r logical.Ref) string {
	for _, n := range []*logical.Snapshot{p.will, p.was} {
		if e := n.Entity(r); e != nil {
			return logical.Name(e)
		}
	}
	return r.UUID.String()
}

// differences are the columns in which two rows differ.
func (p *importPlan) differences(was, will logical.Entity) []string {
	old, now := encode(was), encode(will)
	var all []string
	for column := range now {
		if x, y := p.text(old[column]), p.text(now[column]); x != y {
			all = append(all, fmt.Sprintf("%s: %s -> %s", column, x, y))
		}
	}
	slices.Sort(all)
	return all
}

// text is a column's value for people: references by name.
func (p *importPlan) text(v any) string {
	list, ok := v.([]any)
	if !ok || len(list) != 2 {
		if s := fmt.Sprint(v); s != "" {
			return s
		}
		return `""`
	}
	word, _ := list[0].(string)
	switch atoms, _ := list[1].([]any); word {
	case "uuid":
		text, _ := list[1].(string)
		if u, err := logical.ParseUUID(text); err == nil {
			for _, k := range kinds {
				if r := (logical.Ref{Kind: k, UUID: u}); p.will.Entity(r) != nil || p.was.Entity(r) != nil {
					return p.nameOf(r)
				}
			}
		}
		return text
	case "set", "map":
		words := make([]string, len(atoms))
		for i, a := range atoms {
			words[i] = p.text(a)
			if pair, ok := a.([]any); ok && word == "map" && len(pair) == 2 {
				words[i] = fmt.Sprintf("%v=%v", pair[0], pair[1])
			}
		}
		if word == "map" {
			slices.Sort(words)
		}
		return "[" + strings.Join(words, " ") + "]"
	}
	return fmt.Sprint(v)
}
