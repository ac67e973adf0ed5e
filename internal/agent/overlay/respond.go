package overlay

import (
	"context"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/respond"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/monitor"
)

// waiting is how many questions wait at most: more are lost, and asked again by guests.
// The switch is never kept waiting.
const waiting = 512

// laidNetwork is the network as the switch has it.
type laidNetwork struct {
	snapshot *logical.Snapshot
	local    flows.Local
}

// conversation is a connection to the switch with the questions that come by it.
type conversation struct {
	session   *ofconn.Session
	questions *ofconn.Subscription
	lost      uint64 // of questions, so far as it was told
}

// listen asks the switch for its questions. What came by a former connection is left.
func (n *Network) listen(ctx context.Context, session *ofconn.Session) error {
	if err := session.SetPacketInFormat(ctx, openflow.PacketInNicira2); err != nil {
		return err
	}
	a := &conversation{session: session, questions: session.Subscribe(waiting)}
	select {
	case <-n.questions:
	default:
	}
	n.questions <- a
	return session.SetAsync(ctx, openflow.Async{PacketIns: []openflow.Reason{openflow.ReasonAction, openflow.ReasonInvalidTTL}})
}

// respond answers what guests ask until ctx ends. It is the only one to take from
// questions, and no other task waits for it.
func (n *Network) respond(ctx context.Context) error {
	var now *conversation
	said := telling{clock: n.clock, last: map[string]time.Time{}}
	next := n.clock.After(respond.Interval * time.Second)
	for {
		var questions <-chan ofconn.Event
		if now != nil {
			questions = now.questions.Events()
		}
		select {
		case <-ctx.Done():
			return nil
		case now = <-n.questions:
		case e, ok := <-questions:
			if !ok {
				now = nil
				continue
			}
			n.event(ctx, now, e, said)
		case <-next:
			next = n.clock.After(respond.Interval * time.Second)
			if laid := n.answering.Load(); now != nil && laid != nil {
				n.send(ctx, now, respond.Advertise(laid.snapshot, laid.local))
			}
		}
	}
}

// event answers one question, and counts what became of it.
func (n *Network) event(ctx context.Context, a *conversation, e ofconn.Event, said telling) {
	if lost := a.questions.Dropped(); lost != a.lost {
		n.recorder.Answer("any", monitor.AnswerLost, lost-a.lost)
		if said.due("any") {
			n.log.Warn("questions of guests were lost: more came than are answered at a time", "lost", lost-a.lost)
		}
		a.lost = lost
	}
	if e.Error != nil && said.due("error") {
		n.log.Warn("the switch refuses an answer", "error", e.Error.Error())
	}
	laid := n.answering.Load()
	if e.PacketIn == nil || laid == nil {
		return
	}
	q, ok := flows.Asked(e.PacketIn)
	if !ok {
		return
	}
	replies, err := respond.Respond(laid.snapshot, laid.local, q)
	if err != nil {
		n.recorder.Answer(q.Op.String(), monitor.AnswerRefused, 1)
		if said.due(q.Op.String()) {
			n.log.Warn("a guest's question has no answer", "kind", q.Op.String(), "error", err.Error())
		}
		return
	}
	if !n.send(ctx, a, replies) {
		n.recorder.Answer(q.Op.String(), monitor.AnswerLost, 1)
		return
	}
	n.recorder.Answer(q.Op.String(), monitor.Answered, 1)
}

// send sends replies, and says whether the connection took them.
func (n *Network) send(ctx context.Context, a *conversation, replies []flows.Reply) bool {
	for i := range replies {
		if a.session.PacketOut(ctx, replies[i].PacketOut()) != nil {
			return false // the connection has ended, which the other tasks tell
		}
	}
	return true
}

// telling says of each kind of thing once in a while: a guest can send what it likes.
type telling struct {
	clock Clock
	last  map[string]time.Time
}

const tellAgain = time.Hour

// due says whether a kind is to be told of now.
func (t telling) due(kind string) bool {
	now := t.clock.Now()
	if last, ok := t.last[kind]; ok && now.Sub(last) < tellAgain {
		return false
	}
	t.last[kind] = now
	return true
}
