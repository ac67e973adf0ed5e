package overlay

import (
	"context"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// A daemon that has not read the store yet has computed nothing, and what is on the
// bridge stays. What that is decides whether guests pass packets meanwhile.

// bareAgain is the pause between looks at a bridge that waits for the store, barePatience
// how long one may take.
const (
	bareAgain    = 5 * time.Second
	barePatience = time.Second
)

// bareMost is how many flows a bridge has at most that is looked at flow by flow:
// others than ours do not come in greater numbers.
const bareMost = 64

// bare is what was last found on a bridge that waits for the store. It is used by the
// task that lays alone.
type bare struct {
	bridge string
	at     time.Time
	held   int
	known  bool
}

// look counts our flows on the bridge, not more often than bareAgain.
func (b *bare) look(ctx context.Context, now time.Time, runDir, bridge string) {
	if b.bridge == bridge && b.known && now.Sub(b.at) < bareAgain && now.Sub(b.at) >= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, barePatience)
	defer cancel()
	*b = bare{bridge: bridge, at: now}
	session, err := ofconn.Dial(ctx, ofconn.Socket(runDir, bridge))
	if err != nil {
		return // there is no such bridge yet, or no switch: that is told elsewhere
	}
	defer session.Close()
	held, err := ours(ctx, session)
	if b.known = err == nil; b.known {
		b.held = held
	}
}

// ours counts the flows of a bridge that have a cookie of ours; beyond bareMost all.
func ours(ctx context.Context, session *ofconn.Session) (int, error) {
	tables, err := session.TableStats(ctx)
	if err != nil {
		return 0, err
	}
	all := 0
	for _, t := range tables {
		all += int(t.Active)
	}
	if all > bareMost {
		return all, nil
	}
	held, err := dumpOf(ctx, session, openflow.FlowRequest{Table: openflow.AllTables})
	if err != nil {
		return 0, err
	}
	count := 0
	for _, e := range held {
		if _, _, is := flows.Owner(e.Cookie); is {
			count++
		}
	}
	return count, nil
}

// nothingLaid says what an empty bridge means; "" = it is not empty, or not known.
func (b bare) nothingLaid() string {
	if !b.known || b.held > 0 {
		return ""
	}
	return "NOTHING is laid on " + b.bridge + ": no guest of this host passes a packet until the store answers"
}
