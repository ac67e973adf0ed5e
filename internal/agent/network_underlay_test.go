package agent

import (
	"errors"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/store"
)

// The bridge of the tunnels gets its flows beside the one that makes it a switch, packets
// cross by them, also where the underlay is IPv6, and what others do to them is undone.
func TestUnderlayBridge(t *testing.T) {
	for name, addresses := range map[string][2]string{"ipv4": {"172.16.0.1/24", "172.16.0.2/24"}, "ipv6": {"fd00:16::1/64", "fd00:16::2/64"}} {
		t.Run(name, func(t *testing.T) {
			var hosts []*rig
			for i, cidr := range addresses {
				address := netip.MustParsePrefix(cidr).Addr().String()
				r := plainRig(t, []string{"h1", "h2"}[i], address)
				r.write(strings.Replace(plainOverlay([]string{"h1", "h2"}[i], address, ""), `bridge: ""`, "bridge: br-phy", 1) + "bridges: [{name: br-phy, addresses: [\"" + cidr + "\"]}]\n")
				r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\||(receiving|network device) .*wire.*: (Network is down|No such device)`))
				hosts = append(hosts, r)
			}
			a, b := hosts[0], hosts[1]
			if _, _, err := lab.Link(a.host, "wire", b.host, "wire"); err != nil {
				t.Fatal(err)
			}
			b.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + a.host.DBSocket()}}
			for i, r := range hosts {
				r.start()
				r.laid(1)
				r.vsctl("add-port", "br-phy", "wire")
				r.address("br-phy", addresses[i])
			}
			c := storeOf(a)
			tenants(a, c)
			one, two := a.plug(1), b.plug(2)
			one.reaches(two, "there")
			two.reaches(one, "and back")
			used := regexp.MustCompile(`cookie=0xf000000000000001, .*n_packets=[1-9]`)
			flowsOf := func() string {
				out, err := a.host.Command(a.limit(), "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", a.host.Path("br-phy.mgmt")).CombinedOutput()
				a.must(err)
				return string(out)
			}
			carried := func(what string) {
				t.Helper()
				a.until(what, func() error {
					one.send(one.frame(2, "<more>"))
					two.send(two.frame(1, "<more>"))
					if text := flowsOf(); len(used.FindAllString(text, -1)) != 2 || !strings.Contains(text, "actions=NORMAL") {
						return errors.New(text)
					}
					return nil
				})
			}
			ofctl := func(args ...string) {
				t.Helper()
				out, err := a.host.Command(a.limit(), "ovs-ofctl", append([]string{"-O", "OpenFlow15", args[0], a.host.Path("br-phy.mgmt")}, args[1:]...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("%v %s", err, out)
				}
			}
			left := func() string { return a.agent.network.Status().Left }
			carried("packets go by both flows")
			if said := left(); said != "" {
				t.Error(said)
			}
			ofctl("add-flow", "priority=7,tcp,actions=drop")
			a.until("beside somebody else's flow there are none", func() error {
				text := flowsOf()
				if strings.Contains(text, "cookie=0xf000000000000001") || !strings.Contains(text, "priority=7,tcp actions=drop") || !strings.Contains(text, "actions=NORMAL") {
					return errors.New(text)
				}
				if said := left(); said != "bridge br-phy: tunnelled packets go by its own flows: somebody else's flows are there" {
					return errors.New(said)
				}
				return nil
			})
			two.reaches(one, "by NORMAL")
			ofctl("del-flows", "tcp")
			carried("it went, and they are there again")
			ofctl("del-flows", "udp")
			carried("they were taken away, and are there again")
		})
	}
}

// The flows of the bridge of the tunnels go when it carries them no more, whoever
// laid them, and no others.
func TestUnderlayIsCleared(t *testing.T) {
	const ours, theirs = "cookie=0xf000000000000001", "cookie=0x7"
	const bridges = "bridges: [{name: br-phy, addresses: [\"172.16.0.1/24\"]}, {name: br-old}]\n"
	with := strings.Replace(plainOverlay("h1", "172.16.0.1", ""), `bridge: ""`, "bridge: br-phy", 1) + bridges
	without := "apiVersion: sluice/v1\nkind: HostProfile\nname: h1\n" + bridges
	r := plainRig(t, "h1", "172.16.0.1")
	r.write(with)
	r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\|`))
	if _, _, err := lab.Link(r.host, "wire", r.host, "far"); err != nil {
		t.Fatal(err)
	}
	ofctl := func(what, bridge string, args ...string) string {
		out, err := r.host.Command(r.limit(), "ovs-ofctl", append([]string{"-O", "OpenFlow15", what, r.host.Path(bridge + ".mgmt")}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v %s", err, out)
		}
		return string(out)
	}
	holds := func(bridge string, want int) {
		t.Helper()
		r.until(bridge, func() error {
			if text := ofctl("dump-flows", bridge); strings.Count(text, ours) != want {
				return errors.New(text)
			}
			return nil
		})
	}
	r.start()
	r.laid(1)
	r.vsctl("add-port", "br-phy", "wire")
	holds("br-phy", 2)
	r.write(without)
	holds("br-phy", 0)
	r.write(with)
	holds("br-phy", 2)
	r.stop()
	ofctl("add-flow", "br-old", ours+",priority=9,udp,actions=drop")
	ofctl("add-flow", "br-old", theirs+",priority=8,udp,actions=drop")
	r.start()
	holds("br-old", 0)
	holds("br-phy", 2)
	if text := ofctl("dump-flows", "br-old"); !strings.Contains(text, theirs) {
		t.Error(text)
	}
	if _, err := r.api.Release(r.limit(), api.ReleaseRequest{}); err != nil {
		t.Fatal(err)
	}
	if text := ofctl("dump-flows", "br-phy"); strings.Contains(text, ours) {
		t.Error(text)
	}
}
