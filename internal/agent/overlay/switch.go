package overlay

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
	session  *ofconn.Session       // nil = not connected
	foreign  <-chan struct{}       // has a token when somebody else changed the bridge; nil = it cannot tell
	stale    bool                  // what is there has to be read
	look     bool                  // what nobody tells of has to be looked at
	another  bool                  // the next connection may be to a switch of another mind
	socket   string                // where session leads
	class    uint16                // of the tunnel option that was asked for
	former   string                // why it is another; "" = it is not
	unwanted []openflow.MeterEntry // to be deleted once all is laid
	compiler *flows.Compiler
	stream   *parts // of what is being computed; nil = it is no first look
	flows    int
	mended   int // how often what somebody else did was put right
	// listen takes a new connection, for the questions that come by it.
	listen func(context.Context, *ofconn.Session) error
	bare   bare // while the store was not read yet
}

// close forgets all.
func (s *laidSwitch) close() {
	s.hangUp()
	s.compiler = nil
}

// hangUp ends the connection. What was computed stays: it is as good as ever.
func (s *laidSwitch) hangUp() {
	if s.session != nil {
		s.another = s.another || s.session.Err() != nil
		s.session.Close()
	}
	s.session, s.foreign, s.unwanted = nil, nil, nil
}

// away says that there is something to put on the bridge, and no connection.
func (s *laidSwitch) away() bool { return s.compiler != nil && s.session == nil }

// done is closed when the connection ends; nil while there is none.
func (s *laidSwitch) done() <-chan struct{} {
	if s.session == nil {
		return nil
	}
	return s.session.Done()
}

// problems tells what cannot be done, with the names of the rows.
func (s *laidSwitch) problems(of *logical.Snapshot) []string {
	if s.compiler == nil || of == nil {
		return nil
	}
	var texts []string
	for _, p := range s.compiler.Problems() {
		if e := of.Entity(p.Row); e != nil {
			texts = append(texts, fmt.Sprintf("%s %s: %s", p.Row.Kind, logical.Name(e), p.Text))
		}
	}
	if s.former != "" {
		texts = append(texts, s.former)
	}
	return texts
}

// aside is how many rows the switch refused.
func (s *laidSwitch) aside() int {
	if s.compiler == nil {
		return 0
	}
	return s.compiler.Aside()
}

// hereNow is what is on the bridge, as the database has it.
type hereNow struct {
	local flows.Local
	away  map[string]bool // the iface-ids of vhost-user ports whose guest is not connected
	names portNames       // of the interfaces that local has, by number
}

// asides is how many rows are set aside in one go. Where the switch refuses more, the
// next call goes on with the rest.
const asides = 16

// errMore says that the switch refuses more rows than were set aside so far.
var errMore = fmt.Errorf("the switch refuses more than %d rows: they are set aside one by one before the rest goes in", asides)

// lay makes the bridge as the snapshot says, by one bundle, and tells whether it
// had to. What the switch refuses is set aside with its row, and the rest goes in.
// After any other error the next call connects anew and reads what is there. What is
// set aside stays so until its row changes or the switch itself ends the connection.
func (s *laidSwitch) lay(ctx context.Context, socket string, class uint16, next networkState, here hereNow) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, layTimeout)
	defer cancel()
	computed := s.compute(next, here.local)
	defer computed()
	if s.socket != socket || s.class != class {
		s.hangUp()
		s.another = s.another || s.socket != socket
		s.socket, s.class = socket, class
	}
	if s.session != nil && s.session.Err() != nil {
		s.hangUp()
	}
	defer func() {
		if err != nil {
			if errors.Is(err, errMore) {
				s.stale = true
			} else {
				s.hangUp()
			}
			err = fmt.Errorf("bridge at %s: %w", socket, err)
		}
	}()
	mending := s.stale && s.session != nil
	if s.session == nil {
		if err = s.begin(ctx, socket, computed); err != nil {
			return false, err
		}
	}
	var held *bridgeFlows // nil: what was laid last is there
	if s.stale {
		if held, err = s.read(ctx, class, here.names); err != nil {
			return false, err
		}
	} else if err = s.lookAround(ctx, class); err != nil {
		return false, err
	}
	if changed, held, err = s.commit(ctx, class, held, here.names, computed); err != nil {
		return changed, err
	}
	s.compiler.Done()
	if err = clearMeters(ctx, s.session, s.unwanted); err != nil {
		return changed, err
	}
	s.unwanted = nil
	if mending && (changed || held.furnished) {
		s.mended++
	}
	s.flows = s.compiler.Len()
	return changed, nil
}

// compute goes on to a snapshot, connected or not: what was told of once is not told
// again. It does so beside the connecting and the reading; wait returns once it is done,
// and only then may the compiler be used.
func (s *laidSwitch) compute(next networkState, here flows.Local) (wait func()) {
	s.stream = nil
	if s.compiler == nil {
		s.compiler = flows.New()
		s.stream = newParts()
		s.compiler.Tell(s.stream.put)
		next.delta = next.snapshot.Refs()
	}
	done, stream := make(chan struct{}), s.stream
	go func() {
		defer close(done)
		s.compiler.Follow(next.snapshot, next.delta, here)
		if stream != nil {
			stream.end()
		}
	}()
	return func() { <-done }
}

// lookAround sees to what the bridge does not tell of, when it is time.
func (s *laidSwitch) lookAround(ctx context.Context, class uint16) error {
	if !s.look {
		return nil
	}
	s.look = false
	missing, err := s.furnish(ctx, class)
	if missing && err == nil {
		s.mended++
	}
	return err
}

// commit sends what the bridge lacks, and returns what it held if that was read. Where it
// holds nothing, that is sent while it is being computed.
func (s *laidSwitch) commit(ctx context.Context, class uint16, held *bridgeFlows, names portNames, computed func()) (changed bool, _ *bridgeFlows, err error) {
	stream := s.stream
	s.stream = nil
	if stream != nil && (held == nil || len(held.flows)+len(held.groups) > 0) {
		stream.leave()
		stream = nil
	}
	for range asides {
		some := true
		if stream != nil {
			err = s.session.BundleOf(ctx, stream.all(ctx))
			computed()
			stream = nil
		} else {
			computed()
			some, err = s.send(ctx, held)
		}
		if !some {
			return changed, held, nil
		}
		changed = true
		refused, ok := errors.AsType[*ofconn.Refused](err)
		if !ok {
			return changed, held, err
		}
		if held == nil { // perhaps only because somebody else took away what it needs
			if held, err = s.read(ctx, class, names); err != nil {
				return changed, nil, err
			}
			continue
		}
		if !s.compiler.SetAside(refused.Message, refused.Err.Error()) {
			return changed, held, err
		}
	}
	return changed, held, errMore
}

// send sends what differs, if anything does.
func (s *laidSwitch) send(ctx context.Context, held *bridgeFlows) (some bool, err error) {
	var change flows.Change
	if held != nil {
		change = flows.Diff(held.flows, held.groups, s.compiler.Rules())
	} else {
		change = s.compiler.Pending()
	}
	if change.Empty() {
		return false, nil
	}
	return true, s.session.Bundle(ctx, change.Messages())
}

// bridgeFlows is what a bridge holds.
type bridgeFlows struct {
	flows  []openflow.Flow
	groups []openflow.GroupEntry
	// furnished says that it lacked the tunnel option or meters, and has them now.
	furnished bool
}

// begin connects. What the bridge holds is not known then.
func (s *laidSwitch) begin(ctx context.Context, socket string, computed func()) error {
	session, err := ofconn.Dial(ctx, socket)
	if err != nil {
		s.another = true
		return err
	}
	s.session, s.stale = session, true
	if s.another {
		computed()
		s.compiler.Retry()
		s.another = false
	}
	if err := s.listen(ctx, session); err != nil {
		return err
	}
	s.foreign, err = watch(ctx, session)
	return err
}
