package flows_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/golden"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestUnderlay compares the flows of the bridge of the tunnels with what a reader
// agreed to.
func TestUnderlay(t *testing.T) {
	var text strings.Builder
	for _, tt := range []struct {
		name, address string
		wire          of.Port
	}{
		{"one port", "192.0.2.1", 3},
		{"IPv6", "2001:db8::1", 3},
		{"no port, or a bond", "192.0.2.1", 0},
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
	golden.Check(t, "testdata/underlay.txt", text.String())
}

// TestOrdinary tells bridges that switch like any from those that somebody gave flows.
func TestOrdinary(t *testing.T) {
	normal := of.Flow{Do: of.Do(of.Output{Port: of.PortNormal})}
	ours := flows.Underlay(logical.Overlay{Address: netip.MustParseAddr("192.0.2.1"), UDPPort: 6081}, 3)
	part := of.Flow{Priority: 7, Match: of.NewMatch(of.InPort(3)), Do: normal.Do}
	for _, tt := range []struct {
		name string
		held []of.Flow
		want bool
	}{
		{"as it is made", []of.Flow{normal}, true},
		{"with ours", append(ours, normal), true},
		{"another NORMAL flow", []of.Flow{normal, part}, true},
		{"emptied", nil, false},
		{"ours alone", ours, false},
		{"NORMAL for some packets", []of.Flow{part}, false},
		{"a filter", []of.Flow{normal, {Priority: 7, Match: of.NewMatch(of.InPort(3))}}, false},
		{"a tag", []of.Flow{{Do: of.Do(of.PushVLAN{Type: 0x8100}, of.Output{Port: of.PortNormal})}}, false},
		{"another table", []of.Flow{normal, {Table: 1, Do: normal.Do}}, false},
	} {
		if got := flows.Ordinary(tt.held); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
