package agent

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// advisor fits what to do about a shortfall to who has the say: the profile where
// it asks for the same, `host apply` where it asks for something else already, and
// whoever owns the row where the profile does not name it.
type advisor struct {
	m       meanings
	want    vswitch.Desired
	pending []vswitch.Change
	guarded bool
}

func newAdvisor(m meanings, s passState) advisor {
	_, guarded := errors.AsType[*plan.GuardError](s.err)
	return advisor{m: m, want: s.desired, pending: s.pending, guarded: guarded}
}

// fix says what to do about a shortfall of a row as it is in the database.
func (a advisor) fix(s shortfall, is vswitch.ObservedRow) string {
	after := func(do string) string {
		if s.look == "" {
			return do
		}
		return s.look + "; " + do
	}
	wanted, named := a.wanted(is.ID)
	if named {
		if do, waits := a.waiting(s, wanted, is); waits {
			return after(do)
		}
	}
	set, says := wanted.Settings[s.setting]
	switch {
	case !named && is.Mark.Owner == "":
		return after(fmt.Sprintf("no profile names %s, so %s: %s; or name it in the profile, as `sluicectl host adopt` does", is.ID, keeper(is), s.byHand))
	case !named:
		return after(fmt.Sprintf("the profile in force does not name %s: `sluicectl host plan` shows what becomes of it; until then %s", is.ID, s.byHand))
	case is.Mark.Owner == "":
		return s.remedy() + "; then `sluicectl host apply --take-over`, for " + is.String() + " is not Sluice's yet"
	case s.setting != "" && (!says || set == ""):
		return after(fmt.Sprintf("somebody else set it, for the profile does not: %s; or %s, and `sluicectl host apply --take-over`", s.byHand, s.do))
	}
	return s.remedy()
}

// waiting says what makes the row as the profile asks, where it asks for something
// else than the database does; without a setting, any setting of the row counts.
func (a advisor) waiting(s shortfall, wanted vswitch.Row, is vswitch.ObservedRow) (string, bool) {
	for i, c := range plan.WirePending(a.pending, a.guarded) {
		op := a.pending[i].Op
		if a.pending[i].ID != is.ID || s.setting != "" && c.Setting != s.setting || op != vswitch.Set && op != vswitch.Unset {
			continue
		}
		asks := fmt.Sprintf("the profile asks for %s=%s already", c.Setting, c.New)
		if c.New == "" {
			asks = "the profile asks for no " + c.Setting + " any more"
		}
		if word := c.Word(); word != "" {
			return fmt.Sprintf("%s, which waits%s (%s): `sluicectl %s` makes it so", asks, word.How(), c.Class, word), true
		}
	}
	set, says := wanted.Settings[s.setting]
	if !says || a.m.of(is.Table, s.setting, set) == a.m.of(is.Table, s.setting, is.Settings[s.setting]) {
		return "", false
	}
	return fmt.Sprintf("the profile asks for %s=%s already: the next pass writes it, or `sluicectl host status` says why not", s.setting, set), true
}

func (a advisor) wanted(id vswitch.ID) (vswitch.Row, bool) {
	for _, r := range a.want.Rows {
		if r.ID == id {
			return r, true
		}
	}
	return vswitch.Row{}, false
}

// keeper says who has the say about a row that is not ours, by the external_ids
// that others leave on it.
func keeper(is vswitch.ObservedRow) string {
	var ids []string
	for _, name := range is.Settings.Names() {
		if id, ok := strings.CutPrefix(name, "external_ids:"); ok {
			ids = append(ids, id+"="+is.Settings[name])
		}
	}
	if len(ids) == 0 {
		return "whoever made it has the say"
	}
	return "whoever made it has the say (external_ids " + strings.Join(ids, " ") + ")"
}

// where says where an interface's settings are kept.
func (a advisor) where(is vswitch.ObservedRow) string {
	if _, named := a.wanted(is.ID); !named && is.Mark.Owner == "" {
		return "by ovs-vsctl, for no profile names it and " + keeper(is)
	}
	return "in the profile"
}
