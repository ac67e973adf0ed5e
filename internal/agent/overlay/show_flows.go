package overlay

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// lastTable is the greatest number of a table that flows can be put into.
const lastTable = 253

// tries is how often a table is read that changed meanwhile.
const tries = 3

// Flows lists the flows of the integration bridge, and those that it lacks. At most
// one table is in memory at a time.
func (n *Network) Flows(ctx context.Context, req api.FlowsRequest, each func(api.Flow) error) (api.FlowsEnd, error) {
	l, err := n.laying()
	if err != nil {
		return api.FlowsEnd{}, err
	}
	first, last, err := tableNamed(req.Table)
	if err != nil {
		return api.FlowsEnd{}, err
	}
	if l.snapshot == nil && req.Object != "" {
		return api.FlowsEnd{}, api.Unavailable("the store has not been read yet: what is called %s is not known", req.Object).
			WithFix("sluicectl host status says why; without --object all flows are listed")
	}
	owners := newOwners(l.snapshot)
	if err := owners.restrict(req.Object); err != nil {
		return api.FlowsEnd{}, err
	}
	session, err := l.dial(ctx)
	if err != nil {
		return api.FlowsEnd{}, err
	}
	defer session.Close()
	end := api.FlowsEnd{Bridge: l.overlay.Integration}
	for t := first; t <= last; t++ {
		found, err := l.table(ctx, session, flows.Table(t)) //nolint:gosec // at most lastTable
		if err != nil {
			return end, err
		}
		for _, f := range found {
			if !owners.wanted(f) {
				continue
			}
			end.Flows++
			if err := each(owners.wire(f)); err != nil {
				return end, err
			}
		}
	}
	end.Network, end.Bare = l.trouble(), l.Status().Bare != ""
	return end, nil
}

// tableNamed is the range of tables that a request is for.
func tableNamed(text string) (first, last int, err error) {
	if text == "" {
		return 0, lastTable, nil
	}
	if n, err := strconv.ParseUint(text, 10, 8); err == nil && n <= lastTable {
		return int(n), int(n), nil
	}
	var names []string
	for _, t := range flows.Tables() {
		if strings.EqualFold(t.String(), text) {
			return int(t), int(t), nil
		}
		names = append(names, t.String())
	}
	return 0, 0, api.Usage("there is no table %q", text).WithFix("a number up to %d, or one of %s", lastTable, strings.Join(names, ", "))
}

// wish is a flow that the switch should have, and whose it is.
type wish struct {
	flow openflow.Flow
	rows []logical.Ref
}

// found is a flow of the bridge beside the one that should be there.
type found struct {
	is    openflow.FlowEntry // of a missing one what it should be
	want  *wish              // nil = nobody wants it
	state api.FlowState
}

// table reads a table and compares it with what should be in it. What differs while
// the table is being changed is looked at again.
func (l laying) table(ctx context.Context, session *ofconn.Session, table flows.Table) ([]found, error) {
	var all []found
	request := openflow.FlowRequest{Table: uint8(table)}
	if !slices.Contains(flows.Tables(), table) { // nothing of ours is there
		if held, err := dumpOf(ctx, session, request); err != nil || len(held) == 0 {
			return nil, err
		}
	}
	for range tries {
		want, before, err := l.wishes(ctx, func(f openflow.Flow) bool { return f.Table == uint8(table) })
		if err != nil {
			return nil, err
		}
		held, err := dumpOf(ctx, session, request)
		if err != nil {
			return nil, err
		}
		all = compare(want, held)
		odd := slices.ContainsFunc(all, func(f found) bool { return f.state != api.FlowLaid && f.state != api.FlowUnknown })
		if !odd {
			break
		}
		var after moment
		if err := l.ask(ctx, func(sw *laidSwitch) { after = l.moment(sw) }); err != nil {
			return nil, err
		}
		if after == before {
			break
		}
	}
	return all, nil
}

// wishes copies what the switch should have of some flows; nil = nothing is computed.
func (l laying) wishes(ctx context.Context, of func(openflow.Flow) bool) (map[openflow.Key]*wish, moment, error) {
	var want map[openflow.Key]*wish
	var at moment
	err := l.ask(ctx, func(sw *laidSwitch) {
		at = l.moment(sw)
		if sw.compiler == nil {
			return
		}
		want = map[openflow.Key]*wish{}
		sw.compiler.Wants(of, func(f openflow.Flow, rows []logical.Ref) { want[f.Key()] = &wish{f, rows} })
	})
	return want, at, err
}

func dumpOf(ctx context.Context, session *ofconn.Session, r openflow.FlowRequest) ([]openflow.FlowEntry, error) {
	var held []openflow.FlowEntry
	if err := session.DumpFlows(ctx, r, func(e openflow.FlowEntry) { held = append(held, e) }); err != nil {
		return nil, fmt.Errorf("read the bridge's flows: %w", err)
	}
	return held, nil
}

// compare puts what is there beside what should be. It takes what it finds out of
// want, which is nil where nothing is computed.
func compare(want map[openflow.Key]*wish, held []openflow.FlowEntry) []found {
	all := make([]found, 0, len(held))
	for _, e := range held {
		f := found{is: e, want: want[e.Key()]}
		switch {
		case want == nil:
			f.state = api.FlowUnknown
		case f.want == nil:
			f.state = api.FlowForeign
		case f.want.flow != e.Flow:
			f.state = api.FlowAltered
		default:
			f.state = api.FlowLaid
		}
		delete(want, e.Key())
		all = append(all, f)
	}
	for _, w := range want {
		all = append(all, found{is: openflow.FlowEntry{Flow: w.flow}, want: w, state: api.FlowMissing})
	}
	return all
}
