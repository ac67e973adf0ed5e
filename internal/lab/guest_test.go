package lab_test

import (
	"context"
	"fmt"
	"net"
	"regexp"
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

// A guest sends the frames of a file, over and over: each of them arrives more than once.
func TestGuestReplays(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	h := lab.New(t, lab.Options{DPDK: true})
	ctx := limit(t)
	frames := [][]byte{make([]byte, 60), make([]byte, 60)}
	for i, f := range frames {
		copy(f, mac(9))
		copy(f[6:], mac(0))
		f[12], f[13] = 0x88, 0xb5+byte(i) // local experimental Ethertypes (IEEE 802)
	}
	file := h.Path("replay.pcap")
	if err := lab.WritePCAP(file, frames); err != nil {
		t.Fatal(err)
	}
	g, err := h.StartVirtioUser(ctx, lab.GuestOptions{Socket: h.Path("vm0.sock"), MAC: mac(0), Replay: file})
	if err != nil {
		t.Fatal(err)
	}
	addBridge(ctx, t, h, "br0", "vm0")
	for i := range frames {
		flow := fmt.Sprintf("dl_type=0x88b%d,actions=drop", 5+i)
		if out, err := h.Command(ctx, "ovs-ofctl", "add-flow", "br0", flow).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", flow, err, out)
		}
	}
	if err := g.Connected(ctx); err != nil {
		t.Fatal(err)
	}
	err = lab.Until(ctx, "each frame arrives a hundred times", func(ctx context.Context) error {
		out, err := h.Command(ctx, "ovs-ofctl", "dump-flows", "br0", "table=0,cookie=0/-1").Output()
		if err != nil {
			return err
		}
		if n := len(regexp.MustCompile(`n_packets=\d{3,}.*dl_type=0x88b[56]`).FindAll(out, -1)); n != len(frames) {
			return fmt.Errorf("of %d kinds:\n%s", n, out)
		}
		return nil
	})
	if err != nil {
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
