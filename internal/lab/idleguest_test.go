package lab_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// A port with an idle guest is connected, with a pair of queues, and is no longer
// when the guest has gone; and is again with the next.
func TestIdleGuestIsConnected(t *testing.T) {
	h := lab.New(t, lab.Options{DPDK: true})
	ctx := limit(t)
	addBridge(ctx, t, h, "br0", "vm0", "vm1")
	status := func(want string) {
		t.Helper()
		err := lab.Until(ctx, "vm0 is "+want, func(ctx context.Context) error {
			out, err := h.VSCtl(ctx, "get", "Interface", "vm0", "status")
			if err == nil && (!strings.Contains(out, "status="+want) || want == "connected" && !strings.Contains(out, "num_of_vrings=\"2\"")) {
				err = fmt.Errorf("its status is %s", out)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		g, err := lab.StartIdleGuest(h.Path("vm0.sock"))
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Connected(ctx); err != nil {
			t.Fatal(err)
		}
		status("connected")
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		status("disconnected")
	}
}
