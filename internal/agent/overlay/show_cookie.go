package overlay

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// ExplainFlow says what a cookie stands for: the row, what it comes to on this host
// and what of that is on the bridge.
func (n *Network) ExplainFlow(ctx context.Context, text string) (api.FlowExplanation, error) {
	cookie, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return api.FlowExplanation{}, api.Usage("%q is no cookie", text).WithFix("write it as ovs-ofctl dump-flows does, 0x…, or decimal")
	}
	l, err := n.laying()
	if err != nil {
		return api.FlowExplanation{}, err
	}
	owners := newOwners(l.snapshot)
	x := api.FlowExplanation{Cookie: fmt.Sprintf("%#x", cookie), Owner: owners.ofCookie(cookie), Network: l.trouble()}
	want, err := l.meant(ctx, cookie, &x)
	if err != nil {
		return x, err
	}
	found, err := l.withCookies(ctx, cookie, want)
	if err != nil {
		return x, err
	}
	if x.Owner == nil && len(found) == 0 {
		return x, api.NotFound("cookie %s is none of ours, and no flow of bridge %s has it", x.Cookie, l.overlay.Integration).
			WithFix("sluicectl flows show lists the bridge's flows with their cookies")
	}
	for _, f := range found {
		x.Flows = append(x.Flows, owners.wire(f))
	}
	slices.SortFunc(x.Flows, api.Flow.Compare)
	return x, nil
}

// meant notes the groups and problems of a cookie's row and returns the flows it
// wants, with all who want them; nil where nothing is computed.
func (l laying) meant(ctx context.Context, cookie uint64, x *api.FlowExplanation) (map[openflow.Key]*wish, error) {
	var want map[openflow.Key]*wish
	err := l.ask(ctx, func(sw *laidSwitch) {
		if sw.compiler == nil {
			return
		}
		want = map[openflow.Key]*wish{}
		e, ok := sw.compiler.Explain(cookie)
		if !ok {
			return
		}
		for i := range e.Groups {
			x.Groups = append(x.Groups, e.Groups[i].String())
		}
		x.Problems = slices.Clone(e.Problems)
		mine := map[openflow.Key]bool{}
		for _, w := range e.Flows {
			mine[w.Flow.Key()] = true
		}
		asked := func(f openflow.Flow) bool { return mine[f.Key()] }
		sw.compiler.Wants(asked, func(f openflow.Flow, rows []logical.Ref) { want[f.Key()] = &wish{f, rows} })
	})
	return want, err
}

// withCookies compares flows with what the bridge has under their cookies, and adds
// what else it has under the cookie asked for.
func (l laying) withCookies(ctx context.Context, cookie uint64, want map[openflow.Key]*wish) ([]found, error) {
	session, err := l.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	cookies := map[uint64]bool{cookie: true}
	for _, w := range want {
		cookies[flows.Cookie(w.rows[0])] = true
	}
	var held []openflow.FlowEntry
	for _, c := range slices.Sorted(maps.Keys(cookies)) {
		all, err := dumpOf(ctx, session, openflow.FlowRequest{Table: openflow.AllTables, Cookie: c, CookieMask: ^uint64(0)})
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if c == cookie || want[e.Key()] != nil {
				held = append(held, e)
			}
		}
	}
	again, err := underOther(ctx, session, want, held)
	return compare(want, append(held, again...)), err
}

// underOther reads the flows that are wanted and were not found, whatever cookie
// they have.
func underOther(ctx context.Context, session *ofconn.Session, want map[openflow.Key]*wish, held []openflow.FlowEntry) ([]openflow.FlowEntry, error) {
	there := map[openflow.Key]bool{}
	for _, e := range held {
		there[e.Key()] = true
	}
	var more []openflow.FlowEntry
	for k := range want {
		if there[k] {
			continue
		}
		all, err := dumpOf(ctx, session, openflow.FlowRequest{Table: k.Table, Match: k.Match})
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if e.Key() == k {
				more = append(more, e)
			}
		}
	}
	return more, nil
}
