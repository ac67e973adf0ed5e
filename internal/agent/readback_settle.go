package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// settleTime is how long OVS may take to report what it made of a configuration:
// it tells that it carried it out first, and writes the status of ports after.
const (
	settleTime = 2 * time.Second
	settleLook = 200 * time.Millisecond // how often it is asked meanwhile
)

// verdict is what OVS made of the wanted rows.
type verdict struct {
	observed   vswitch.Observed
	refused    []string          // in the operator's words
	unverified []finding.Finding // and what runs otherwise though nobody asked for it
	waits      error             // why nothing can be said: OVS is not there yet, or hangs
}

// inquiry is a read back under way.
type inquiry struct {
	want vswitch.Desired
	m    meanings
	// standing are refusals that were told already: they need no second look.
	standing []string
	o        vswitch.Observed
	asked    bool
	heard    replies
	refused  []string
}

// judge takes a newer observation. While OVS has not carried out what is in the
// database nothing can be said of it.
func (r *inquiry) judge(now vswitch.Observed) {
	now.OVSVersion = r.o.OVSVersion
	r.o, r.refused = now, nil
	if r.asked && !r.behind() {
		r.refused = refusals(r.want, r.o, r.heard, r.m)
	}
}

func (r *inquiry) behind() bool { return r.o.CurCfg < r.o.NextCfg }

// settled tells whether waiting could not change what is told.
func (r *inquiry) settled() bool {
	if silent(r.heard.unread) {
		return true
	}
	return r.asked && !r.behind() && !slices.ContainsFunc(r.refused, func(what string) bool { return !slices.Contains(r.standing, what) })
}

// readBack looks what OVS made of the wanted rows. Where something is refused
// that was not before, OVS gets a moment to report, for somebody may have
// written just now; after changes of ours also where it was, for they may have
// mended it. What shows then counts.
func (a *Agent) readBack(ctx context.Context, db *ovsdb.Client, want vswitch.Desired, out outcome) verdict {
	r := inquiry{want: want, m: newMeanings(out.after.OVSVersion), o: out.after}
	if len(out.made) == 0 {
		r.standing = a.state.get().refused
	}
	ask := func() {
		if !r.behind() {
			r.heard, r.asked = a.ask(ctx, questions(want, r.o, r.m)), true
		}
	}
	ask()
	r.judge(r.o)
	settling, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for !r.settled() && settling.Err() == nil {
		// Not everything that OVS carries out shows as a change of the database.
		again, done := context.WithTimeout(settling, settleLook)
		_, err := db.WaitFor(again, func(now vswitch.Observed) bool {
			r.judge(now)
			return r.settled() || !r.asked && !r.behind()
		})
		done()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if r.settled() {
			break
		}
		ask()
		now, err := db.Observe(ctx)
		if err != nil {
			break
		}
		r.judge(now)
	}
	return verdict{r.o, append(out.refused, r.refused...), append(r.unverified(), r.unasked()...), r.waits()}
}

func (r *inquiry) waits() error {
	switch {
	case silent(r.heard.unread):
		return r.heard.unread
	case r.behind():
		return fmt.Errorf("ovs-vswitchd has not carried out what is in the database yet (cur_cfg %d, next_cfg %d)", r.o.CurCfg, r.o.NextCfg)
	}
	return nil
}

// unverified says what could not be read back: all, or where there are any,
// queues and pins.
func (r *inquiry) unverified() []finding.Finding {
	f := finding.Finding{Severity: finding.Warning, Code: "not-verified"}
	switch waits := r.waits(); {
	case waits != nil:
		f.What = fmt.Sprintf("what OVS made of the configuration could not be read back: %v", waits)
		f.Cost, f.Fix = "what it refused would go unnoticed", hungFix
	case r.heard.unread != nil && slices.ContainsFunc(r.want.Rows, func(r vswitch.Row) bool { return ofDPDK(r.Settings) }):
		f.What = fmt.Sprintf("queues and pins could not be read back: %v", r.heard.unread)
		f.Cost, f.Fix = "a queue that no PMD polls would go unnoticed", "look at ovs-appctl dpif-netdev/pmd-rxq-show"
	default:
		return nil
	}
	return []finding.Finding{f}
}

// unasked tells what runs otherwise than by OVS's default, where that is all that
// the profile asks for: it is worth to know, and nothing was refused.
func (r *inquiry) unasked() []finding.Finding {
	if !r.asked || r.behind() || silent(r.heard.unread) {
		return nil
	}
	var found []finding.Finding
	for _, want := range r.want.Rows {
		is, ok := r.o.Row(want.ID)
		if want.Table != vswitch.IfaceTable || !ok || is.Status == nil {
			continue
		}
		for _, s := range r.m.shortfalls(is, r.m.judged(want, is.Settings), r.heard) {
			if s.unasked {
				found = append(found, finding.Finding{Severity: finding.Info, Code: "default-not-in-force", What: s.what, Fix: s.remedy() + ", to have it said"})
			}
		}
	}
	return found
}
