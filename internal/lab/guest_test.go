package lab_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// limit is a context that ends a test which would hang.
func limit(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func mac(n byte) net.HardwareAddr { return net.HardwareAddr{0x52, 0x54, 0, 0, 0, n} }

// Two guests on one bridge: what the one sends, the other receives.
func TestGuestsTalkThroughDPDK(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	h := lab.New(t, lab.Options{DPDK: true})
	ctx := limit(t)

	guests := make([]*lab.Guest, 2)
	for i, mode := range []lab.Mode{lab.FlowGen, lab.RxOnly} {
		g, err := h.StartVirtioUser(ctx, lab.GuestOptions{
			Socket: h.Path(fmt.Sprintf("vm%d.sock", i)), MAC: mac(byte(i)), PeerMAC: mac(byte(1 - i)), Mode: mode, Flows: 8,
		})
		if err != nil {
			t.Fatal(err)
		}
		guests[i] = g
	}
	addBridge(ctx, t, h, "br0", "vm0", "vm1")
	for _, g := range guests {
		if err := g.Connected(ctx); err != nil {
			t.Fatal(err)
		}
	}
	received := func(more uint64) {
		t.Helper()
		before, err := guests[1].Stats(ctx)
		if err != nil {
			t.Fatal(err)
		}
		err = lab.Until(ctx, "packets arrive", func(ctx context.Context) error {
			now, err := guests[1].Stats(ctx)
			if err == nil && now.RxPackets < before.RxPackets+more {
				err = fmt.Errorf("%d after %d", now.RxPackets, before.RxPackets)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	received(10_000)
	if err := guests[0].StopForwarding(ctx); err != nil {
		t.Fatal(err)
	}
	if err := guests[0].StartForwarding(ctx); err != nil {
		t.Fatal(err)
	}
	received(10_000)
	if err := guests[0].Close(); err != nil {
		t.Error(err)
	}
}

// addBridge makes a userspace bridge with vhost-user-client ports NAME at NAME.sock.
func addBridge(ctx context.Context, t *testing.T, h *lab.Host, bridge string, ports ...string) {
	t.Helper()
	args := []string{"add-br", bridge, "--", "set", "bridge", bridge, "datapath_type=netdev"}
	for _, p := range ports {
		args = append(args, "--", "add-port", bridge, p, "--", "set", "interface", p,
			"type=dpdkvhostuserclient", "options:vhost-server-path="+h.Path(p+".sock"))
	}
	if _, err := h.VSCtl(ctx, args...); err != nil {
		t.Fatal(err)
	}
}
