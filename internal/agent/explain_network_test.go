package agent

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
)

func TestExplainLogicalPort(t *testing.T) {
	const network = `
host h1 192.0.2.1
host h2 192.0.2.2
switch blue 10.0.1.0/24
port mine blue 10.0.1.1 on h1
port theirs blue 10.0.1.2 on h2
port nobodys blue 10.0.1.3
port child blue 10.0.1.4 tag mine:30
`
	const rows = `
Bridge br-int datapath_type=netdev
Bridge br-x datapath_type=netdev
Port a in Bridge br-int
Interface a in Port a external_ids:iface-id=mine
Port b in Bridge br-x
Interface b in Port b external_ids:iface-id=mine
Port c in Bridge br-int
Interface c in Port c external_ids:iface-id=nosuch
Port d in Bridge br-int
Interface d in Port d external_ids:iface-id=theirs
Port e in Bridge br-int
Interface e in Port e external_ids:iface-id=child
Port g in Bridge br-x
Interface g in Port g external_ids:iface-id=another-manager
Port f in Bridge br-int
Interface f in Port f
`
	o := vswitch.Observed{Rows: vswitchtest.Rows(t, rows)}
	v := networkView{logicaltest.Snapshot(network), "br-int", "h1"}
	want := []string{"interface c: its iface-id=nosuch names no port of the logical network: sluicectl port explain c"}
	if diff := cmp.Diff(want, v.misspelt(o)); diff != "" {
		t.Errorf("misspelt: -want +got:\n%s", diff)
	}
	words := func(reasons []api.Reason) string {
		var all []string
		for _, r := range reasons {
			all = append(all, r.What)
		}
		return strings.Join(all, "\n")
	}
	for name, want := range map[string]string{
		"a": "", "f": "", "g": "",
		"b": "interface b: it has iface-id=mine and is on bridge br-x: the logical network is on br-int",
		"c": "interface c: its iface-id=nosuch names no port of the logical network",
		"d": "interface d: switch port theirs is bound on host h2, where its interface appeared last: it works there and not here",
		"e": "interface e: its iface-id=child is a tagged child of port mine: its packets come by the interface of that one",
	} {
		row, ok := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: name})
		if !ok {
			t.Fatalf("no interface %s", name)
		}
		if diff := cmp.Diff(want, words(v.reasons(row, o))); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
		if unread := (networkView{}).reasons(row, o); unread != nil {
			t.Errorf("%s: without a network: %v", name, unread)
		}
	}
	if r, ok := v.interfaceOf("mine", o); !ok || r.Name != "a" {
		t.Errorf("mine is interface %q, %v", r.Name, ok)
	}
	if r, ok := v.interfaceOf("nobodys", o); ok {
		t.Errorf("nobodys is interface %q", r.Name)
	}
	for name, want := range map[string]string{
		"nobodys": "no interface of this host has the iface-id of switch port nobodys",
		"theirs":  "switch port theirs is not on this host: it is bound on host h2",
		"child":   "switch port child is a tagged child of port mine: it has no interface of its own",
		"nosuch":  "",
	} {
		if diff := cmp.Diff(want, words(v.absent(name))); diff != "" {
			t.Errorf("%s is absent: (-want +got):\n%s", name, diff)
		}
	}
}
