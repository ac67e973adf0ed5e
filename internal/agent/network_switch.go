package agent

import (
	"context"
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

// lay makes the bridge as the snapshot says, by one bundle, and tells whether it
// had to. After any error the next call reads the bridge anew.
func (s *laidSwitch) lay(ctx context.Context, socket string, class uint16, next networkState, here flows.Local) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, layTimeout)
	defer cancel()
	if s.session != nil && s.session.Err() != nil {
		s.close()
	}
	var change flows.Change
	if s.session == nil {
		change, err = s.begin(ctx, socket, class, next, here)
	} else {
		change = s.compiler.Update(next.snapshot, next.delta, here)
	}
	if err == nil && !change.Empty() {
		err = s.session.Bundle(ctx, change.Messages())
	}
	if err != nil {
		s.close()
		return true, fmt.Errorf("bridge at %s: %w", socket, err)
	}
	s.flows = len(s.compiler.Rules().Flows)
	return !change.Empty(), nil
}

// begin connects, and compares what the bridge holds with the whole of what it should.
func (s *laidSwitch) begin(ctx context.Context, socket string, class uint16, next networkState, here flows.Local) (flows.Change, error) {
	session, err := ofconn.Dial(ctx, socket)
	if err != nil {
		return flows.Change{}, err
	}
	s.session, s.compiler = session, flows.New()
	if err := ensureOption(ctx, session, flows.Option(class)); err != nil {
		return flows.Change{}, err
	}
	var all logical.Delta
	for e := range next.snapshot.All() {
		all = append(all, e.Ref())
	}
	s.compiler.Update(next.snapshot, all, here)
	var held []openflow.Flow
	err = session.DumpFlows(ctx, openflow.FlowRequest{Table: openflow.AllTables}, func(e openflow.FlowEntry) { held = append(held, e.Flow) })
	if err != nil {
		return flows.Change{}, err
	}
	groups, err := session.Groups(ctx)
	if err != nil {
		return flows.Change{}, err
	}
	return flows.Diff(held, groups, s.compiler.Rules()), nil
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
