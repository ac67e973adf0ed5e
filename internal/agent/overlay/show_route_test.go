package overlay

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// The route is the one that the switch names, whatever its table looks like; it is
// asked once.
func TestWayTo(t *testing.T) {
	asked := map[string]int{}
	v := &tunnelView{lookup: func(to string) (string, error) {
		asked[to]++
		switch to {
		case "172.16.2.9":
			return "src 172.16.0.1\ngateway 172.16.0.254\ndev br-hand\n", nil
		case "fd01::9":
			return "", &unixctl.CommandError{Method: "ovs/route/lookup", Text: "Not found"}
		}
		return "", unixctl.ErrHung
	}}
	for range 2 {
		for to, want := range map[string]string{"172.16.2.9": "172.16.0.1 br-hand 172.16.0.254", "fd01::9": "", "10.0.0.1": unixctl.ErrHung.Error()} {
			at := netip.MustParseAddr(to)
			got := ""
			if r, _ := v.routeTo(at); r != nil {
				got = fmt.Sprint(v.source(at), " ", r.Device, " ", r.Gateway)
			}
			if err := v.wayTo(at).err; err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("to %s: %q, want %q", to, got, want)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"172.16.2.9": 1, "fd01::9": 1, "10.0.0.1": 1}, asked); diff != "" {
		t.Error(diff)
	}
}
