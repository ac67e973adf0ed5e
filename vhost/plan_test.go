package vhost_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// port is a vhost port with every default of the profile.
func port(name string, change ...func(*vhost.PortSpec)) vhost.PortSpec {
	p := vhost.PortSpec{
		Path: "vhost.ports[" + name[len(name)-1:] + "]", Name: name, Bridge: "br-int", Queues: 1, MTU: 1500, TxRetries: 8,
		Access: vhost.Access{User: "root", Group: "kvm", Mode: 0o770},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func spec(ports ...vhost.PortSpec) vhost.Spec {
	no := false
	return vhost.Spec{SocketDir: "/var/lib/vhost_sockets", IOMMU: &no, Postcopy: &no, Ports: ports}
}

func TestDecide(t *testing.T) {
	yes := true
	longName := strings.Repeat("x", 50) + "0"
	tests := []struct {
		name, release string
		spec          vhost.Spec
	}{
		{"one-port", "3.1.0", spec(port("vm0"))},
		{"all-settings", "3.6.3", spec(port("vm0", func(p *vhost.PortSpec) {
			p.Queues, p.MTU, p.MAC, p.LogicalPort, p.TxRetries = 4, 9000, "52:54:00:00:00:0A", "web-1", 0
			p.VLAN = vswitch.VLAN{Mode: vswitch.VLANAccess, Tag: 7}
			p.RateLimit = vswitch.RateLimit{Ingress: vswitch.Rate{BitsPerSecond: 1e9}, Egress: vswitch.Rate{BitsPerSecond: 2e9, BurstBytes: 100000}}
			p.Access = vhost.Access{User: "openvswitch", Group: "hugetlbfs", Mode: 0o750}
		}))},
		// As a profile gives them: the socket is written out in any case.
		{"own-directory", "3.1.0", spec(
			port("vm0", func(p *vhost.PortSpec) { p.Socket = "/var/lib/vhost_sockets/vm0/vm0.sock" }),
			port("vm1", func(p *vhost.PortSpec) { p.Socket, p.Access = "/srv/vm1/net.sock", vhost.Access{} }),
		)},
		{"named-socket", "3.1.0", spec(port("vm0", func(p *vhost.PortSpec) { p.Socket = "/srv/vm/net.sock" }))},
		{"no-dpdk-section", "3.1.0", vhost.Spec{SocketDir: "/var/lib/vhost_sockets"}},
		{"volatile-directory-and-postcopy", "3.1.0", vhost.Spec{SocketDir: "/var/run/openvswitch", IOMMU: &yes, Postcopy: &yes}},
		{"refused", "3.1.0", spec(
			port("vm0", func(p *vhost.PortSpec) { p.Socket = "/srv/vm/net.sock" }),
			port("vm1", func(p *vhost.PortSpec) { p.Socket = "/srv/vm/net.sock" }),
			port("vm2", func(p *vhost.PortSpec) { p.Socket = "/srv/../etc/net.sock" }),
			port("vm3", func(p *vhost.PortSpec) { p.MTU, p.TxRetries = 9999, 33 }),
			port(longName),
		)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, found := vhost.Decide(tt.spec, tt.release)
			golden.Check(t, filepath.Join("testdata", "plan", tt.name+".txt"), printed(p, found))
		})
	}
}

func printed(p vhost.Plan, found []finding.Finding) string {
	var b strings.Builder
	for _, a := range p.Actions {
		dir := a.(host.MakeDirectory)
		fmt.Fprintf(&b, "mkdir %s (%s:%s, %v)\n", dir.Path, dir.User, dir.Group, dir.Mode)
	}
	b.WriteString("Open_vSwitch .\n")
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
		fmt.Fprintf(&b, "\n%s %s at %s\n  %s\n  cost: %s\n  fix:  %s\n", f.Severity, f.Code, f.Path, f.What, f.Cost, f.Fix)
	}
	return b.String()
}
