package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

func TestPolicerReadBack(t *testing.T) {
	asked := vswitch.Settings{"type": "egress-policer", "other_config:cir": "125000000", "other_config:cbs": "64000"}
	const do = `; see why in ovs-vswitchd's log (search for "Failed to set QoS"), then change rateLimit.egress in the profile, or take it out`
	runs := func(typ, cir, cbs string) appctl.QoS {
		return appctl.QoS{Interface: "p0", Type: typ, Details: map[string]string{"cir": cir, "cbs": cbs}}
	}
	tests := []struct {
		name string
		runs appctl.QoS
		want string
	}{
		{"as asked", runs("egress-policer", "125000000", "64000"), ""},
		{"refused", appctl.QoS{Interface: "p0"}, "port p0: no limit is in force on what leaves by it: OVS refused the QoS egress-policer cbs=64000 cir=125000000" + do},
		{"another kind", runs("trtcm-policer", "125000000", "64000"), "port p0: asked for the QoS egress-policer, runs with trtcm-policer: OVS refused it" + do},
		{"another rate", runs("egress-policer", "1", "64000"), "port p0: asked for the QoS egress-policer cir=125000000, runs with egress-policer cir=1" + do},
		{"tells no numbers", appctl.QoS{Interface: "p0", Type: "egress-policer"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if s, short := (policer{iface: "p0", asked: asked, runs: &tt.runs}).shortfall(); short {
				got = s.String()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("shortfall (-want +got):\n%s", diff)
			}
		})
	}
}

// Asked is of every interface of a limited port, and of no other: not of what
// waits to be written, nor of what OVS has not taken.
func TestWhatIsAsked(t *testing.T) {
	port := func(name string) vswitch.ID { return vswitch.ID{Table: vswitch.PortTable, Name: name} }
	policy := func(name, cir string) vswitch.Row {
		return vswitch.Row{
			ID: vswitch.ID{Table: vswitch.QoSTable, Name: name}, Parent: port(name),
			Settings: vswitch.Settings{"type": "egress-policer", "other_config:cir": cir, "other_config:cbs": "64000"},
		}
	}
	iface := func(name, of, typ string) vswitch.Row {
		return vswitch.Row{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: name}, Parent: port(of), Settings: vswitch.Settings{"type": typ}}
	}
	observed := func(rows ...vswitch.Row) vswitch.Observed {
		var o vswitch.Observed
		first, failed := int64(1), int64(-1)
		for _, r := range rows {
			is := vswitch.ObservedRow{Row: r}
			switch {
			case r.Name == "broken":
				is.Status = &vswitch.InterfaceStatus{Error: "no", OFPort: &failed}
			case r.Table == vswitch.IfaceTable:
				is.Status = &vswitch.InterfaceStatus{OFPort: &first}
			}
			o.Rows = append(o.Rows, is)
		}
		vswitch.SortObserved(o.Rows)
		return o
	}
	const guest = "dpdkvhostuserclient"
	bond := []vswitch.Row{policy("bond0", "1000"), iface("m0", "bond0", "dpdk"), iface("m1", "bond0", "dpdk"), iface("broken", "bond0", "dpdk")}
	tests := []struct {
		name     string
		want, is []vswitch.Row
		options  bool
		policers []string
	}{
		{"nothing", []vswitch.Row{iface("br0", "br0", "internal")}, []vswitch.Row{iface("br0", "br0", "internal")}, false, nil},
		{"a guest's port", []vswitch.Row{iface("vm", "vm", guest)}, []vswitch.Row{iface("vm", "vm", guest)}, true, nil},
		{"a guest's limit", []vswitch.Row{iface("vm", "vm", guest), policy("vm", "7")}, []vswitch.Row{iface("vm", "vm", guest), policy("vm", "7")}, true, []string{"vm"}},
		{"a limit that waits", []vswitch.Row{iface("vm", "vm", guest), policy("vm", "7")}, []vswitch.Row{iface("vm", "vm", guest), policy("vm", "8")}, true, nil},
		{"a limit of somebody else", []vswitch.Row{iface("vm", "vm", guest)}, []vswitch.Row{iface("vm", "vm", guest), policy("vm", "8")}, true, nil},
		{"a bond", bond, bond, true, []string{"m0", "m1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := observed(tt.is...)
			vswitch.Sort(tt.want)
			q := questions(vswitch.Desired{Rows: tt.want}, o, newMeanings("3.1.0"))
			var policers []string
			for _, p := range q.policers {
				policers = append(policers, p.iface)
			}
			if diff := cmp.Diff(tt.policers, policers); q.options != tt.options || diff != "" {
				t.Errorf("asks for options: %v, want %v; for policers (-want +got):\n%s", q.options, tt.options, diff)
			}
		})
	}
}
