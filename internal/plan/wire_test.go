package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestWhatReleases shows which command makes what the daemon does not, a change
// a line: as a plan tells it, for a profile that lets the daemon disturb packets,
// with the guard, and as a status tells what was left.
func TestWhatReleases(t *testing.T) {
	port := vswitch.ID{Table: vswitch.PortTable, Name: "p"}
	changes := []struct {
		name string
		vswitch.Change
	}{
		{"live", vswitch.Change{ID: port, Op: vswitch.Set, Class: vswitch.Live}},
		{"disruptive", vswitch.Change{ID: port, Op: vswitch.Set, Class: vswitch.PortRestart}},
		{"take-over", vswitch.Change{ID: port, Op: vswitch.Claim, Class: vswitch.Live, TakeOver: true}},
		{"both", vswitch.Change{ID: port, Op: vswitch.Set, Class: vswitch.PortRestart, TakeOver: true}},
		{"refused", vswitch.Change{ID: port, Op: vswitch.Delete, Class: vswitch.Live, Refused: "a foreign port"}},
	}
	guard := errors.New("would delete 4 of 10 ports")
	var b strings.Builder
	for _, c := range changes {
		one := []vswitch.Change{c.Change}
		word := func(guard error, p configs.Profile) string {
			w := plan.Plan{Changes: one, Guarded: guard}.Wire("nfv-01", "3.6.3", plan.Automatic(&p)).Steps[0].Changes[0]
			if w.Automatic {
				return "the daemon"
			}
			return string(w.Waits)
		}
		told := []string{
			word(nil, configs.Profile{}), word(nil, configs.Profile{Disruptive: configs.Auto}), word(guard, configs.Profile{}),
			string(plan.WirePending(one, false)[0].Waits), string(plan.WirePending(one, true)[0].Waits),
		}
		for i := range told {
			told[i] = strings.TrimPrefix(told[i], "host ")
			if told[i] == "" {
				told[i] = "-"
			}
		}
		fmt.Fprintf(&b, "%-10s  %-17s  %-17s  %-25s  %-17s  %s\n", c.name, told[0], told[1], told[2], told[3], told[4])
	}
	const want = `live        the daemon         the daemon         apply --force              -                  apply --force
disruptive  apply              the daemon         apply --force              apply              apply --force
take-over   apply --take-over  apply --take-over  apply --force --take-over  apply --take-over  apply --force --take-over
both        apply --take-over  apply --take-over  apply --force --take-over  apply --take-over  apply --force --take-over
refused     -                  -                  -                          -                  -
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
