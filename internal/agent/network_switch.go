package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// layTimeout bounds one conversation with the bridge.
const layTimeout = 30 * time.Second

// laidSwitch is the integration bridge, with what was last put there. It has no
// state that a dump of the bridge would not give back.
type laidSwitch struct {
	session  *ofconn.Session // nil = not connected
	foreign  <-chan struct{} // has a token when somebody else changed the bridge; nil = it cannot tell
	stale    bool            // what is there has to be read
	look     bool            // what nobody tells of has to be looked at
	compiler *flows.Compiler
	flows    int
	mended   int // how often what somebody else did was put right
}

func (s *laidSwitch) close() {
	if s.session != nil {
		_ = s.session.Close()
	}
	s.session, s.compiler = nil, nil
}

// done is closed when the connection ends; nil while there is none.
func (s *laidSwitch) done() <-chan struct{} {
	if s.session == nil {
		return nil
	}
	return s.session.Done()
}

func (s *laidSwitch) problems() []string {
	if s.compiler == nil {
		return nil
	}
	var texts []string
	for _, p := range s.compiler.Problems() {
		texts = append(texts, p.Text)
	}
	return texts
}

// asides is how many rows are set aside for one change before it is given up.
const asides = 16

// lay makes the bridge as the snapshot says, by one bundle, and tells whether it
// had to. What the switch refuses is set aside with its row, and the rest goes in.
// After any other error the next call reads the bridge anew.
func (s *laidSwitch) lay(ctx context.Context, socket string, class uint16, next networkState, here flows.Local) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, layTimeout)
	defer cancel()
	if s.session != nil && s.session.Err() != nil {
		s.close()
	}
	defer func() {
		if err != nil {
			s.close()
			err = fmt.Errorf("bridge at %s: %w", socket, err)
		}
	}()
	delta, fresh := next.delta, s.session == nil
	if fresh {
		if err = s.begin(ctx, socket); err != nil {
			return false, err
		}
		delta = all(next.snapshot)
	}
	mending := s.stale && !fresh
	var held *bridgeFlows // nil: what was laid last is there
	if s.stale {
		if held, err = s.read(ctx, class); err != nil {
			return false, err
		}
	}
	if s.look && held == nil {
		furnished, err := s.furnish(ctx, class)
		if err != nil {
			return false, err
		}
		if furnished {
			s.mended++
		}
	}
	s.look = false
	change := s.compiler.Update(next.snapshot, delta, here)
	for range asides {
		if held != nil {
			change = flows.Diff(held.flows, held.groups, s.compiler.Rules())
		}
		if change.Empty() {
			break
		}
		changed = true
		err = s.session.Bundle(ctx, change.Messages())
		refused, ok := errors.AsType[*ofconn.Refused](err)
		if !ok {
			break
		}
		if held == nil { // perhaps only because somebody else took away what it needs
			if held, err = s.read(ctx, class); err != nil {
				return changed, err
			}
			continue
		}
		if _, ok = s.compiler.SetAside(refused.Message, refused.Err.Error()); !ok {
			break
		}
	}
	if err != nil {
		return changed, err
	}
	s.compiler.Done()
	if mending && (changed || held.furnished) {
		s.mended++
	}
	if changed || held != nil { // they are many to count
		s.flows = len(s.compiler.Rules().Flows)
	}
	return changed, nil
}

// bridgeFlows is what a bridge holds.
type bridgeFlows struct {
	flows  []openflow.Flow
	groups []openflow.GroupEntry
	// furnished says that it lacked the tunnel option or meters, and has them now.
	furnished bool
}

// begin connects. What the bridge holds is not known then.
func (s *laidSwitch) begin(ctx context.Context, socket string) error {
	session, err := ofconn.Dial(ctx, socket)
	if err != nil {
		return err
	}
	s.session, s.compiler, s.stale = session, flows.New(), true
	s.foreign, err = watch(ctx, session)
	return err
}

// all names every row of a snapshot, for a compiler that has seen none of it.
func all(s *logical.Snapshot) logical.Delta {
	var all logical.Delta
	for e := range s.All() {
		all = append(all, e.Ref())
	}
	return all
}
