package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	compiler *flows.Compiler
	flows    int
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
	var held *bridgeFlows // nil: what was laid last is there
	if s.session == nil {
		if held, err = s.begin(ctx, socket, class); err != nil {
			return false, err
		}
	}
	change := s.compiler.Update(next.snapshot, s.deltaOf(next, held), here)
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
		if change, ok = s.compiler.SetAside(refused.Message, refused.Err.Error()); !ok {
			break
		}
	}
	if err != nil {
		return changed, err
	}
	s.compiler.Done()
	s.flows = s.compiler.Len()
	return changed, nil
}

// bridgeFlows is what a bridge holds.
type bridgeFlows struct {
	flows  []openflow.Flow
	groups []openflow.GroupEntry
}

// begin connects and reads what the bridge holds.
func (s *laidSwitch) begin(ctx context.Context, socket string, class uint16) (*bridgeFlows, error) {
	session, err := ofconn.Dial(ctx, socket)
	if err != nil {
		return nil, err
	}
	s.session, s.compiler = session, flows.New()
	if err := ensureOption(ctx, session, flows.Option(class)); err != nil {
		return nil, err
	}
	if err := ensureMeters(ctx, session); err != nil {
		return nil, err
	}
	var held bridgeFlows
	err = session.DumpFlows(ctx, openflow.FlowRequest{Table: openflow.AllTables}, func(e openflow.FlowEntry) { held.flows = append(held.flows, e.Flow) })
	if err != nil {
		return nil, err
	}
	held.groups, err = session.Groups(ctx)
	return &held, err
}

// deltaOf is all of the network for a compiler that has seen none of it.
func (s *laidSwitch) deltaOf(next networkState, held *bridgeFlows) logical.Delta {
	if held == nil {
		return next.delta
	}
	var all logical.Delta
	for e := range next.snapshot.All() {
		all = append(all, e.Ref())
	}
	return all
}

// ensureMeters adds the meters that are not there. They cannot be in a bundle.
func ensureMeters(ctx context.Context, session *ofconn.Session) error {
	there, err := session.Meters(ctx)
	if err != nil {
		return err
	}
	for _, want := range flows.Meters() {
		if slices.ContainsFunc(there, func(m openflow.MeterEntry) bool { return m.ID == want.ID }) {
			continue
		}
		if err := session.Send(ctx, &openflow.MeterMod{Command: openflow.MeterAdd, Meter: want}); err != nil {
			return err
		}
	}
	return nil
}

// ensureOption has the bridge know the tunnel option. What somebody else has put in
// its place is not cleared: flows of theirs may refer to it.
func ensureOption(ctx context.Context, session *ofconn.Session, option openflow.TLVMap) error {
	table, err := session.TLVTable(ctx)
	if err != nil {
		return err
	}
	for _, is := range table.Maps {
		if is == option {
			return nil
		}
		if is.Index == option.Index {
			return fmt.Errorf("tun_metadata%d is somebody else's tunnel option (class 0x%x, type 0x%x, %d bytes): ovs-ofctl del-tlv-map on this bridge frees it, once nothing uses it", is.Index, is.Class, is.Type, is.Length)
		}
	}
	return session.Send(ctx, &openflow.TLVMod{Command: openflow.TLVAdd, Maps: []openflow.TLVMap{option}})
}
