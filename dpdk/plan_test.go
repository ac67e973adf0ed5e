package dpdk_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host"
)

func TestDecide(t *testing.T) {
	for _, tt := range planTests {
		t.Run(tt.name, func(t *testing.T) {
			in := tt.in
			in.Topology = describedHost(t, tt.host)
			p, found := dpdk.Decide(in)
			golden.Check(t, filepath.Join("testdata", "plan", tt.name+".txt"), tt.host+"\n"+seen(in.Seen)+"\n"+printed(p, found))
		})
	}
}

// seen prints what a plan was told of the running switch's memory.
func seen(s dpdk.Seen) string {
	var b strings.Builder
	if s.Running {
		fmt.Fprintf(&b, "ovs-vswitchd runs with DPDK, socket-limit %v\n", s.SocketLimit)
	}
	for _, h := range s.Hugepages {
		fmt.Fprintf(&b, "  holds %d pages of %d kB on node %d\n", h.Pages, h.SizeKiB, h.Node)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Ports)) {
		port := s.Ports[name]
		fmt.Fprintf(&b, "  %s has MTU %d on node %d, n_rxq %d; mtu_request %d\n", name, port.MTU, port.Node, port.RxQueues, port.Request)
	}
	return b.String()
}

func printed(p dpdk.Plan, found []finding.Finding) string {
	var b strings.Builder
	for _, n := range p.Memory {
		fmt.Fprintf(&b, "node %d socket memory %d MiB\n", n.Node, n.SocketMem)
		for _, pool := range n.Pools {
			fmt.Fprintf(&b, "  pool of MTU %d for %s: %d mbufs of %d, rings %d\n", pool.MTU, strings.Join(pool.Ports, ", "), pool.Mbufs, pool.Asked, pool.Rings)
		}
	}
	for _, a := range p.Actions {
		fmt.Fprintf(&b, "%s\n", action(a))
	}
	if p.Settings != nil {
		b.WriteString("Open_vSwitch .\n")
	}
	for _, name := range p.Settings.Names() {
		fmt.Fprintf(&b, "  %s=%s\n", name, p.Settings[name])
	}
	for _, r := range p.Rows {
		fmt.Fprintf(&b, "%s (%s)\n", r.ID, r.Parent)
		for _, name := range r.Settings.Names() {
			fmt.Fprintf(&b, "  %s=%s\n", name, r.Settings[name])
		}
	}
	for _, f := range found {
		fmt.Fprintf(&b, "\n%s %s at %s\n  %s\n", f.Severity, f.Code, f.Path, f.What)
		if f.Cost != "" {
			fmt.Fprintf(&b, "  cost: %s\n", f.Cost)
		}
		fmt.Fprintf(&b, "  fix:  %s\n", f.Fix)
	}
	return b.String()
}

// action prints what a planner asked for, whatever String says of it elsewhere.
func action(a host.Action) string {
	switch a := a.(type) {
	case host.BindDriver:
		return fmt.Sprintf("bind %s to %s, default route allowed: %t", a.PCI, a.Driver, a.AllowDefaultRoute)
	case host.SetHugepages:
		return fmt.Sprintf("node %d: %d pages of %d kB", a.Node, a.Pages, a.SizeKiB)
	case host.SetAddresses:
		return fmt.Sprintf("ip addr %s %v, routes %v", a.Device, a.Addresses, len(a.Routes))
	default:
		return fmt.Sprintf("unexpected %T", a)
	}
}
