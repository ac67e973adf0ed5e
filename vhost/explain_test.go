package vhost_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

const socket = "/var/lib/vhost_sockets/vm0/vm0.sock"

// facts describes a port in order, whose guest is connected; change spoils it.
func facts(change ...func(*vhost.Facts)) vhost.Facts {
	f := vhost.Facts{
		Row: true, Type: vhost.Type, ServerPath: socket, Interface: connected(), DPDK: true,
		Socket: vhost.SocketFacts{
			Dirs: []vhost.FileFact{
				{Path: "/var/lib/vhost_sockets", Exists: true, Mode: fs.ModeDir | 0o755},
				{Path: "/var/lib/vhost_sockets/vm0", Exists: true, Mode: fs.ModeDir | fs.ModeSetgid | 0o770, GID: 36},
			},
			Socket:    vhost.FileFact{Path: socket, Exists: true, Mode: fs.ModeSocket | 0o775, UID: 107, GID: 36},
			Listening: p(true), OVS: &vhost.Identity{UID: 0},
		},
		Queues: []vhost.PolledQueue{{Queue: 0, Core: 1, Enabled: true}, {Queue: 1, Core: 2, Enabled: true}},
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// waiting is the same port before a guest's driver came up.
func waiting(change ...func(*vhost.Facts)) vhost.Facts {
	return facts(append([]func(*vhost.Facts){func(f *vhost.Facts) { f.Interface = disconnected() }}, change...)...)
}

func noSocket(f *vhost.Facts) { f.Socket.Socket = vhost.FileFact{Path: socket} }

func left(f *vhost.Facts) { f.Left = time.Date(2026, 3, 1, 20, 33, 42, 0, time.UTC) }

func received(f *vhost.Facts) { f.Received = 1234 }

func status(key, value string) func(*vhost.Facts) {
	return func(f *vhost.Facts) { f.Interface.Status[key] = value }
}

func failed(text string) func(*vhost.Facts) {
	return func(f *vhost.Facts) {
		f.Interface = vswitch.InterfaceStatus{Error: text, OFPort: p(int64(-1))}
	}
}

func TestExplain(t *testing.T) {
	two := port("vm0", func(p *vhost.PortSpec) { p.Queues = 2 })
	long := "/var/lib/" + strings.Repeat("x", 110)
	tests := []struct {
		name  string
		want  vhost.PortSpec
		facts vhost.Facts
	}{
		{"in order", two, facts()},
		{"port missing", two, vhost.Facts{}},
		{"server mode", two, facts(func(f *vhost.Facts) { f.Type = "dpdkvhostuser" })},
		{"wrong type", two, facts(func(f *vhost.Facts) { f.Type = "internal" })},
		{"wrong path", two, facts(func(f *vhost.Facts) { f.ServerPath = "/tmp/vm0.sock" })},
		{"path read before it was written anew", two, facts(func(f *vhost.Facts) { f.RunningPath, f.Named = "/tmp/vm0.sock", true })},
		{"path read before somebody else wrote it anew", two, facts(func(f *vhost.Facts) { f.RunningPath = "/tmp/vm0.sock" })},
		{"the path that OVS uses", two, facts(func(f *vhost.Facts) { f.RunningPath = socket })},
		{"no dpdk", two, facts(func(f *vhost.Facts) { f.DPDK = false })},
		{"pending", two, facts(func(f *vhost.Facts) { f.Interface = vswitch.InterfaceStatus{} })},
		{"refused, no DPDK", two, facts(failed("could not open network device vm0 (Address family not supported by protocol)"))},
		{"refused, no memory", two, facts(failed("could not add network device vm0 to ofproto (Invalid argument)"))},
		{"refused, other", two, facts(failed("could not open network device vm0 (File exists)"))},
		{"refused, silent", two, facts(failed(""))},
		{"guest never started", two, waiting(noSocket)},
		{"guest left, and its socket is gone", two, waiting(noSocket, left, received)},
		{"guest left, and nobody listens", two, waiting(left, func(f *vhost.Facts) { f.Socket.Listening = p(false) })},
		{"directory missing", two, waiting(noSocket, func(f *vhost.Facts) { f.Socket.Dirs[1].Exists, f.Named = false, true })},
		{"directory of a foreign port missing", two, waiting(noSocket, func(f *vhost.Facts) { f.Socket.Dirs[1].Exists = false })},
		{"directory is a file", two, waiting(noSocket, func(f *vhost.Facts) { f.Socket.Dirs[1].Mode = 0o644 })},
		{"file in place of the socket", two, waiting(func(f *vhost.Facts) { f.Socket.Socket.Mode = 0o644 })},
		{"guest has ended", two, waiting(func(f *vhost.Facts) { f.Socket.Listening = p(false) })},
		{"guest not ready", two, waiting()},
		{"guest connected, whatever the database says", two, waiting(received)},
		{"guest connected, and where it listens cannot be told", two, waiting(received, func(f *vhost.Facts) { f.Socket.Listening = nil })},
		{"guest was connected and has ended", two, waiting(received, func(f *vhost.Facts) { f.Socket.Listening = p(false) })},
		{"guest was connected, and its socket is gone", two, waiting(received, noSocket)},
		{"directory not searchable", two, waiting(func(f *vhost.Facts) { f.Socket.OVS = &vhost.Identity{UID: 998, Groups: []uint32{998}} })},
		{"socket not writable", two, waiting(func(f *vhost.Facts) {
			f.Socket.OVS, f.Socket.Socket.Mode = &vhost.Identity{UID: 998, Groups: []uint32{998, 36}}, fs.ModeSocket|0o755
		})},
		{"group lets OVS in", two, facts(func(f *vhost.Facts) { f.Socket.OVS = &vhost.Identity{UID: 998, Groups: []uint32{36}} })},
		{"link down", two, facts(func(f *vhost.Facts) { f.Interface.LinkState = "down" })},
		{"MTU not taken up", port("vm0", func(p *vhost.PortSpec) { p.Queues, p.MTU = 2, 9000 }), facts()},
		{"guest's MTU too large", two, facts(status("mtu", "9000"), status("features", "0x0000000950448008"))},
		{"fewer queues", port("vm0", func(p *vhost.PortSpec) { p.Queues = 4 }), facts()},
		{"no multi-queue", two, facts(status("num_of_vrings", "2"), status("features", "0x0000000950048000"), func(f *vhost.Facts) { f.Queues = f.Queues[:1] })},
		{"no queues", two, facts(status("num_of_vrings", "0"))},
		{"short ring", two, facts(status("vring_3_size", "64"))},
		{"no PMD", two, facts(func(f *vhost.Facts) { f.Queues = []vhost.PolledQueue{} })},
		{"one queue unpolled", two, facts(func(f *vhost.Facts) { f.Queues = f.Queues[:1] })},
		{"polling unknown", two, facts(func(f *vhost.Facts) { f.Queues = nil })},
		{"guest's interface down", two, facts(func(f *vhost.Facts) { f.Queues[0].Enabled, f.Queues[1].Enabled = false, false })},
		{"one queue disabled", two, facts(func(f *vhost.Facts) { f.Queues[1].Enabled = false })},
	}
	var b strings.Builder
	for _, tt := range tests {
		fmt.Fprintf(&b, "%s\n", tt.name)
		reasons := vhost.Explain(tt.want, socket, tt.facts)
		if len(reasons) == 0 {
			b.WriteString("  nothing is wrong\n")
		}
		for _, r := range reasons {
			fmt.Fprintf(&b, "  %s: %s\n    %s\n", r.Code, r.What, r.Fix)
		}
	}
	golden.Check(t, "testdata/explain.txt", b.String())

	reasons := vhost.Explain(two, long, waiting(func(f *vhost.Facts) { f.ServerPath = long }))
	if len(reasons) != 1 || reasons[0].Code != "path-too-long" {
		t.Errorf("a path of %d bytes: %+v", len(long), reasons)
	}
}
