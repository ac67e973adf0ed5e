package difftest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Rig is a fleet that holds the compiled tables of a network. It is not for several
// goroutines at a time.
type Rig struct {
	*Fleet
	Snapshot *logical.Snapshot // the network

	sessions  map[string]*ofconn.Session
	compilers map[string]*flows.Compiler
	fault     func(*flows.Rules) // what Begin does to the rules of every host; nil = nothing
}

// NewRig connects to all switches of a fleet. The caller closes it.
func NewRig(ctx context.Context, f *Fleet) (*Rig, error) {
	r := &Rig{Fleet: f, Snapshot: new(logical.Snapshot), sessions: map[string]*ofconn.Session{}, compilers: map[string]*flows.Compiler{}}
	for name, s := range f.Switches {
		session, err := s.Session(ctx)
		if err != nil {
			r.Close()
			return nil, err
		}
		r.sessions[name], r.compilers[name] = session, flows.New()
	}
	return r, nil
}

// RigOf is a rig of the hosts of a network, or of those that are named alone, with their
// tunnel addresses, that holds it. It ends with the test.
func RigOf(t lab.T, snap *logical.Snapshot, hosts ...string) *Rig {
	t.Helper()
	at := map[string]netip.Addr{}
	for h := range snap.Hosts() {
		if len(hosts) == 0 || slices.Contains(hosts, h.Name) {
			at[h.Name] = h.Addresses[0]
		}
	}
	r, err := NewRig(t.Context(), fleetAt(t, at))
	if err == nil {
		t.Cleanup(r.Close)
		err = r.Begin(t.Context(), snap)
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

// Close ends the sessions.
func (r *Rig) Close() {
	for _, s := range r.sessions {
		s.Close()
	}
}

// Compiler is the compiler of a host.
func (r *Rig) Compiler(host string) *flows.Compiler { return r.compilers[host] }

// Begin takes all switches from whatever they have to a network.
func (r *Rig) Begin(ctx context.Context, snap *logical.Snapshot) error {
	r.Snapshot = snap
	local, err := r.Wiring(snap)
	if err != nil {
		return err
	}
	var delta logical.Delta
	for e := range snap.All() {
		delta = append(delta, e.Ref())
	}
	for name, session := range r.sessions {
		c := flows.New()
		r.compilers[name] = c
		c.Update(snap, delta, localOf(local, name))
		want := c.Rules()
		if r.fault != nil {
			r.fault(&want)
		}
		have, groups, err := dump(ctx, session)
		if err != nil {
			return err
		}
		change := flows.Diff(have, groups, want)
		if err := session.Bundle(ctx, change.Messages()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.Done()
	}
	return nil
}

// Change goes on to the next network by increments, and holds them against the whole
// computed anew and what the switch says it has.
func (r *Rig) Change(ctx context.Context, all []logical.Entity) error {
	next, delta := r.Snapshot.Replace(all)
	r.Snapshot = next
	return r.UpdateHosts(ctx, next, delta, slices.Sorted(maps.Keys(r.sessions))...)
}

// UpdateHosts does the like to some hosts, while the others are late.
func (r *Rig) UpdateHosts(ctx context.Context, next *logical.Snapshot, delta logical.Delta, hosts ...string) error {
	local, err := r.Wiring(next)
	if err != nil {
		return err
	}
	for _, name := range hosts {
		if err := r.Update(ctx, name, next, delta, localOf(local, name)); err != nil {
			return err
		}
	}
	return nil
}

// Update does it to one host, whose interfaces are given.
func (r *Rig) Update(ctx context.Context, host string, next *logical.Snapshot, delta logical.Delta, local flows.Local) error {
	change := r.compilers[host].Update(next, delta, local)
	if err := r.sessions[host].Bundle(ctx, change.Messages()); err != nil {
		return fmt.Errorf("%s: %w", host, err)
	}
	r.compilers[host].Done()
	names := flows.NamesOf(next)
	want, _ := flows.Compile(next, local)
	if diff := cmp.Diff(want.Text(names), r.compilers[host].Rules().Text(names)); diff != "" {
		return fmt.Errorf("%s: increments differ from the whole (-whole +increments):\n%s", host, diff)
	}
	return r.Holds(ctx, host)
}

// Holds expects the switch of a host to have just what its compiler wants.
func (r *Rig) Holds(ctx context.Context, host string) error {
	have, groups, err := dump(ctx, r.sessions[host])
	if err != nil {
		return err
	}
	left := flows.Diff(have, groups, r.compilers[host].Rules())
	var all error
	for i := range left.FlowMods {
		all = errors.Join(all, fmt.Errorf("%s: a restart would send %s", host, &left.FlowMods[i]))
	}
	for _, m := range left.GroupMods {
		all = errors.Join(all, fmt.Errorf("%s: a restart would change group %d", host, m.Group.ID))
	}
	return all
}

func dump(ctx context.Context, s *ofconn.Session) ([]of.Flow, []of.GroupEntry, error) {
	var all []of.Flow
	if err := s.DumpFlows(ctx, of.FlowRequest{Table: of.AllTables}, func(e of.FlowEntry) { all = append(all, e.Flow) }); err != nil {
		return nil, nil, err
	}
	groups, err := s.Groups(ctx)
	return all, groups, err
}
