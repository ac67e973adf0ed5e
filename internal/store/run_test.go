package store

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// wander does one random change; refusals are part of it.
func wander(t *testing.T, r *rig, rnd *rand.Rand) {
	t.Helper()
	ctx, c := limit(t), r.client
	sw := fmt.Sprintf("sw%d", rnd.IntN(3))
	port := fmt.Sprintf("p%d", rnd.IntN(6))
	router := fmt.Sprintf("lr%d", rnd.IntN(2))
	a := fmt.Sprintf("10.0.0.%d", 1+rnd.IntN(9))
	switch rnd.IntN(10) {
	case 0:
		_ = c.AddSwitch(ctx, logical.Switch{Name: sw})
	case 1, 2:
		_ = c.AddPort(ctx, sw, guest(port, a))
	case 3:
		_ = c.SetPort(ctx, port, func(p *logical.SwitchPort) error {
			p.Addresses = append(p.Addresses[:len(p.Addresses):len(p.Addresses)], addr(a), addr("fd00::"+a[7:]))
			p.MoreMACs = []logical.MAC{{2, 0, 0, 0, 0, byte(rnd.IntN(200))}}
			return nil
		})
	case 4:
		_ = c.SetSwitch(ctx, sw, func(s *logical.Switch) error {
			s.DHCP.MTU = uint16(1000 + rnd.IntN(3))
			s.DHCP.Domain = []string{"", "a b", `q"uote\`}[rnd.IntN(3)]
			s.DNS = []logical.DNSRecord{{Name: fmt.Sprintf("n%d", rnd.IntN(3)), Addresses: []netip.Addr{addr(a)}}}
			return nil
		})
	case 5:
		_ = c.AddRouter(ctx, logical.Router{Name: router, Hosts: []string{"e1", "e2"}[:rnd.IntN(3)]})
	case 6:
		_ = c.AddLink(ctx, Link{Router: router, Switch: sw, Networks: []netip.Prefix{prefix(a + "/24")}})
	case 7:
		_ = c.DeletePort(ctx, sw, port)
	case 8:
		_ = c.DeleteSwitch(ctx, sw, rnd.IntN(2) == 0)
	case 9:
		_ = c.DeleteRouter(ctx, router, rnd.IntN(2) == 0)
	}
}

// TestRunIsLoad does random changes; what Run makes of the differences equals
// what Load reads whole, after each.
func TestRunIsLoad(t *testing.T) {
	r := newRig(t)
	f := r.follow(t, r.dial(t))
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 120 {
		wander(t, r, rnd)
		loaded, _, err := r.client.Load(limit(t))
		must(t, err)
		if f.last.Snapshot == nil || f.last.Snapshot.Generation() != loaded.Generation() {
			f.until(t, "the generation", func(u Update) bool { return u.Snapshot.Generation() == loaded.Generation() })
		}
		if diff := cmp.Diff(describe(loaded), describe(f.last.Snapshot)); diff != "" {
			t.Fatalf("Load(-) Run(+)\n%s", diff)
		}
	}
	if f.last.Snapshot.Generation() < 20 {
		t.Errorf("only %d changes went through", f.last.Snapshot.Generation())
	}
}

// TestRestart: a server that ends is told of; the snapshot goes on holding, and
// when the server is back just what differs comes.
func TestRestart(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddPort(ctx, "web", guest("stays", "10.0.0.1")))
	must(t, r.client.AddPort(ctx, "web", guest("goes", "10.0.0.2")))
	f := r.follow(t, r.dial(t))
	before := f.until(t, "the first load", func(u Update) bool { return u.Reloaded }).Snapshot
	must(t, r.StopDB(ctx))
	f.until(t, "the loss", func(u Update) bool { return u.Snapshot == nil })
	// Changed while we cannot see it: the server serves another socket first.
	must(t, r.StartDB(ctx))
	r.addDB(t)
	must(t, r.client.DeletePort(ctx, "web", "goes"))
	must(t, r.client.AddPort(ctx, "web", guest("comes", "10.0.0.3")))
	var named []string
	after := f.until(t, "what changed", func(u Update) bool {
		if u.Snapshot == nil {
			return false
		}
		for _, ref := range u.Delta {
			if ref.Kind == logical.KindSwitchPort || ref.Kind == logical.KindSwitch {
				e := u.Snapshot.Entity(ref)
				if e == nil {
					e = before.Entity(ref)
				}
				named = append(named, logical.Name(e))
			}
		}
		return u.Snapshot.PortByName("comes") != nil
	}).Snapshot
	for _, name := range named {
		if name == "stays" || name == "web" {
			t.Errorf("%s is in the delta, and did not change", name)
		}
	}
	if after.PortByName("goes") != nil || after.PortByName("stays") != before.PortByName("stays") {
		t.Error("goes is there, or stays was made anew")
	}
}

// TestNarrow: what a host does not reach does not come, until it is reached.
func TestNarrow(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	for _, sw := range []string{"near", "far"} {
		must(t, r.client.AddSwitch(ctx, logical.Switch{Name: sw}))
		must(t, r.client.AddPort(ctx, sw, guest("vm-"+sw, "10.0.0.1")))
	}
	s, _, err := r.client.Load(ctx)
	must(t, err)
	c := r.dial(t)
	c.Narrow(&Reach{Switches: []logical.ID[logical.Switch]{s.SwitchByName("near").ID}})
	f := r.follow(t, c)
	first := f.until(t, "the first load", func(u Update) bool { return u.Reloaded }).Snapshot
	if first.PortByName("vm-near") == nil || first.PortByName("vm-far") != nil || first.SwitchByName("far") == nil {
		t.Errorf("narrowed to near, there are %s", describe(first))
	}
	far := s.PortByName("vm-far")
	must(t, r.client.AddPort(ctx, "far", logical.SwitchPort{Name: "child", Addresses: []netip.Addr{addr("10.0.0.2")}, Trunk: far.ID, Tag: 7}))
	must(t, r.client.AddPort(ctx, "far", logical.SwitchPort{Name: "lost", Addresses: []netip.Addr{addr("10.0.0.3")}}))
	must(t, r.client.AddPort(ctx, "far", logical.SwitchPort{Name: "any", Kind: logical.PortUnknown}))
	has := func(want ...string) func(Update) bool {
		return func(u Update) bool {
			var names []string
			for p := range u.Snapshot.Ports() {
				names = append(names, p.Name)
			}
			slices.Sort(names)
			return slices.Equal(names, want)
		}
	}
	c.Narrow(&Reach{})
	f.until(t, "what is no guest's", has("any"))
	c.Narrow(&Reach{Ports: []string{"vm-far"}})
	f.until(t, "a port by its name", has("any", "vm-far"))
	c.Narrow(&Reach{Ports: []string{"vm-far"}, Parents: []logical.ID[logical.SwitchPort]{far.ID}})
	f.until(t, "what it carries", has("any", "child", "vm-far"))
	c.Narrow(nil)
	f.until(t, "all ports, again", has("any", "child", "lost", "vm-far", "vm-near"))
	for _, name := range []string{"child", "lost", "any"} {
		must(t, r.client.DeletePort(ctx, "far", name))
	}
	f.until(t, "all ports", func(u Update) bool { return u.Snapshot.Len(logical.KindSwitchPort) == 2 })
	c.Narrow(&Reach{})
	f.until(t, "none", func(u Update) bool { return u.Snapshot.Len(logical.KindSwitchPort) == 0 })
}

// TestGarbage: rows that are nonsense are told and left out, and come back when
// they are put right.
func TestGarbage(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddPort(ctx, "web", guest("good", "10.0.0.1")))
	must(t, r.client.AddPort(ctx, "web", guest("bad", "10.0.0.2")))
	f := r.follow(t, r.dial(t))
	f.until(t, "the first load", func(u Update) bool { return u.Reloaded })
	r.transact(t, `{"op":"update","table":"Switch_Port","where":[["name","==","bad"]],"row":{"addresses":["set",["10.0.0.2","not an address"]]}}`)
	u := f.until(t, "the fault", func(u Update) bool { return len(u.Faults) > 0 })
	if u.Snapshot.PortByName("bad") != nil || u.Snapshot.PortByName("good") == nil || u.Unusable != 1 {
		t.Errorf("bad is there, or good is not, or %d rows are unusable", u.Unusable)
	}
	if text := u.Faults[0].Error(); !strings.Contains(text, "of table Switch_Port is left out: column addresses:") {
		t.Error(text)
	}
	r.transact(t, `{"op":"mutate","table":"Switch_Port","where":[["name","==","bad"]],"mutations":[["addresses","delete","not an address"]]}`)
	u = f.until(t, "bad put right", func(u Update) bool { return u.Snapshot.PortByName("bad") != nil })
	if got := fmt.Sprint(u.Snapshot.PortByName("bad").Addresses); got != "[10.0.0.2]" || u.Unusable != 0 {
		t.Errorf("addresses %s, %d unusable", got, u.Unusable)
	}
	// What is formally right and means nothing is left out too.
	r.transact(t, `{"op":"insert","table":"Router","row":{"name":"a/b","ttl":"full","ecmp":"source","egress":"edge","datapath":["named-uuid","d"]}},
		{"op":"insert","table":"Datapath","uuid-name":"d","row":{"key":77,"kind":"router","next_port":1}}`)
	u = f.until(t, "the router", func(u Update) bool { return len(u.Faults) > 0 })
	if !strings.Contains(u.Faults[0].Error(), `name "a/b": '/' may not be in a name`) {
		t.Error(u.Faults[0])
	}
}

// TestNarrowBetween narrows after the server was told what is to be watched and before
// it answered, and when it was not told yet: neither is lost.
func TestNarrowBetween(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddPort(ctx, "web", guest("vm1", "10.0.0.1")))
	for _, method := range []string{"get_schema", "monitor_cond", "monitor_cond_since", "monitor_cond_change"} {
		t.Run(method, func(t *testing.T) {
			var c *Client
			var once sync.Once
			c = r.at(t, r.between(t, r.DBEndpoint(), func(message string) (end bool) {
				if strings.Contains(message, `"method":"`+method+`"`) {
					once.Do(func() { c.Narrow(&Reach{Ports: []string{"vm9"}}) })
				}
				return false
			}))
			f := r.follow(t, c)
			f.until(t, "no port", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.Len(logical.KindSwitchPort) == 0 })
			c.Narrow(nil)
			f.until(t, "the port", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.PortByName("vm1") != nil })
		})
	}
}

// TestNarrowBusy: a server that takes nothing holds up nobody who narrows.
func TestNarrowBusy(t *testing.T) {
	r := newRig(t)
	taken, held := make(chan struct{}), make(chan struct{})
	var once sync.Once
	c := r.at(t, r.between(t, r.DBEndpoint(), func(message string) (end bool) {
		if strings.Contains(message, `"id":"`+narrowID+`"`) {
			once.Do(func() { close(taken) })
			<-held
		}
		return false
	}))
	f := r.follow(t, c)
	f.until(t, "the first load", func(u Update) bool { return u.Reloaded })
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Narrow(&Reach{})
		<-taken
		long := slices.Repeat([]string{strings.Repeat("a", 1<<10)}, 1<<10) // more than sockets hold
		for range 5 {
			c.Narrow(&Reach{Ports: long})
		}
		c.Narrow(nil)
	}()
	select {
	case <-done:
	case <-time.After(15 * time.Second): // half of what a write may take
		t.Error("to narrow takes as long as the server does")
	}
	close(held)
	<-done
	must(t, r.client.AddSwitch(limit(t), logical.Switch{Name: "web"}))
	f.until(t, "the switch", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("web") != nil })
}

// between is an endpoint before another; look sees each of the client's messages
// before the server does, and may end the session.
func (r *rig) between(t *testing.T, endpoint string, look func(string) (end bool)) string {
	t.Helper()
	path := r.Path(fmt.Sprintf("between%d.sock", rand.Uint32()))
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	serve := func(client net.Conn) {
		defer client.Close()
		server, err := new(net.Dialer).Dial("unix", strings.TrimPrefix(endpoint, "unix:"))
		if err != nil {
			return
		}
		defer server.Close()
		go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		for f := (frames{r: client}); ; {
			message, err := f.next()
			if err != nil || look(string(message)) {
				return
			}
			if _, err := server.Write(message); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(client)
		}
	}()
	return "unix:" + path
}

// TestNarrowRefused: what the server refuses ends the session, and is not passed over.
func TestNarrowRefused(t *testing.T) {
	r := newRig(t)
	c := r.dial(t)
	f := r.follow(t, c)
	f.until(t, "the first load", func(u Update) bool { return u.Reloaded })
	must(t, r.client.AddSwitch(limit(t), logical.Switch{Name: "web"}))
	f.until(t, "the switch, and the session is watched", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("web") != nil })
	c.mu.Lock()
	s := c.watching
	c.mu.Unlock()
	must(t, s.send(map[string]any{"id": narrowID, "method": "monitor_cond_change", "params": []any{"none", "none", map[string]any{}}}))
	f.until(t, "the loss", func(u Update) bool { return u.Snapshot == nil })
	f.until(t, "the next session", func(u Update) bool { return u.Snapshot != nil })
}

// TestRunTwice: the second says so at once, and the first goes on.
func TestRunTwice(t *testing.T) {
	r := newRig(t)
	c := r.dial(t)
	f := r.follow(t, c)
	f.until(t, "the first load", func(u Update) bool { return u.Reloaded })
	if err := c.Run(limit(t), func(Update) { t.Error("the second tells") }); !errors.Is(err, ErrRuns) {
		t.Error(err)
	}
	must(t, r.client.AddSwitch(limit(t), logical.Switch{Name: "web"}))
	f.until(t, "the switch", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("web") != nil })
}

// TestOneText: the same faults are the same text, in the order of the settings, however
// the endpoints were tried; so they are told once.
func TestOneText(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	go func() { // resets who comes
		for {
			nc, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = nc.Read(make([]byte, 1))
			_ = nc.(*net.TCPConn).SetLinger(0)
			_ = nc.Close()
		}
	}()
	endpoints := []string{"unix:/nowhere/c.sock", "unix:/nowhere/a.sock", "tcp:" + listener.Addr().String(), "unix:/nowhere/b.sock"}
	c, err := New(Options{Endpoints: endpoints})
	must(t, err)
	tried, first := map[int]bool{}, ""
	for range 40 {
		tried[c.order()[0]] = true
		_, err := c.open(limit(t), false)
		text := err.Error()
		if first == "" {
			first = text
		}
		if text != first {
			t.Fatalf("once %s\nand once %s", first, text)
		}
		for at, i := 0, 0; i < len(endpoints); i++ {
			next := strings.Index(text[at:], "store "+endpoints[i])
			if next < 0 {
				t.Fatalf("no %s, or not in order: %s", endpoints[i], text)
			}
			at += next
		}
	}
	if len(tried) < 2 {
		t.Errorf("the endpoints are not tried at random: %v first", tried)
	}
}

func TestNobodyServes(t *testing.T) {
	c, err := New(Options{Endpoints: []string{"unix:/nowhere/db.sock"}})
	must(t, err)
	_, _, err = c.Load(limit(t))
	if err == nil || !strings.Contains(err.Error(), "store unix:/nowhere/db.sock") {
		t.Error(err)
	}
	for _, bad := range []string{"", "db.sock", "unix:db.sock", "tcp:1.2.3.4", "http://x:1"} {
		if _, err := ParseEndpoints(bad); err == nil {
			t.Errorf("%q is an endpoint", bad)
		}
	}
}
