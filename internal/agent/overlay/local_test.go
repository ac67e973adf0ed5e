package overlay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// The store has a host's physical networks in order, the profile as they were written:
// the host is not another for that.
func TestHostOf(t *testing.T) {
	overlay := &logical.Overlay{Provider: []logical.ProviderNetwork{{Network: "west"}, {Network: "east"}}}
	h := hostOf(vswitch.Observed{}, overlay, "h1")
	if diff := cmp.Diff([]string{"east", "west"}, h.Provider); diff != "" {
		t.Error(diff)
	}
}
