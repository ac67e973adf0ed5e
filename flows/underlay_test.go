package flows_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestUnderlay compares the flows of the bridge of the tunnels with what a reader
// agreed to.
func TestUnderlay(t *testing.T) {
	var text strings.Builder
	for _, tt := range []struct {
		name, address string
		wire          flows.Wire
	}{
		{"one port", "192.0.2.1", flows.Wire{Ports: []of.Port{3}}},
		{"a bond", "192.0.2.1", flows.Wire{Ports: []of.Port{3, 4}, Bond: true}},
		{"a bond with one member open", "192.0.2.1", flows.Wire{Ports: []of.Port{4}, Bond: true}},
		{"IPv6", "2001:db8::1", flows.Wire{Ports: []of.Port{3}}},
		{"no port", "192.0.2.1", flows.Wire{}},
	} {
		text.WriteString(tt.name + ":\n")
		for _, f := range flows.Underlay(logical.Overlay{Address: netip.MustParseAddr(tt.address), UDPPort: 6081}, tt.wire) {
			if f.Cookie != flows.UnderlayCookie {
				t.Errorf("cookie %x", f.Cookie)
			}
			if _, _, ok := flows.Owner(f.Cookie); ok {
				t.Error("the cookie is taken for that of a row")
			}
			f.Cookie = 0
			text.WriteString(strings.TrimPrefix(f.String(), "cookie=0x0, ") + "\n")
		}
	}
	golden(t, "underlay.txt", text.String())
}
