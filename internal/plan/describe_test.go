package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestDescribe reads scripts of rows, and shows the profile, what is left, and
// the plan's findings. Every host must pass the test of adoption.
func TestDescribe(t *testing.T) {
	scripts(t, "describe", 1, func(t *testing.T, s script) string {
		s.observed.Rows = vswitchtest.Rows(t, s.parts[0])
		d := plan.Describe(s.observed, s.topo)
		text, _ := adopted(t, s.observed, s.topo, d)
		for _, left := range d.Left {
			text += "left: " + left + "\n"
		}
		return text
	})
}

// adopted renders a description, reads it back and plans it for the same host:
// nothing but marks may come of it, and host actions only about what is so.
func adopted(t testing.TB, o vswitch.Observed, topo host.Topology, d plan.Description) (string, plan.Plan) {
	t.Helper()
	text, err := configs.Render(d.Profile)
	if err != nil {
		t.Fatal(err)
	}
	p, err := configs.Parse(text, configs.Options{File: "adopted.yaml"})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	made := plan.Make(plan.Input{Profile: p, Topology: topo, Observed: o})
	if made.Refused() {
		t.Errorf("refused: %+v\n%s", made.Findings, text)
	}
	for _, c := range made.Changes {
		if !plan.Marks(c) || c.Class != vswitch.Live {
			t.Errorf("not a mark: %s (%s)", c, c.Class)
		}
	}
	for _, a := range made.Before {
		if m, ok := a.(host.MakeDirectory); !ok || m.User+m.Group != "" || m.Mode != 0 {
			t.Errorf("before: %s", a)
		}
	}
	for _, a := range made.After {
		if s, ok := a.(host.SetAddresses); !ok || len(s.Remove)+len(s.RemoveRoutes)+len(s.Routes) > 0 || !there(topo, s) {
			t.Errorf("after: %s", a)
		}
	}
	if t.Failed() {
		t.Logf("%s\n%s\n%s", vswitchtest.Lines(o), text, strings.Join(d.Left, "\n"))
	}
	return string(text), made
}

func there(topo host.Topology, s host.SetAddresses) bool {
	for _, n := range topo.NICs {
		if n.Name == s.Device {
			return strings.Contains(fmt.Sprint(n.Addresses), strings.Trim(fmt.Sprint(s.Addresses), "[]"))
		}
	}
	return false
}
