package store

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// TestNouns makes a small network with every verb, and reads it back by Run and
// by Load.
func TestNouns(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	f := r.follow(t, r.dial(t))
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web", Subnets: []netip.Prefix{prefix("10.0.0.0/24")}}))
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "db"}))
	must(t, c.AddPort(ctx, "web", guest("vm1", "10.0.0.1", "fd00::1")))
	must(t, c.AddPort(ctx, "web", logical.SwitchPort{Name: "out", Addresses: []netip.Addr{logical.OutsideAddress}, Host: "edge1", Bridge: "br-ext"}))
	must(t, c.AddRouter(ctx, logical.Router{Name: "lr"}))
	must(t, c.AddLink(ctx, Link{Router: "lr", Switch: "web", Networks: []netip.Prefix{prefix("10.0.0.254/24")}}))
	must(t, c.AddRoute(ctx, "lr", "lr_to_web", logical.Route{Name: "default", Prefix: prefix("0.0.0.0/0"), NextHop: addr("10.0.0.1")}))
	must(t, c.SetPort(ctx, "vm1", func(p *logical.SwitchPort) error { p.Addresses = []netip.Addr{addr("10.0.0.7")}; return nil }))
	must(t, c.SetSwitch(ctx, "db", func(s *logical.Switch) error {
		s.DHCP = logical.DHCP{Enabled: true, MTU: 1400, DNS: []netip.Addr{addr("10.0.0.53")}}
		s.DNS = []logical.DNSRecord{{Name: "db.local", Addresses: []netip.Addr{addr("10.0.0.9")}}}
		return nil
	}))
	h, err := c.RegisterHost(ctx, logical.Host{Name: "h1", Addresses: []netip.Addr{addr("192.0.2.1")}}, time.Now())
	must(t, err)
	vm1 := f.until(t, "vm1 and h1", func(u Update) bool { return u.Snapshot.PortByName("vm1") != nil && u.Snapshot.HostByName("h1") != nil }).Snapshot.PortByName("vm1")
	must(t, c.Bind(ctx, "h1", vm1.ID))

	u := f.until(t, "the binding", func(u Update) bool { return u.Snapshot.Bound(vm1.ID) != nil })
	loaded, faults, err := c.Load(ctx)
	must(t, err)
	if len(faults) > 0 {
		t.Error(faults)
	}
	golden.Check(t, "testdata/nouns.txt", describe(u.Snapshot))
	if a, b := describe(u.Snapshot), describe(loaded); a != b {
		t.Errorf("Run has\n%s\nLoad has\n%s", a, b)
	}
	if h.Index != 1 || u.Snapshot.HostOf(vm1).Name != "h1" {
		t.Errorf("host %+v", h)
	}
}

// TestRefusals: each in the words that an operator gets.
func TestRefusals(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "transit"}))
	must(t, c.AddRouter(ctx, logical.Router{Name: "lr"}))
	must(t, c.AddPort(ctx, "web", guest("vm1", "10.0.0.1")))
	must(t, c.AddPort(ctx, "transit", guest("vm9", "10.0.0.1"))) // another switch
	must(t, c.AddLink(ctx, Link{Router: "lr", Switch: "web", Networks: []netip.Prefix{prefix("10.0.0.254/24")}}))
	must(t, c.AddRoute(ctx, "lr", "lr_to_web", logical.Route{Name: "d", Prefix: prefix("0.0.0.0/0"), NextHop: addr("10.0.0.1")}))
	now := time.Now()
	_, err := c.RegisterHost(ctx, logical.Host{Name: "h1", SystemID: "s1", Addresses: []netip.Addr{addr("192.0.2.1")}}, now)
	must(t, err)
	must(t, c.Report(ctx, logical.HostStatus{Host: "h1", LastSeen: now, Generation: 3}))
	other := guest("vm3", "10.0.0.3")
	other.MAC = logical.DefaultMAC(addr("10.0.0.1"))
	_, taken := c.RegisterHost(ctx, logical.Host{Name: "h2", Addresses: []netip.Addr{addr("192.0.2.1")}}, now.Add(Live/2))
	_, late := c.RegisterHost(ctx, logical.Host{Name: "h3", Addresses: []netip.Addr{addr("192.0.2.1")}}, now.Add(2*Live))
	must(t, late)
	var words []string
	for _, err := range []error{
		c.AddSwitch(ctx, logical.Switch{Name: "web"}),
		c.AddSwitch(ctx, logical.Switch{Name: "a b"}),
		c.AddPort(ctx, "web", guest("vm2", "10.0.0.1")),
		c.AddPort(ctx, "web", other),
		c.AddPort(ctx, "db", guest("vm2", "10.0.0.2")),
		c.AddPort(ctx, "transit", guest("vm1", "10.0.0.2")),
		c.AddPort(ctx, "web", guest("vm2", "10.0.0.254")),
		c.SetPort(ctx, "vm1", func(p *logical.SwitchPort) error { p.Addresses = append(p.Addresses, addr("10.0.0.254")); return nil }),
		c.AddLink(ctx, Link{Router: "lr", Switch: "web", Networks: []netip.Prefix{prefix("10.0.1.254/24")}}),
		c.AddRoute(ctx, "lr", "nowhere", logical.Route{Name: "e", Prefix: prefix("10.9.0.0/16"), NextHop: addr("10.0.0.1")}),
		c.AddRoute(ctx, "lr", "lr_to_web", logical.Route{Name: "d", Prefix: prefix("10.9.0.0/16"), NextHop: addr("10.0.0.1")}),
		c.DeleteSwitch(ctx, "web", false),
		c.DeleteRouter(ctx, "lr", false),
		c.DeleteRouterPort(ctx, "lr", "lr_to_web"),
		c.DeletePort(ctx, "transit", "vm1"),
		c.DeleteRoute(ctx, "lr", "e"),
		c.DeleteHost(ctx, "nobody"),
		taken,
	} {
		if err == nil {
			t.Fatalf("after %q nothing was refused", words)
		}
		words = append(words, err.Error())
	}
	golden.Check(t, "testdata/refusals.txt", strings.Join(words, "\n")+"\n")
}

// TestDelete: what is recursive leaves nothing.
func TestDelete(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, c.AddRouter(ctx, logical.Router{Name: "lr"}))
	must(t, c.AddLink(ctx, Link{Router: "lr", Switch: "web", Networks: []netip.Prefix{prefix("10.0.0.254/24")}}))
	must(t, c.AddRoute(ctx, "lr", "lr_to_web", logical.Route{Name: "d", Prefix: prefix("0.0.0.0/0"), NextHop: addr("10.0.0.1")}))
	for i := range 3 {
		must(t, c.AddPort(ctx, "web", guest(fmt.Sprintf("vm%d", i), fmt.Sprintf("10.0.0.%d", i+1))))
	}
	s, _, err := c.Load(ctx)
	must(t, err)
	must(t, c.Bind(ctx, "h1", s.PortByName("vm1").ID))
	must(t, c.DeletePort(ctx, "web", "vm1"))
	must(t, c.AddPort(ctx, "web", guest("vm1", "10.0.0.2"))) // the address is free again
	must(t, c.DeleteRouter(ctx, "lr", true))
	must(t, c.DeleteSwitch(ctx, "web", true))
	s, _, err = c.Load(ctx)
	must(t, err)
	for e := range s.All() {
		t.Errorf("%v %s stayed", e.Ref(), logical.Name(e))
	}
	if out := r.tool(t, "dump", r.DBEndpoint(), "Sluice", "Address") + r.tool(t, "dump", r.DBEndpoint(), "Sluice", "Binding"); strings.Contains(out, "10.0.0") || strings.Contains(out, "h1") {
		t.Errorf("left over:\n%s", out)
	}
}

// TestKeysRest: a key that was given back rests until every host has a generation
// without it, though the row of keys begins again.
func TestKeysRest(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	now := time.Now()
	_, err := c.RegisterHost(ctx, logical.Host{Name: "h1", Addresses: []netip.Addr{addr("192.0.2.1")}}, now)
	must(t, err)
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, c.AddPort(ctx, "web", guest("a", "10.0.0.1")))
	must(t, c.AddPort(ctx, "web", guest("b", "10.0.0.2")))
	must(t, c.DeletePort(ctx, "web", "b"))
	r.transact(t, `{"op":"update","table":"Datapath","where":[],"row":{"next_port":32767}}`)
	key := func(name, address string) logical.PortKey {
		t.Helper()
		must(t, c.AddPort(ctx, "web", guest(name, address)))
		s, _, err := c.Load(ctx)
		must(t, err)
		return s.PortByName(name).Key
	}
	if k := key("last", "10.0.0.3"); k != logical.MaxPortKey {
		t.Errorf("the last key is %d", k)
	}
	if k := key("again", "10.0.0.4"); k != 3 {
		t.Errorf("begun again with key %d: a has 1, 2 rests", k)
	}
	s, _, err := c.Load(ctx)
	must(t, err)
	must(t, c.Report(ctx, logical.HostStatus{Host: "h1", LastSeen: now, Generation: s.Generation()}))
	must(t, c.DeletePort(ctx, "web", "last")) // forgets what no host has any more
	r.transact(t, `{"op":"update","table":"Datapath","where":[],"row":{"next_port":1}}`)
	if k := key("b", "10.0.0.2"); k != 2 {
		t.Errorf("key 2 rested enough, and b got %d", k)
	}
}

// TestManyWriters: nobody gets the other's key, no write is lost.
func TestManyWriters(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	const writers, each = 4, 8
	var wg sync.WaitGroup
	refused := make([]int, writers)
	for w := range writers {
		c := r.dial(t)
		wg.Go(func() {
			for i := range each {
				if err := c.AddPort(ctx, "web", guest(fmt.Sprintf("p%d-%d", w, i), fmt.Sprintf("10.0.%d.%d", w, i+1))); err != nil {
					t.Error(err)
				}
			}
			var duplicate *logical.DuplicateError
			if err := c.AddPort(ctx, "web", guest(fmt.Sprintf("rival%d", w), "10.1.0.1")); errors.As(err, &duplicate) {
				refused[w] = 1
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, _, err := r.client.Load(ctx)
	must(t, err)
	keys := map[logical.PortKey]string{}
	for p := range s.Ports() {
		if other := keys[p.Key]; other != "" {
			t.Errorf("%s and %s have key %d", p.Name, other, p.Key)
		}
		keys[p.Key] = p.Name
	}
	sum := 0
	for _, n := range refused {
		sum += n
	}
	if len(keys) != writers*each+1 || sum != writers-1 {
		t.Errorf("%d ports, %d of %d rivals refused", len(keys), sum, writers)
	}
}

// TestBinding: the last to bind has the port.
func TestBinding(t *testing.T) {
	r := newRig(t)
	ctx, c := limit(t), r.client
	must(t, c.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, c.AddPort(ctx, "web", guest("vm", "10.0.0.1")))
	s, _, err := c.Load(ctx)
	must(t, err)
	vm := s.PortByName("vm").ID
	bound := func() string {
		t.Helper()
		s, _, err := c.Load(ctx)
		must(t, err)
		if b := s.Bound(vm); b != nil {
			return fmt.Sprintf("%s %d", b.Host, b.Seq)
		}
		return "nowhere"
	}
	must(t, c.Bind(ctx, "h1", vm, logical.ID[logical.SwitchPort]{9}))
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return c.Bind(ctx, "h1", vm) }, "h1 1"},
		{func() error { return c.Bind(ctx, "h2", vm) }, "h2 2"},
		{func() error { return c.Bind(ctx, "h1", vm) }, "h1 3"},
		{func() error { return c.Unbind(ctx, "h1", vm) }, "h2 2"},
		{func() error { return c.Unbind(ctx, "h2", vm) }, "nowhere"},
	} {
		must(t, step.do())
		if got := bound(); got != step.want {
			t.Errorf("bound %s, want %s", got, step.want)
		}
	}
}
