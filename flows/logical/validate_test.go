package logical

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func pfx(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// TestValidate breaks one thing of a sound entity and wants to be told of just it.
func TestValidate(t *testing.T) {
	port := func(change func(*SwitchPort)) Entity {
		p := aPort(1, 1, "10.0.0.1")
		change(p)
		return p
	}
	sw := func(change func(*Switch)) Entity {
		v := aSwitch(1)
		change(v)
		return v
	}
	nat := func(change func(*NAT)) Entity {
		v := &NAT{ID: uid[NAT](KindNAT, 1), Router: routerID(1), Name: "web", Kind: NATDestination, External: netip.MustParseAddr("203.0.113.1"), Logical: pfx("10.0.0.1/32")}
		change(v)
		return v
	}
	rule := func(change func(*SecurityRule)) Entity {
		v := &SecurityRule{ID: uid[SecurityRule](KindSecurityRule, 1), Group: uid[SecurityGroup](KindSecurityGroup, 1), Direction: ToPort, Action: ActionAllow}
		change(v)
		return v
	}
	for _, test := range []struct {
		v    Entity
		want string
	}{
		{port(func(*SwitchPort) {}), ""},
		{sw(func(*Switch) {}), ""},
		{nat(func(*NAT) {}), ""},
		{rule(func(*SecurityRule) {}), ""},
		{aHost(1, "192.0.2.1"), ""},
		{aRouter(1), ""},
		{aRouterPort(1, 1, "10.0.0.1/24", "p1"), ""},
		{aRoute(1, 1, 1, "10.0.0.0/8", "10.1.0.1"), ""},
		{aBinding(1, 1, "h1", 1), ""},

		{port(func(p *SwitchPort) { p.Name = "a/b" }), `port a/b: name "a/b": '/' may not be in a name`},
		{port(func(p *SwitchPort) { p.Name = "" }), "port : the name is empty"},
		{port(func(p *SwitchPort) { p.Name = strings.Repeat("x", 64) }), "has 64 bytes: at most 63"},
		{port(func(p *SwitchPort) { p.Name = "a\x01" }), "U+0001 is not printable"},
		{port(func(p *SwitchPort) { p.MAC = MAC{1} }), "port p1: MAC 01:00:00:00:00:00: no port can have it"},
		{port(func(p *SwitchPort) { p.MAC = MAC{} }), "port p1: it has no MAC"},
		{port(func(p *SwitchPort) { p.Addresses = append(p.Addresses, p.Addresses[0]) }), "port p1: address 10.0.0.1 stands twice"},
		{port(func(p *SwitchPort) { p.Addresses[0] = OutsideAddress }), "port p1: address 255.255.255.255: no host can have it"},
		{port(func(p *SwitchPort) { p.Tag = 5 }), "port p1: a port of a trunk has both the parent and its tag"},
		{port(func(p *SwitchPort) { p.Kind = PortOutside }), "port p1: an outside port needs a host; an outside port needs a bridge; the addresses"},
		{port(func(p *SwitchPort) { p.Kind = "odd" }), `port p1: kind "odd" is none of ["guest" "router"`},
		{sw(func(s *Switch) { s.VLAN = 10 }), "switch ls1: an overlay switch has no VLAN"},
		{sw(func(s *Switch) { s.Kind = SwitchVLAN }), "switch ls1: a VLAN switch needs its physical network"},
		{sw(func(s *Switch) { s.Subnets = []netip.Prefix{pfx("10.0.0.1/24")} }), "switch ls1: subnet 10.0.0.1/24: the address has bits beyond the prefix, meant is 10.0.0.0/24"},
		{sw(func(s *Switch) { s.Subnets = []netip.Prefix{pfx("10.0.0.0/8"), pfx("10.1.0.0/16")} }), "switch ls1: subnets 10.0.0.0/8 and 10.1.0.0/16 overlap"},
		{sw(func(s *Switch) { s.DHCP.Other = []DHCPOption{{Code: 42, Value: "0a0"}} }), `switch ls1: DHCP option 42: "0a0" is not hexadecimal`},
		{aRoute(1, 1, 1, "10.0.0.1/8", "10.1.0.1"), "route r1: prefix 10.0.0.1/8"},
		{aRoute(1, 1, 1, "10.0.0.0/8", "fd00::1"), "route r1: next hop fd00::1 and prefix 10.0.0.0/8 are not of one family"},
		{aRouterPort(1, 1, "0.0.0.0/0", ""), "router port rp1: address 0.0.0.0: no host can have it"},
		{nat(func(n *NAT) { n.ExternalPort = PortRange{80, 80} }), "NAT web: ports need their protocol, as in 80:8080/tcp"},
		{nat(func(n *NAT) { n.Logical = pfx("10.0.0.0/24") }), "NAT web: dnat translates to one address, not to 10.0.0.0/24"},
		{rule(func(r *SecurityRule) { r.Ports = []PortRange{{2, 1}}; r.Protocol = "tcp" }), "ports 2-1 are no range"},
		{rule(func(r *SecurityRule) { r.Family = FamilyIPv6; r.RemotePrefix = pfx("10.0.0.0/8") }), "remote prefix 10.0.0.0/8 is not of family ipv6"},
		{&Meter{Name: "m", Rate: 1, Unit: "pps"}, `meter m: unit "pps" is none of ["kbps" "pktps"]`},
	} {
		err := Validate(test.v)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", Name(test.v), err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

// TestValidateIn: what stands beside decides.
func TestValidateIn(t *testing.T) {
	s := snapshotOf(aSwitch(1), aSwitch(2), aPort(1, 1, "10.0.0.1"), aRouter(1), aRouterPort(1, 1, "10.0.0.9/24", "p9"), aRoute(1, 1, 1, "10.0.0.0/8", "10.1.0.1"))
	named := func(p *SwitchPort, name string) *SwitchPort { p.Name = name; return p }
	for _, test := range []struct {
		v     Entity
		owner string
		want  string
	}{
		{aPort(1, 1, "10.0.0.1"), "", ""},
		{aPort(2, 1, "10.0.0.2"), "", ""},
		{aPort(2, 2, "10.0.0.1"), "", ""},
		{aPort(2, 1, "10.0.0.1"), "p1", "port p2: address 10.0.0.1 on switch ls1 is taken by p1: choose another, or delete that first; MAC f2:01:0a:00:00:01 on switch ls1 is taken by p1"},
		{named(aPort(2, 2, "10.0.0.2"), "p1"), "a port of switch ls1", "port p1: the name is taken by a port of switch ls1"},
		{aPort(2, 7, "10.0.0.2"), "", "port p2: there is no switch 03000000-0000-0000-0000-000000000007"},
		{aRoute(2, 1, 1, "10.0.0.0/8", "10.1.0.1"), "r1", "route r2: this very route is taken by r1"},
		{aRoute(2, 1, 1, "10.0.0.0/8", "10.0.0.9"), "", "route r2: next hop 10.0.0.9 is the router's own address"},
		{aRoute(2, 1, 5, "10.0.0.0/8", "10.1.0.1"), "", "route r2: there is no router port"},
	} {
		err := s.ValidateIn(test.v)
		var duplicate *DuplicateError
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", Name(test.v), err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
			t.Errorf("got  %v\nwant %s", err, test.want)
		case test.owner != "" && (!errors.As(err, &duplicate) || duplicate.Owner != test.owner):
			t.Errorf("%v names no owner %s", err, test.owner)
		}
	}
}

func TestMAC(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.1": "f2:01:0a:00:00:01", "255.255.255.255": "f2:01:ff:ff:ff:ff", "fd00::1:2": "f2:06:00:01:00:02",
	} {
		if got := DefaultMAC(netip.MustParseAddr(text)).String(); got != want {
			t.Errorf("default MAC of %s = %s, want %s", text, got, want)
		}
	}
	for _, bad := range []string{"", "02:00:00:00:00", "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:010"} {
		if m, err := ParseMAC(bad); err == nil {
			t.Errorf("%q is %s", bad, m)
		}
	}
	if m, err := ParseMAC("FF:ff:ff:ff:ff:EE"); err != nil || m != OutsideMAC {
		t.Errorf("%v, %v", m, err)
	}
	if rp, sp := LinkNames("R", "S"); rp != "R_to_S" || sp != "S_to_R" {
		t.Error(rp, sp)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("01000000-0000-0000-0000-0000000000ff")
	f.Add("ff:ff:ff:ff:ff:ee")
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := ParseUUID(text); err == nil && u.String() != strings.ToLower(text) {
			t.Errorf("%q became %s", text, u)
		}
		if m, err := ParseMAC(text); err == nil && m.String() != strings.ToLower(text) {
			t.Errorf("%q became %s", text, m)
		}
		_ = ValidateName(text)
	})
}
