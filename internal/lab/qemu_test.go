package lab_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// Two virtual machines with the kernel's own virtio driver reach each other, and
// the one comes back after it was killed.
func TestQEMUGuestsPing(t *testing.T) {
	if testing.Short() {
		t.Skip("boots virtual machines under emulation")
	}
	lab.Require(t, lab.MissingQEMU()...)
	h := lab.New(t, lab.Options{DPDK: true})
	ctx := limit(t)
	addBridge(ctx, t, h, "br0", "vm0", "vm1")

	address := func(n int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 24)
	}
	start := func(n, queues int) *lab.QEMU {
		t.Helper()
		q, err := h.StartQEMU(ctx, lab.QEMUOptions{
			Socket: h.Path(fmt.Sprintf("vm%d.sock", n)), MAC: mac(byte(n)), Address: address(n + 1), Queues: queues,
		})
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	ping := func(from *lab.QEMU, to int) {
		t.Helper()
		if err := from.Booted(ctx); err != nil {
			t.Fatal(err)
		}
		if err := from.Ping(ctx, address(to+1).Addr()); err != nil {
			t.Fatal(err)
		}
	}
	a, b := start(0, 1), start(1, 2)
	if err := b.Booted(ctx); err != nil {
		t.Fatal(err)
	}
	ping(a, 1)
	ping(b, 0)
	if out, err := b.Run(ctx, "ls -d /sys/class/net/eth0/queues/rx-*"); err != nil || strings.Count(out, "rx-") != 2 {
		t.Errorf("the guest with two queues has %q, %v", out, err)
	}
	if _, err := b.Run(ctx, "false"); err == nil {
		t.Error("a command that fails in the guest gave no error")
	}
	if err := a.Ping(ctx, netip.MustParseAddr("192.0.2.77")); err == nil {
		t.Error("an address that nobody has answers")
	}
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	b = start(1, 2)
	ping(b, 0)
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
