package agent

import (
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// A network that was not read calls nothing misspelt.
func TestMisspeltNeedsTheNetwork(t *testing.T) {
	o := vswitch.Observed{Rows: []vswitch.ObservedRow{{Row: vswitch.Row{
		ID: vswitch.ID{Table: vswitch.IfaceTable, Name: "vm3-if"}, Settings: vswitch.Settings{vswitch.IfaceID: "vm33"},
	}}}}
	if got := (networkView{bridge: "br-int"}).misspelt(o); got != nil {
		t.Errorf("without a network: %v", got)
	}
}
