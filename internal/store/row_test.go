package store

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-nfv/sluice/flows/logical"
)

var plain = cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.EquateEmpty()}

// full has each kind of entity with everything set. The ids are those that the
// rows get in the order of tables.
func full(id func(logical.Kind) logical.UUID) []logical.Entity {
	sw, port := logical.ID[logical.Switch](id(logical.KindSwitch)), logical.ID[logical.SwitchPort](id(logical.KindSwitchPort))
	router, rport := logical.ID[logical.Router](id(logical.KindRouter)), logical.ID[logical.RouterPort](id(logical.KindRouterPort))
	group, addresses := logical.ID[logical.SecurityGroup](id(logical.KindSecurityGroup)), logical.ID[logical.AddressSet](id(logical.KindAddressSet))
	path := logical.ID[logical.Datapath](id(logical.KindDatapath))
	a, b := addr("10.0.0.1"), addr("10.0.0.2")
	return []logical.Entity{
		&logical.Host{
			ID: logical.ID[logical.Host](id(logical.KindHost)), Name: "h1", SystemID: "s1", Index: 7, Addresses: []netip.Addr{addr("192.0.2.1"), addr("2001:db8::1")},
			Role: logical.RoleEdge, Mode: logical.ModeOnDemand, Provider: []string{"ext", "phys"}, Drained: true,
		},
		&logical.Datapath{ID: path, Key: 1<<24 - 1, Kind: logical.DatapathSwitch, Zone: 65535},
		&logical.Switch{
			ID: sw, Name: "wéb:1", Datapath: path, Kind: logical.SwitchVLAN, Network: "phys", VLAN: 4094,
			Subnets: []netip.Prefix{prefix("10.0.0.0/24"), prefix("fd00::/64")}, Flood: logical.FloodAll,
			DHCP: logical.DHCP{
				Enabled: true, Router: b, DNS: []netip.Addr{b, a}, Domain: `a "b"`, MTU: 1400, Lease: 1 << 31,
				Other: []logical.DHCPOption{{Code: 42, Value: "0a000001"}, {Code: 121, Value: "ff"}},
			},
			DNS: []logical.DNSRecord{{Name: "a.b", Addresses: []netip.Addr{a, addr("fd00::1")}}, {Name: "c", Addresses: []netip.Addr{b}}},
		},
		&logical.SwitchPort{
			ID: port, Switch: sw, Name: "vm1", Key: 32767, Kind: logical.PortGuest, MAC: logical.MAC{2, 0, 0, 0, 0, 1},
			MoreMACs: []logical.MAC{{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 0, 3}}, Addresses: []netip.Addr{a, addr("fd00::1")}, Host: "h1", Bridge: "br-ext", Network: "phys",
			Security: true, Groups: []logical.ID[logical.SecurityGroup]{group}, Rate: logical.Rate{FromPort: 1, ToPort: 2, Burst: 3}, Sampling: 64, Seq: 99,
		},
		&logical.Binding{ID: logical.ID[logical.Binding](id(logical.KindBinding)), Port: port, Host: "h1", Seq: 5},
		&logical.Router{ID: router, Name: "lr", Datapath: path, Hosts: []string{"h2", "h1"}, TTL: logical.TTLOnce, ECMP: logical.ECMPFlow, Egress: logical.EgressLocalOrEdge},
		&logical.RouterPort{ID: rport, Router: router, Name: "rp", Key: 3, Peer: "vm1", MAC: logical.MAC{2, 0, 0, 0, 0, 9}, Networks: []netip.Prefix{prefix("10.0.0.9/24"), prefix("fd00::9/64")}, MTU: 9000},
		&logical.Route{ID: logical.ID[logical.Route](id(logical.KindRoute)), Router: router, Name: "d", Prefix: prefix("0.0.0.0/0"), NextHop: b, OutPort: rport, ECMP: logical.ECMPFlow},
		&logical.NAT{
			ID: logical.ID[logical.NAT](id(logical.KindNAT)), Router: router, Name: "web", Kind: logical.NATDestination, External: addr("203.0.113.1"),
			ExternalPort: logical.PortRange{First: 80, Last: 89}, Logical: prefix("10.0.0.1/32"), LogicalPort: 8080, Protocol: "tcp", Port: rport,
		},
		&logical.SecurityGroup{ID: group, Name: "web"},
		&logical.SecurityRule{
			ID: logical.ID[logical.SecurityRule](id(logical.KindSecurityRule)), Group: group, Direction: logical.FromPort, Priority: 100, Family: logical.FamilyIPv4,
			Protocol: "tcp", Ports: []logical.PortRange{{First: 22, Last: 22}, {First: 80, Last: 90}}, RemoteSet: addresses, Action: logical.ActionReject, Log: true,
		},
		&logical.AddressSet{ID: addresses, Name: "office", Prefixes: []netip.Prefix{prefix("192.0.2.0/24")}},
		&logical.LoadBalancer{
			ID: logical.ID[logical.LoadBalancer](id(logical.KindLoadBalancer)), Name: "lb", Router: router, Address: addr("203.0.113.9"), Port: 443, Protocol: "tcp",
			Backends: []logical.Backend{{Address: a, Port: 8443, Weight: 1}, {Address: b, Port: 8443}}, Hash: logical.ECMPSource,
			Health: logical.HealthCheck{Kind: "http", Path: "/ok", Interval: 5 * time.Second, Failures: 3},
		},
		&logical.Pool{ID: logical.ID[logical.Pool](id(logical.KindPool)), Switch: sw, Name: "p", Prefix: prefix("10.0.0.0/24"), Gateway: b, Exclude: []logical.AddressRange{{First: a, Last: b}}},
		&logical.Mirror{ID: logical.ID[logical.Mirror](id(logical.KindMirror)), Name: "m", Port: port, Target: "vm1"},
		&logical.Meter{ID: logical.ID[logical.Meter](id(logical.KindMeter)), Name: "m", Rate: 1000, Burst: 10, Unit: "pktps"},
		&logical.Trace{ID: logical.ID[logical.Trace](id(logical.KindTrace)), TraceID: 1, Port: port, Packet: make([]byte, 60), Until: time.UnixMilli(1e12).UTC()},
	}
}

// TestEveryKind writes an entity of each kind, everything set, into a real server
// and reads it back.
func TestEveryKind(t *testing.T) {
	r := newRig(t)
	id := func(k logical.Kind) logical.UUID { return logical.UUID{byte(k), 1} }
	all := full(id)
	var ops []op
	for _, e := range all {
		if err := logical.Validate(e); err != nil {
			t.Fatal(err)
		}
		o := insertOp(tableOf(e.Ref().Kind).name, "", encode(e))
		o["uuid"] = e.Ref().UUID.String() // since OVS 2.13
		ops = append(ops, o)
	}
	_, err := r.client.transact(limit(t), ops...)
	must(t, err)
	s, faults, err := r.client.Load(limit(t))
	must(t, err)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, e := range all {
		if diff := cmp.Diff(e, s.Entity(e.Ref()), plain); diff != "" {
			t.Errorf("%v: written(-) read(+)\n%s", e.Ref().Kind, diff)
		}
	}
	if len(all) != len(tables)-1 {
		t.Errorf("%d kinds of %d tables without Global", len(all), len(tables))
	}
}
