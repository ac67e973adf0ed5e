package agent

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// plainOverlay is a host of an overlay without DPDK, whose underlay and guests are
// somebody else's.
func plainOverlay(name, address, more string) string {
	return `
apiVersion: sluice/v1
kind: HostProfile
name: ` + name + `
overlay: {bridge: "", address: ` + address + more + `}
`
}

// plainRig is a host of an overlay without DPDK, with an agent not yet started. Its
// store is the host's own.
func plainRig(t *testing.T, name, address string) *rig {
	t.Helper()
	r := prepare(t, lab.Options{Unconfigured: true})
	r.networkStore()
	// A database that is added cuts all connections, one that is just being made
	// included, which libovsdb 0.8.1 is not safe against (client.go:303).
	l := r.opt.Network.Local
	r.must(store.EnsureLocal(r.limit(), l.Server, l.File, l.Like))
	r.write(plainOverlay(name, address, ""))
	return r
}

func (r *rig) networkStore() {
	r.opt.Network = &overlay.Options{Local: overlay.LocalStore{
		RunDir: r.host.RunDir(), File: r.host.Path("sluice.db"), Like: r.host.Path("conf.db"),
		Server: &unixctl.Client{Program: "ovsdb-server", Socket: r.host.DBCtl()},
	}}
}

// begin starts the agent and waits for a network that is laid.
func (r *rig) begin() {
	r.t.Helper()
	r.start()
	r.await(monitor.ResultConverged)
	r.laid(1)
}

// storeOf is a client of a host's own store.
func storeOf(r *rig) *store.Client {
	r.t.Helper()
	c, err := store.New(store.Options{Endpoints: []string{"unix:" + r.host.DBSocket()}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// macOf and addressOf are those of guest n.
func macOf(n byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, n} }
func addressOf(n byte) netip.Addr   { return netip.AddrFrom4([4]byte{10, 0, 0, n}) }
func guestOf(n byte) string         { return fmt.Sprintf("vm%d", n) }
func guestPort(n byte) logical.SwitchPort {
	return logical.SwitchPort{Name: guestOf(n), MAC: logical.MAC(macOf(n)), Addresses: []netip.Addr{addressOf(n)}, Security: true}
}

// ofctl runs ovs-ofctl on br-int, as another program would.
func (r *rig) ofctl(args ...string) string {
	r.t.Helper()
	all := []string{"-O", "OpenFlow15", args[0], r.host.Path("br-int.mgmt")}
	out, err := r.host.Command(r.limit(), "ovs-ofctl", append(all, args[1:]...)...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("ovs-ofctl %s: %v %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// held is the flows of br-int, without counters. A switch lists flows of one table that
// fall together in a hash in the order in which they came: they are put in one of their own.
func (r *rig) held() string {
	r.t.Helper()
	return sorted(r.ofctl("dump-flows", "--no-stats", "--sort=priority"))
}

// quiet waits until the bridge holds for a while what it held at its start.
func (r *rig) quiet() {
	r.t.Helper()
	held, since := "", time.Now()
	r.until("the bridge is quiet", func() error {
		if now := r.held(); now != held {
			held, since = now, time.Now()
		}
		if d := time.Since(since); d < 400*time.Millisecond {
			return fmt.Errorf("for %v only", d)
		}
		return nil
	})
}

// groups is the groups of br-int, by their numbers.
func (r *rig) groups() string {
	r.t.Helper()
	lines := strings.Split(r.ofctl("dump-groups"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
