package lab_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/digitalocean/go-openvswitch/ovs"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// second is another program's view of a host, through ovs-vsctl and its own parser.
func second(ctx context.Context, h *lab.Host) *ovs.Client {
	return ovs.New(ovs.Exec(func(cmd string, args ...string) ([]byte, error) {
		if cmd == "ovs-vsctl" {
			args = append([]string{"--db=" + h.DBEndpoint()}, args...)
		}
		return h.Command(ctx, cmd, args...).CombinedOutput()
	}))
}

func TestDummyHost(t *testing.T) {
	h := lab.New(t, lab.Options{Dummy: true, DummyNUMA: []int{0, 0, 1, 1}})
	ctx := limit(t)
	_, err := h.VSCtl(ctx, "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=dummy",
		"--", "add-port", "br0", "p0", "--", "set", "interface", "p0", "type=dummy-pmd", "options:n_rxq=2",
		"--", "set", "Open_vSwitch", ".", "other_config:pmd-cpu-mask=0xf")
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.AppCtl(ctx, "dpif-netdev/pmd-rxq-show")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pmd thread numa_id 0 core_id 1:", "pmd thread numa_id 1 core_id 3:", "port: p0"} {
		if !strings.Contains(out, want) {
			t.Errorf("pmd-rxq-show printed\n%s\nwant %q in it", out, want)
		}
	}
	if h.Netns() != "" {
		t.Errorf("a dummy host has network namespace %q, want none", h.Netns())
	}
}

// A plain host stands in a namespace of its own, and another program finds there
// what was made.
func TestPlainHostInNamespace(t *testing.T) {
	h := lab.New(t, lab.Options{})
	ctx := limit(t)
	if _, err := h.VSCtl(ctx, "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev"); err != nil {
		t.Fatal(err)
	}
	bridges, err := second(ctx, h).VSwitch.ListBridges()
	if err != nil || !slices.Equal(bridges, []string{"br0"}) {
		t.Errorf("another program sees bridges %q, %v; want br0", bridges, err)
	}
	out, err := h.Command(ctx, "ip", "-brief", "link").Output()
	if err != nil || !strings.Contains(string(out), "br0") {
		t.Errorf("ip link in the host printed %q, %v; want br0 in it", out, err)
	}
	if _, err := os.Stat("/sys/class/net/br0"); err == nil {
		t.Error("br0 is in the machine's own namespace")
	}
}

// The daemons stop, die, start again and are given another database.
func TestDaemonsComeAndGo(t *testing.T) {
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true})
	ctx := limit(t)
	// vswitchd says so when its database goes away.
	h.Allow(regexp.MustCompile(`\|(reconnect|ovsdb_cs|ovsdb_idl|jsonrpc|stream_unix)\|`))
	if _, err := h.VswitchdCtl(); err == nil {
		t.Error("ovs-vswitchd has a control socket before it was started")
	}
	version := func() {
		t.Helper()
		if _, err := h.AppCtl(ctx, "version"); err != nil {
			t.Fatal(err)
		}
	}
	step := func(f func(context.Context) error) {
		t.Helper()
		if err := f(ctx); err != nil {
			t.Fatal(err)
		}
	}
	step(h.StartVswitchd)
	version()
	if err := h.StartVswitchd(ctx); err == nil {
		t.Error("ovs-vswitchd started twice")
	}
	step(h.StopVswitchd)
	step(h.StopVswitchd)
	step(h.StartVswitchd)
	step(func(context.Context) error { return h.KillVswitchd() })
	step(h.StartVswitchd)
	version()

	if _, err := h.VSCtl(ctx, "set", "Open_vSwitch", ".", "external_ids:mark=1"); err != nil {
		t.Fatal(err)
	}
	step(h.StopDB)
	step(h.StartDB)
	if mark, err := h.VSCtl(ctx, "get", "Open_vSwitch", ".", "external_ids:mark"); err != nil || mark != `"1"` {
		t.Errorf("after a restart of the database: mark %q, %v; want \"1\"", mark, err)
	}
	step(h.ReplaceDB)
	if ids, err := h.VSCtl(ctx, "get", "Open_vSwitch", ".", "external_ids"); err != nil || ids != "{}" {
		t.Errorf("after its replacement: external_ids %q, %v; want none", ids, err)
	}
	// vswitchd follows: a change is applied again.
	if _, err := h.VSCtl(ctx, "add-br", "br1"); err != nil {
		t.Error(err)
	}
}

// A daemon that ends by itself is told of, and so are warnings nobody allowed.
func TestCheckLogFindsTrouble(t *testing.T) {
	ctx := limit(t)
	lab.Require(t, lab.Missing(lab.Options{Dummy: true})...)
	h, err := lab.Start(ctx, lab.Options{Dummy: true})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if lines, err := h.CheckLog(); err != nil || len(lines) != 0 {
		t.Errorf("a fresh host has trouble: %v, %v", lines, err)
	}
	// A port of a type that does not exist.
	if _, err := h.VSCtl(ctx, "--no-wait", "add-br", "br0", "--", "add-port", "br0", "p0", "--", "set", "interface", "p0", "type=nonesuch"); err != nil {
		t.Fatal(err)
	}
	find := func(context.Context) error {
		lines, err := h.CheckLog()
		if err == nil && !slices.ContainsFunc(lines, func(l lab.LogLine) bool { return strings.Contains(l.Message, "nonesuch") }) {
			err = fmt.Errorf("no line tells of the port: %v", lines)
		}
		return err
	}
	if err := lab.Until(ctx, "the warning shows", find); err != nil {
		t.Error(err)
	}
	h.Allow(regexp.MustCompile("nonesuch|br0|p0"))
	if lines, err := h.CheckLog(); err != nil || len(lines) != 0 {
		t.Errorf("after Allow there is trouble: %v, %v", lines, err)
	}
	pid, err := h.VswitchdPID()
	if err != nil {
		t.Fatal(err)
	}
	crash(t, pid)
	err = lab.Until(ctx, "the crash shows", func(context.Context) error {
		if _, err := h.CheckLog(); err == nil {
			return errors.New("nobody noticed")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func crash(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
}

// Two DPDK hosts at once, a cable between them, packets across it.
func TestTwoHostsOverCable(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	a, b := lab.New(t, lab.Options{DPDK: true, SocketMem: 192}), lab.New(t, lab.Options{DPDK: true, SocketMem: 192})
	ctx := limit(t)
	nicA, nicB, err := lab.Link(a, "wire", b, "wire")
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []struct {
		host *lab.Host
		nic  lab.NIC
	}{{a, nicA}, {b, nicB}} {
		addBridge(ctx, t, end.host, "br0", "vm0")
		_, err := end.host.VSCtl(ctx, "add-port", "br0", "nic0", "--", "set", "interface", "nic0",
			"type=dpdk", "options:dpdk-devargs="+end.nic.Devargs(0))
		if err != nil {
			t.Fatal(err)
		}
	}
	sender, err := a.StartVirtioUser(ctx, lab.GuestOptions{Socket: a.Path("vm0.sock"), MAC: mac(1), PeerMAC: mac(2), Mode: lab.TxOnly})
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := b.StartVirtioUser(ctx, lab.GuestOptions{Socket: b.Path("vm0.sock"), MAC: mac(2)})
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Connected(ctx); err != nil {
		t.Fatal(err)
	}
	err = lab.Until(ctx, "packets cross the cable", func(ctx context.Context) error {
		s, err := receiver.Stats(ctx)
		if err == nil && s.RxPackets < 1000 {
			err = fmt.Errorf("%d packets", s.RxPackets)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A switch that nobody configured takes dpdk-init while it runs, has a tap as NIC,
// and finds its guest again after a crash and after an orderly restart.
func TestUnconfiguredHostAndRestart(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	h := lab.New(t, lab.Options{DPDK: true, Unconfigured: true})
	ctx := limit(t)
	if got, err := h.VSCtl(ctx, "get", "Open_vSwitch", ".", "other_config"); err != nil || got != "{}" {
		t.Errorf("other_config is %s, %v; want none", got, err)
	}
	// A mempool for each port is of the right size at once: about 70 MiB.
	_, err := h.VSCtl(ctx, "set", "Open_vSwitch", ".", "other_config:per-port-memory=true", "other_config:dpdk-socket-mem=192",
		"other_config:dpdk-extra=--no-pci", "other_config:dpdk-init=true", "other_config:pmd-maxsleep=200")
	if err != nil {
		t.Fatal(err)
	}
	addBridge(ctx, t, h, "br0", "vm0")
	// net_tap wants as many receive queues as there are transmit queues, which
	// are one more than PMD threads.
	_, err = h.VSCtl(ctx, "add-port", "br0", "nic0", "--", "set", "interface", "nic0", "type=dpdk",
		"options:dpdk-devargs=net_tap0,iface=tap0", "options:n_rxq=2")
	if err != nil {
		t.Fatal(err)
	}
	g, err := h.StartVirtioUser(ctx, lab.GuestOptions{Socket: h.Path("vm0.sock"), MAC: mac(1), Mode: lab.TxOnly})
	if err != nil {
		t.Fatal(err)
	}
	// The guest's queue is full in no time: it sends on only while it is polled.
	flows := func() {
		t.Helper()
		before, err := g.Stats(ctx)
		if err != nil {
			t.Fatal(err)
		}
		err = lab.Until(ctx, "the switch takes packets", func(ctx context.Context) error {
			now, err := g.Stats(ctx)
			if err == nil && now.TxPackets < before.TxPackets+10_000 {
				err = fmt.Errorf("%d after %d", now.TxPackets, before.TxPackets)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	flows()
	err = lab.Until(ctx, "packets reach the tap", func(ctx context.Context) error {
		out, err := h.VSCtl(ctx, "get", "interface", "nic0", "statistics:tx_packets")
		if err == nil && len(out) < 4 {
			err = fmt.Errorf("%s packets", out)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.KillVswitchd(); err != nil {
		t.Fatal(err)
	}
	if err := h.StartVswitchd(ctx); err != nil {
		t.Fatal(err)
	}
	flows()
	if err := h.StopVswitchd(ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.StartVswitchd(ctx); err != nil {
		t.Fatal(err)
	}
	flows()
	if err := g.Kill(); err != nil {
		t.Error(err)
	}
}

// A program in a host sees the host's sockets and ends when it is told to.
func TestCommand(t *testing.T) {
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true})
	ctx := limit(t)
	out, err := h.Command(ctx, "sh", "-c", "echo $OVS_RUNDIR; pwd").Output()
	here, _ := os.Getwd()
	if want := h.RunDir() + "\n" + here + "\n"; err != nil || string(out) != want {
		t.Errorf("the command printed %q, %v; want %q", out, err, want)
	}
	if _, err := h.Command(ctx, "sh", "-c", "echo why >&2; exit 3").Output(); err == nil || !strings.Contains(err.Error(), "why") {
		t.Errorf("a command that fails: %v, want its words", err)
	}
	c := h.Command(ctx, "sleep", "600")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Stop(ctx); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
	if err := c.Wait(); err == nil {
		t.Error("the command that was stopped has ended well")
	}
	stubborn := h.Command(ctx, "sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done")
	up, err := stubborn.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stubborn.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := up.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithCancel(ctx)
	cancel()
	if err := stubborn.Stop(short); !errors.Is(err, context.Canceled) {
		t.Errorf("a command that does not listen: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := h.Command(ctx, "true").Run(); err == nil {
		t.Error("a closed host runs a command")
	}
}
