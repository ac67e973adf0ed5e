package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// A network that was not read calls nothing misspelt; a local store's trouble is told
// beside what it causes.
func TestMisspeltNeedsTheNetwork(t *testing.T) {
	o := vswitch.Observed{Rows: []vswitch.ObservedRow{{Row: vswitch.Row{
		ID: vswitch.ID{Table: vswitch.IfaceTable, Name: "vm3-if"}, Settings: vswitch.Settings{ifaceID: "vm33"},
	}}}}
	if got := (networkView{bridge: "br-int"}).misspelt(o); got != nil {
		t.Errorf("without a network: %v", got)
	}
}

func TestStoreTroubleNamesTheLocalServer(t *testing.T) {
	for _, c := range []struct {
		s    networkStatus
		want string
	}{
		{networkStatus{}, ""},
		{networkStatus{Local: "no control socket"}, ""}, // it is followed all the same
		{networkStatus{Store: "no database Sluice"}, "no database Sluice"},
		{networkStatus{Store: "no database Sluice", Local: "no control socket"}, "no database Sluice; this host's own store is not served: no control socket"},
	} {
		if diff := cmp.Diff(c.want, c.s.store()); diff != "" {
			t.Errorf("%+v: %s", c.s, diff)
		}
	}
}
