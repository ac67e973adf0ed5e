package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestDue: the guest of vm1 runs, so that its port's deletion waits, and so does
// its socket. br1 is somebody else's: it gets no address before he is asked, and
// the directory of his vm3 no other owner.
func TestDue(t *testing.T) {
	o := vswitch.Observed{OVSVersion: "3.1.0", Rows: vswitchtest.Rows(t, `
Open_vSwitch .
Bridge br0 owner=profile keys=* datapath_type=netdev fail_mode=standalone
Port br0 in Bridge br0 owner=profile
Interface br0 in Port br0 owner=profile keys=* type=internal
Bridge br1 datapath_type=netdev fail_mode=standalone
Port br1 in Bridge br1
Interface br1 in Port br1 type=internal
Port vm1 in Bridge br0 owner=profile
Interface vm1 in Port vm1 owner=profile keys=* options:vhost-server-path=/srv/vm1/vm1.sock type=dpdkvhostuserclient ~status=connected
Port vm3 in Bridge br1
Interface vm3 in Port vm3 options:vhost-server-path=/srv/vm3/vm3.sock type=dpdkvhostuserclient
Port vm2 in Bridge br0 owner=profile
Interface vm2 in Port vm2 owner=profile keys=* options:vhost-server-path=/srv/vm2/vm2.sock type=dpdkvhostuserclient
`)}
	p := plan.Make(plan.Input{
		Profile: profile(t, "bridges: [{name: br0, addresses: [172.16.0.1/24]}, {name: br1, addresses: [172.17.0.1/24]}]\n"+
			"vhost: {ports: [{name: vm3, bridge: br1, socket: /srv/vm3/vm3.sock, access: {user: root, group: kvm}}, {name: vm4, bridge: br0}]}"),
		Topology: hosttest.Topology(t, "vm2"), Observed: o,
	})
	for _, tt := range []struct {
		scope plan.Scope
		ahead int
		want  []string
	}{
		{plan.Scope{}, 1, []string{"device br0 up, addresses 172.16.0.1/24", "remove directory /srv/vm2"}},
		{plan.Scope{Disruptive: true}, 1, []string{"device br0 up, addresses 172.16.0.1/24", "remove directory /srv/vm1", "remove directory /srv/vm2"}},
		{plan.Scope{TakeOver: true}, 2, []string{"device br0 up, addresses 172.16.0.1/24", "device br1 up, addresses 172.17.0.1/24", "remove directory /srv/vm2"}},
	} {
		if got := p.Ahead(o, tt.scope); len(got) != tt.ahead {
			t.Errorf("%+v: ahead %q, want %d", tt.scope, texts(got), tt.ahead)
		}
		after, err := vswitchtest.Apply(o, allowed(p.Changes, tt.scope))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, texts(p.Due(after))); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.scope, diff)
		}
	}
}

func allowed(changes []vswitch.Change, s plan.Scope) []vswitch.Change {
	var some []vswitch.Change
	for _, c := range changes {
		if s.Allows(c) {
			some = append(some, c)
		}
	}
	return some
}

func texts(actions []host.Action) []string {
	var out []string
	for _, a := range actions {
		out = append(out, a.String())
	}
	return out
}
