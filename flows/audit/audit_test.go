package audit

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func id[E any](n byte) logical.ID[E] { return logical.ID[E]{15: n} }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sound is a network that nothing is wrong with: a guest on a host, and a router
// with a default route to the outside.
func sound() []logical.Entity {
	mac := logical.DefaultMAC(addr("10.0.0.1"))
	return []logical.Entity{
		&logical.Host{ID: id[logical.Host](1), Name: "h1", SystemID: "sys1", Index: 1, Addresses: []netip.Addr{addr("192.0.2.1")}, Provider: []string{"phys"}},
		&logical.Switch{ID: id[logical.Switch](1), Name: "web", Kind: logical.SwitchOverlay},
		&logical.SwitchPort{
			ID: id[logical.SwitchPort](1), Switch: id[logical.Switch](1), Name: "vm1", Kind: logical.PortGuest,
			MAC: logical.DefaultMAC(addr("10.0.0.2")), Addresses: []netip.Addr{addr("10.0.0.2")}, Seq: 1,
		},
		&logical.Binding{ID: id[logical.Binding](1), Port: id[logical.SwitchPort](1), Host: "h1", Seq: 1},
		&logical.SwitchPort{
			ID: id[logical.SwitchPort](2), Switch: id[logical.Switch](1), Name: "web_to_lr", Kind: logical.PortRouter, Peer: "lr_to_web",
			MAC: mac, Addresses: []netip.Addr{addr("10.0.0.1")}, Seq: 2,
		},
		&logical.SwitchPort{ID: id[logical.SwitchPort](3), Switch: id[logical.Switch](1), Name: "out", Kind: logical.PortOutside, Host: "h1", Bridge: "br-ex", Seq: 3},
		&logical.SwitchPort{
			ID: id[logical.SwitchPort](4), Switch: id[logical.Switch](1), Name: "gw", Kind: logical.PortGuest,
			MAC: logical.DefaultMAC(addr("10.0.0.254")), Addresses: []netip.Addr{addr("10.0.0.254")}, Seq: 4,
		},
		&logical.Binding{ID: id[logical.Binding](4), Port: id[logical.SwitchPort](4), Host: "h1", Seq: 4},
		&logical.Router{ID: id[logical.Router](1), Name: "lr", Hosts: []string{"sys1"}},
		&logical.RouterPort{
			ID: id[logical.RouterPort](1), Router: id[logical.Router](1), Name: "lr_to_web", Peer: "web_to_lr", MAC: mac,
			Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")},
		},
		route(1, "10.0.0.254", 1),
	}
}

// without takes ports away, and their bindings.
func without(ports ...byte) (c logical.Changes) {
	for _, n := range ports {
		c.Delete = append(c.Delete, logical.Ref{Kind: logical.KindSwitchPort, UUID: id[logical.SwitchPort](n).UUID()},
			logical.Ref{Kind: logical.KindBinding, UUID: id[logical.Binding](n).UUID()})
	}
	return c
}

func route(n byte, hop string, out byte) *logical.Route {
	return &logical.Route{
		ID: id[logical.Route](n), Router: id[logical.Router](1), Name: "r", Prefix: netip.MustParsePrefix("0.0.0.0/0"),
		NextHop: addr(hop), OutPort: id[logical.RouterPort](out),
	}
}

// change puts a changed copy of the entity that has a name.
func change[E any, P interface {
	*E
	logical.Entity
}](name string, set func(P)) logical.Changes {
	for _, e := range sound() {
		if p, ok := e.(P); ok && logical.Name(e) == name {
			set(p)
			return logical.Changes{Put: []logical.Entity{p}}
		}
	}
	panic("no " + name)
}

func put(e ...logical.Entity) logical.Changes { return logical.Changes{Put: e} }

func localnet(n byte, sw byte, network string) *logical.SwitchPort {
	return &logical.SwitchPort{
		ID: id[logical.SwitchPort](n), Switch: id[logical.Switch](sw), Name: fmt.Sprintf("loc%d", n), Kind: logical.PortLocalnet, Network: network, Seq: uint64(n),
	}
}

func TestCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		change logical.Changes
		alter  func(*Input)
		want   []string
	}{
		"sound": {},
		"a garbage row": {
			alter: func(in *Input) { in.Unusable = []error{errors.New("row 1 is left out")} },
			want:  []string{"error unusable-row row 1 is left out"},
		},
		"a host that fell silent": {
			alter: func(in *Input) { in.Now = noon.Add(2 * time.Minute) },
			want:  []string{"warning silent-host host h1 says nothing, and has gw, vm1"},
		},
		"an address claimed twice": {
			change: put(&logical.SwitchPort{
				ID: id[logical.SwitchPort](9), Switch: id[logical.Switch](1), Name: "vm9", Kind: logical.PortGuest,
				MAC: logical.MAC{2, 9}, Addresses: []netip.Addr{addr("10.0.0.2")}, Seq: 9,
			}, &logical.Binding{ID: id[logical.Binding](9), Port: id[logical.SwitchPort](9), Host: "h1", Seq: 9}),
			want: []string{"error conflict address 10.0.0.2 on switch web: vm1 holds it, claimed by vm9 too: give one of them another address"},
		},
		"a port that is nowhere": {
			change: logical.Changes{Delete: []logical.Ref{{Kind: logical.KindBinding, UUID: id[logical.Binding](1).UUID()}}},
			want:   []string{"info port-nowhere no host has the interface of vm1 of switch web"},
		},
		"a binding to a host that is not registered": {
			change: put(&logical.Binding{ID: id[logical.Binding](1), Port: id[logical.SwitchPort](1), Host: "gone", Seq: 1}),
			want:   []string{"warning unknown-host host gone never registered, and nothing reaches what is bound to it: vm1"},
		},
		"the far end of a link deleted": {
			change: logical.Changes{Delete: []logical.Ref{{Kind: logical.KindSwitchPort, UUID: id[logical.SwitchPort](2).UUID()}}},
			want: []string{
				"warning half-link port lr_to_web of router lr leads to port web_to_lr, which does not lead back: it connects nothing",
				"warning route-into-nothing route r of router lr (0.0.0.0/0) leads through port lr_to_web, which is connected to no switch: what it matches is dropped",
			},
		},
		"the ends of a link differ": {
			change: change("web_to_lr", func(p *logical.SwitchPort) { p.MAC = logical.MAC{2, 7} }),
			want: []string{"warning link-differs the two ends of a link differ: port web_to_lr has 02:07:00:00:00:00 [10.0.0.1], " +
				"port lr_to_web has f2:01:0a:00:00:01 [10.0.0.1/24]"},
		},
		"a next hop that a port has": {change: put(route(1, "10.0.0.2", 1))},
		"a next hop off the link": {
			change: put(route(1, "10.9.0.1", 1)),
			want:   []string{"warning next-hop-off-link route r of router lr (0.0.0.0/0): its next hop 10.9.0.1 is in no network of port lr_to_web, and no port of switch web has it"},
		},
		"a next hop that nobody has": {
			change: without(3, 4),
			want: []string{"warning next-hop-unknown route r of router lr (0.0.0.0/0): nobody on switch web has its next hop 10.0.0.254, " +
				"and nothing outside is behind that switch"},
		},
		"a next hop outside that no port has": {
			change: without(4),
			want: []string{"warning next-hop-unknown route r of router lr (0.0.0.0/0): no port of switch web has its next hop 10.0.0.254: " +
				"nobody asks for its MAC, and what it matches is dropped"},
		},
		"a route whose port is gone": {
			change: put(route(1, "10.0.0.254", 8)),
			want:   []string{"warning route-into-nothing route r of router lr (0.0.0.0/0) has no out port: what it matches is dropped"},
		},
		"an address in no subnet": {
			change: change("vm1", func(p *logical.SwitchPort) { p.Addresses = []netip.Addr{addr("10.7.0.1"), addr("fd00::1")} }),
			want:   []string{"warning address-off-subnet vm1 10.7.0.1 of switch web: no subnet of the switch and no router's network on it holds the address"},
		},
		"a guest with the network's own address": {
			change: logical.Changes{Put: append(
				change("vm1", func(p *logical.SwitchPort) { p.Addresses = []netip.Addr{addr("10.0.0.0")} }).Put,
				change("web", func(s *logical.Switch) { s.Subnets = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")} }).Put...,
			)},
			want: []string{"warning address-reserved port vm1 of switch web has 10.0.0.0: it is the network's own address, 10.0.0.0/24"},
		},
		"a router with the broadcast address": {
			change: put(&logical.RouterPort{
				ID: id[logical.RouterPort](2), Router: id[logical.Router](1), Name: "b", MAC: logical.MAC{2, 8}, Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.255/24")},
			}),
			want: []string{"warning address-reserved port b of router lr has 10.9.0.255: it is the network's broadcast address, 10.9.0.0/24"},
		},
		"a localnet port of no network": {
			change: put(&logical.SwitchPort{ID: id[logical.SwitchPort](9), Switch: id[logical.Switch](1), Name: "loc", Kind: logical.PortLocalnet, Seq: 9}),
			want:   []string{"warning localnet-nowhere localnet port loc of overlay switch web names no physical network: it does nothing"},
		},
		"two localnet ports of one network": {
			change: put(localnet(8, 1, "phys"), localnet(9, 1, "phys")),
			want:   []string{"warning localnet-twice ports loc8 and loc9 of switch web are both for physical network phys: one of them does nothing"},
		},
		"a localnet port of a network that no host reaches": {
			change: logical.Changes{Put: append(
				change("h1", func(h *logical.Host) { h.Provider = []string{"lab"} }).Put, localnet(8, 1, "ext"))},
			want: []string{"warning no-provider localnet port loc8 of switch web is for physical network ext, which no host reaches"},
		},
		"two switches on one physical network": {
			change: put(localnet(8, 1, "phys"), localnet(9, 2, "phys"), &logical.Switch{ID: id[logical.Switch](2), Name: "lab", Kind: logical.SwitchOverlay}),
			want:   []string{"warning same-vlan switches lab, web are one VLAN, phys:0"},
		},
		"a switch nobody reaches": {
			change: put(&logical.Switch{ID: id[logical.Switch](2), Name: "lab", Kind: logical.SwitchVLAN, Network: "other", VLAN: 7}),
			want: []string{
				"warning no-provider switch lab is a VLAN of other, which no host reaches",
				"info leftover switch lab has no port",
			},
		},
		"overlapping networks": {
			change: put(&logical.RouterPort{
				ID: id[logical.RouterPort](2), Router: id[logical.Router](1), Name: "b", MAC: logical.MAC{2, 8}, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.9/16")},
			}),
			want: []string{"info overlap networks of router lr overlap: 10.0.0.0/16 of port b and 10.0.0.0/24 of port lr_to_web"},
		},
		"an edge that never came": {
			change: change("lr", func(r *logical.Router) { r.Hosts = []string{"h1", "nobody"} }),
			want:   []string{"warning unknown-host router lr is pinned to host nobody, which never registered"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, _ := new(logical.Snapshot).With(logical.Changes{Put: sound()})
			n, _ = n.With(tt.change)
			in := Input{Network: n, Said: []logical.HostStatus{{Host: "h1", LastSeen: noon}}, Now: noon, Live: time.Minute}
			if tt.alter != nil {
				tt.alter(&in)
			}
			var got []string
			for _, f := range Check(in) {
				got = append(got, string(f.Severity)+" "+f.Code+" "+f.What)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
