package agent

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/respond"
	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

const dummyOverlay = `
apiVersion: sluice/v1
kind: HostProfile
name: h1
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk: {init: "false"}
bridges:
  - {name: br-phy}
overlay: {bridge: "", address: 172.16.0.1}
`

// hexed is bytes of text, with spaces and colons for the reader.
func hexed(text string) []byte {
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(text))
	if err != nil {
		panic(err)
	}
	return b
}

// asks is a UDP packet of vm1's.
func asks(dst logical.MAC, from, to string, ttl byte, sport, dport uint16, data []byte) []byte {
	ethertype, b := datagram(netip.MustParseAddr(from), netip.MustParseAddr(to), ttl, sport, dport, data)
	return ethernet(dst, logical.MAC(macOf(1)), ethertype, b)
}

// sent are the frames that a guest's device sent.
func (r *rig) sent(guest string) [][]byte {
	all, err := lab.ReadPCAP(r.host.Path(guest + ".pcap"))
	if err != nil {
		return nil // none yet
	}
	return all
}

// answeringRig is a host with two guests that may ask for everything.
func answeringRig(t *testing.T, clock Clock) *rig {
	t.Helper()
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Clock = clock
	r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl|dpif_netdev)\|`))
	r.opt.Network = &overlay.Options{Local: overlay.LocalStore{
		RunDir: r.host.RunDir(), File: r.host.Path("sluice.db"), Like: r.host.Path("conf.db"),
		Server: &unixctl.Client{Program: "ovsdb-server", Socket: r.host.DBCtl()},
	}}
	r.write(dummyOverlay)
	r.start()
	r.await(monitor.ResultConverged)
	for _, name := range []string{"vm1", "vm2"} {
		if _, err := r.host.VSCtl(r.limit(), "add-port", "br-int", name, "--", "set", "Interface", name, "type=dummy",
			"options:tx_pcap="+r.host.Path(name+".pcap"), "external_ids:iface-id="+name); err != nil {
			t.Fatal(err)
		}
	}
	r.laid(1)
	twoNetworks(t, r)
	r.until("both guests are in", func() error {
		s := r.agent.network.Snapshot()
		if laid := r.agent.network.Status().Laid; s.PortByName("vm3") == nil || laid < s.Generation() {
			return fmt.Errorf("laid is %d of %d", laid, s.Generation())
		}
		for _, name := range []string{"vm1", "vm2"} {
			if s.Bound(s.PortByName(name).ID) == nil { // a port is bound when its flows are in
				return fmt.Errorf("%s is not bound", name)
			}
		}
		return nil
	})
	return r
}

// guestSends lets a guest's frame in.
func (r *rig) guestSends(port string, frame []byte) {
	r.t.Helper()
	if _, err := r.host.AppCtl(r.limit(), "netdev-dummy/receive", port, hex.EncodeToString(frame)); err != nil {
		r.t.Fatal(err)
	}
}

// asked is how many questions of a kind came to a result.
func (r *rig) asked(kind, result string) string {
	r.t.Helper()
	return r.metric(`sluice_network_questions_total{kind="` + kind + `",result="` + result + `"}`)
}

// discover is a DHCPDISCOVER for a MAC, sent by vm1.
func discover(mac string) []byte {
	m := slices.Concat(hexed("01010600 cafebabe 0000 0000"), make([]byte, 16), hexed(mac), make([]byte, 202), hexed("63825363 350101 ff"))
	return asks(broadcast, "0.0.0.0", "255.255.255.255", 64, 68, 67, m)
}

// What a guest asks its network, on a real switch: an address, a router, a name, whether
// it may have an address, and why a packet does not arrive.
func TestAnswers(t *testing.T) {
	r := answeringRig(t, wallClock{})
	gateway := logical.DefaultMAC(netip.MustParseAddr("10.0.1.1"))
	query := hexed("1267 0100 0001 0000 0000 0000 02646203776562 00 0001 0001")
	solicit := hexed("333300000002 020000000001 86dd 6000000000083aff fe80000000000000000000fffe000001 ff020000000000000000000000000002 8500 7b36 00000000")
	probe := hexed("3333ff000012 020000000001 86dd 6000000000183aff 00000000000000000000000000000000 ff0200000000000000000001ff000012 8700 0000 00000000 fd000001000000000000000000000012")
	for _, c := range []struct {
		name  string
		frame []byte
		kind  string         // as the metric calls it
		want  *regexp.Regexp // of the answer's hexadecimal digits
	}{
		{"DHCP", discover("020000000001"), "dhcpv4", regexp.MustCompile(`^020000000001f2010a0001010800.*00430044.*02010600cafebabe.*0a00010b.*63825363350102`)},
		{"RA", solicit, "ra", regexp.MustCompile(`^020000000001f2010a00010186dd.{8}....3aff.{64}8600.*fd000001000000000000000000000000`)},
		{"DNS", asks(gateway, "10.0.1.11", "10.0.1.1", 64, 4000, 53, query), "dns", regexp.MustCompile(`^020000000001f2010a0001010800.*00350fa0.*12678500.*00040a000107`)},
		{"duplicate", probe, "nd", regexp.MustCompile(`^33330000000102000000000386dd.*8800....20000000fd000001000000000000000000000012`)},
		{"TTL", asks(gateway, "10.0.1.11", "10.0.2.22", 1, 4000, 5000, nil), "ttl", regexp.MustCompile(`^020000000001f2010a0001010800.*0a0001010a00010b0b00....00000000450000`)},
		{"MTU", asks(gateway, "10.0.1.11", "10.0.2.22", 64, 4000, 5000, make([]byte, 1400)), "too-big", regexp.MustCompile(`^020000000001f2010a0001010800.*0a0001010a00010b0304....0000057845000594`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(r.sent("vm1"))
			r.guestSends("vm1", c.frame)
			r.until("the answer comes", func() error {
				got := r.sent("vm1")
				for _, f := range got[min(before, len(got)):] {
					if c.want.MatchString(hex.EncodeToString(f)) {
						return nil
					}
				}
				return fmt.Errorf("there came %x", got[min(before, len(got)):])
			})
			r.until("it is counted", func() error {
				if n := r.asked(c.kind, "answered"); n != "1" {
					return fmt.Errorf("%q questions of %s were answered", n, c.kind)
				}
				return nil
			})
		})
	}
	if got := r.sent("vm2"); len(got) > 0 {
		t.Errorf("the other guest got %x", got)
	}
}

// advertisingClock makes the time between two advertisements short.
type advertisingClock struct{ wallClock }

func (c advertisingClock) After(d time.Duration) <-chan time.Time {
	if d == respond.Interval*time.Second {
		d = 50 * time.Millisecond
	}
	return c.wallClock.After(d)
}

// Guests that do not ask are told of their router all the same, again and again.
func TestAdvertises(t *testing.T) {
	r := answeringRig(t, advertisingClock{})
	want := regexp.MustCompile(`^333300000001f2010a00010186dd.*8600.*fd000001000000000000000000000000`)
	r.until("three advertisements come", func() error {
		n := 0
		for _, f := range r.sent("vm1") {
			if want.MatchString(hex.EncodeToString(f)) {
				n++
			}
		}
		if n < 3 {
			return fmt.Errorf("%d came", n)
		}
		return nil
	})
	if got := r.sent("vm2"); len(got) > 0 {
		t.Errorf("a guest whose router has no IPv6 got %x", got)
	}
}

// What has no answer is told of once, and a switch that starts anew is listened to.
func TestAnswersGoOn(t *testing.T) {
	r := answeringRig(t, wallClock{})
	for range 3 {
		r.guestSends("vm1", discover("020000000009"))
	}
	r.until("they are counted", func() error {
		if n := r.asked("dhcpv4", "refused"); n != "3" {
			return fmt.Errorf("%q are", n)
		}
		return nil
	})
	if n := strings.Count(r.log.String(), "02:00:00:00:00:09 behind port vm1 asks for an address"); n != 1 {
		t.Errorf("the log tells %d times of a guest with another MAC", n)
	}
	if err := r.host.KillVswitchd(); err != nil {
		t.Fatal(err)
	}
	r.step(r.host.StartVswitchd)
	r.until("the switch is laid again", func() error {
		r.guestSends("vm1", discover("020000000001"))
		if r.asked("dhcpv4", "answered") == "" {
			return errors.New("no question is answered")
		}
		return nil
	})
}

// twoNetworks is a guest on each of two switches, the second with an MTU, and a third
// that is nowhere.
func twoNetworks(t *testing.T, r *rig) {
	t.Helper()
	client, err := store.New(store.Options{Endpoints: []string{"unix:" + r.host.DBSocket()}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	addrs := func(all ...string) (out []netip.Addr) {
		for _, a := range all {
			out = append(out, netip.MustParseAddr(a))
		}
		return out
	}
	guest := func(name string, n byte, addresses ...string) logical.SwitchPort {
		return logical.SwitchPort{Name: name, MAC: logical.MAC{2, 0, 0, 0, 0, n}, Addresses: addrs(addresses...), Security: true}
	}
	red := netip.MustParsePrefix("10.0.2.1/24")
	ctx := r.limit()
	for _, err := range []error{
		client.AddSwitch(ctx, logical.Switch{Name: "blue", DHCP: logical.DHCP{Enabled: true}, DNS: []logical.DNSRecord{{Name: "db.web", Addresses: addrs("10.0.1.7")}}}),
		client.AddSwitch(ctx, logical.Switch{Name: "red"}),
		client.AddRouter(ctx, logical.Router{Name: "r1"}),
		client.AddLink(ctx, store.Link{Router: "r1", Switch: "blue", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.1.1/24"), netip.MustParsePrefix("fd00:1::1/64")}}),
		client.AddRouterPort(ctx, "r1", logical.RouterPort{Name: "r1_red", Peer: "red_r1", MAC: logical.DefaultMAC(red.Addr()), Networks: []netip.Prefix{red}, MTU: 1400}),
		client.AddPort(ctx, "red", logical.SwitchPort{Name: "red_r1", Kind: logical.PortRouter, Peer: "r1_red", MAC: logical.DefaultMAC(red.Addr()), Addresses: []netip.Addr{red.Addr()}}),
		client.AddPort(ctx, "blue", guest("vm1", 1, "10.0.1.11", "fd00:1::11")),
		client.AddPort(ctx, "red", guest("vm2", 2, "10.0.2.22")),
		client.AddPort(ctx, "blue", guest("vm3", 3, "10.0.1.12", "fd00:1::12")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}
