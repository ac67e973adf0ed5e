package agent

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// join adds host h2 with switch port vm2 to the network.
func (r *rig) join(c *store.Client) {
	r.t.Helper()
	h2 := logical.Host{Name: "h2", SystemID: "id-of-h2", Addresses: []netip.Addr{netip.MustParseAddr("172.16.0.2")}, Role: logical.RoleNode, Mode: logical.ModeFull}
	if _, err := c.RegisterHost(r.limit(), h2, time.Now()); err != nil {
		r.t.Fatal(err)
	}
	if err := c.AddPort(r.limit(), "blue", logical.SwitchPort{Name: "vm2", Addresses: []netip.Addr{netip.MustParseAddr("10.0.1.12")}, Security: true}); err != nil {
		r.t.Fatal(err)
	}
	n, _, err := c.Load(r.limit())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.Bind(r.limit(), "h2", n.PortByName("vm2").ID); err != nil {
		r.t.Fatal(err)
	}
}

// reads the way to h2 until its reasons are these words, in this order.
func (r *rig) explains(words ...string) api.Tunnel {
	r.t.Helper()
	var got api.Tunnel
	r.until(fmt.Sprintf("the tunnel is explained by %q", words), func() (err error) {
		if got, err = r.api.Tunnel(r.limit(), "h2"); err != nil {
			return err
		}
		for i, reason := range got.Reasons {
			if i >= len(words) || !strings.Contains(reason.What, words[i]) {
				return fmt.Errorf("it tells %+v", got)
			}
		}
		if len(got.Reasons) != len(words) {
			return fmt.Errorf("it tells %+v", got)
		}
		return nil
	})
	return got
}

// On a real switch: each thing that keeps a tunnel from working is told, until
// nothing is left.
func TestTunnelExplained(t *testing.T) {
	r, c := plainNetwork(t)
	const never, noMTU = "host h2 never told", "MTU: guests here send up to 1500 bytes"
	r.join(c)
	const noRoute, deaf = "no route to 172.16.0.2", "nothing on this host takes packets for 172.16.0.1, UDP 6081"
	r.explains(noRoute, deaf, never)

	r.address("br-phy", "172.16.0.1/24")
	got := r.explains(noMTU, never)
	if got.Device != "br-phy" || got.Source != "172.16.0.1" || got.Neighbour != "" || got.MTU != 1500 || len(got.Unknown) != 1 {
		t.Errorf("%+v", got)
	}
	r.ip("link", "set", "tap1", "mtu", "1400")
	r.explains(never)
	r.beats(c)
	r.explains()

	r.until("the way to vm2 is laid", func() error {
		if len(r.flows(api.FlowsRequest{Object: "vm2"})[api.FlowLaid]) == 0 {
			return errors.New("it is not")
		}
		return nil
	})
	// A packet to vm2 asks for h2's MAC, and nobody answers.
	mac := func(s string) string { return strings.ReplaceAll(s, ":", "") }
	vm1, vm2 := mac("f2:01:0a:00:01:0b"), mac("f2:01:0a:00:01:0c")
	frame := vm2 + vm1 + "0800" + "4500001c00000000401164ba0a00010b0a00010c" + "0fa0138800080000" + strings.Repeat("00", 18)
	if _, err := hex.DecodeString(frame); err != nil {
		t.Fatal(err)
	}
	n := r.vsctl("get", "Interface", "tap1", "ofport")
	r.ofctl("packet-out", fmt.Sprintf("in_port=%s,packet=%s,actions=table", n, frame))
	got = r.explains("nobody on br-phy answers the ARP for 172.16.0.2")
	if got.Packets == nil || *got.Packets == 0 {
		t.Errorf("nothing was counted: %+v", got)
	}
	if _, err := r.host.AppCtl(r.limit(), "tnl/arp/set", "br-phy", "172.16.0.2", "aa:55:aa:55:00:02"); err != nil {
		t.Fatal(err)
	}
	got = r.explains("none came from it")
	if got.Neighbour != "aa:55:aa:55:00:02" {
		t.Errorf("%+v", got)
	}
	// Who takes the option's place is told of, whoever he is.
	r.ofctl("del-flows")
	r.ofctl("del-tlv-map")
	r.ofctl("add-tlv-map", "{class=0x102,type=0x80,len=4}->tun_metadata0")
	got = r.explains("tun_metadata0 of bridge br-int is somebody else's tunnel option (class 0x102, type 0x80, 4 bytes)")
	for _, name := range []string{"172.16.0.2", "id-of-h2"} {
		if again, err := r.api.Tunnel(r.limit(), name); err != nil || again.Host != "h2" {
			t.Errorf("%s: %+v %v", name, again, err)
		}
	}
	if all, err := r.api.Tunnels(r.limit()); err != nil || len(all) != 1 || all[0].Host != "h2" {
		t.Errorf("all: %+v %v", all, err)
	}
	if _, err := r.api.Tunnel(r.limit(), "h3"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("a host that is not there: %v", err)
	}
	if _, err := r.api.Tunnel(r.limit(), "h1"); api.CodeOf(err) != api.CodeUsage {
		t.Errorf("this host: %v", err)
	}
}

// beats is a heartbeat of h2.
func (r *rig) beats(c *store.Client) {
	r.t.Helper()
	n, _, err := c.Load(r.limit())
	if err == nil {
		err = c.Report(r.limit(), logical.HostStatus{Host: "h2", LastSeen: time.Now(), Generation: n.Generation()})
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// The tables that a packet of vm1's meets are named, and what becomes of it is told.
func TestTrace(t *testing.T) {
	r, c := plainNetwork(t)
	r.join(c)
	trace := func(req api.TraceRequest, result string) api.Trace {
		t.Helper()
		var got api.Trace
		r.until("the trace ends with "+result, func() (err error) {
			if got, err = r.api.Trace(r.limit(), req); err != nil {
				return err
			}
			if !strings.Contains(strings.Join(got.Result, "\n"), result) {
				return fmt.Errorf("%+v", got)
			}
			return nil
		})
		return got
	}
	trace(api.TraceRequest{Port: "vm1", To: "10.0.1.12"}, "the switch has no route there")
	r.address("br-phy", "172.16.0.1/24")
	trace(api.TraceRequest{Port: "vm1", To: "10.0.1.12"}, "not judged: the MAC of 172.16.0.2")
	if _, err := r.host.AppCtl(r.limit(), "tnl/arp/set", "br-phy", "172.16.0.2", "aa:55:aa:55:00:02"); err != nil {
		t.Fatal(err)
	}
	r.vsctl("add-port", "br-phy", "wire", "--", "set", "Interface", "wire", "type=internal")
	got := trace(api.TraceRequest{Port: "vm1", To: "10.0.1.12", Proto: "tcp", DstPort: 80, TTL: 9}, "into the tunnel to host h2, 172.16.0.2")
	owner := map[string]string{}
	for _, l := range got.Lines {
		if l.Table != "" {
			owner[l.Table] = l.Owner
		}
	}
	if owner[flows.TablePhyIn.String()] != "switch port vm1" || owner[flows.TableTunnel.String()] != "host h2" {
		t.Errorf("%v of\n%+v", owner, got)
	}
	if !strings.Contains(got.Packet, "tcp,") || !strings.Contains(got.Packet, "nw_ttl=9") || !strings.Contains(got.Packet, "tcp_dst=80") {
		t.Errorf("traced %s", got.Packet)
	}
	trace(api.TraceRequest{Port: "tap1", To: "10.0.1.12"}, "into the tunnel to host h2, 172.16.0.2") // by the interface's name
	trace(api.TraceRequest{Port: "vm1", To: "10.0.1.1", Proto: "icmp"}, "out at tap1, port vm1")     // the router's answer
	trace(api.TraceRequest{Port: "vm1", To: "10.9.9.9"}, "dropped by table ")
	for _, bad := range []struct {
		req  api.TraceRequest
		code api.Code
	}{
		{api.TraceRequest{Port: "vm2", To: "10.0.1.11"}, api.CodeConflict},
		{api.TraceRequest{Port: "vm9", To: "10.0.1.11"}, api.CodeNotFound},
		{api.TraceRequest{Port: "vm1", To: "vm2"}, api.CodeUsage},
		{api.TraceRequest{Port: "vm1", To: "fd00::1"}, api.CodeConflict},
		{api.TraceRequest{Port: "vm1", To: "10.0.1.12", DstPort: 70000}, api.CodeUsage},
	} {
		if _, err := r.api.Trace(r.limit(), bad.req); api.CodeOf(err) != bad.code {
			t.Errorf("%+v: %v", bad.req, err)
		}
	}
}
