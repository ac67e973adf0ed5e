package agent

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// tenants are two switches with two guests each: blue has 1 and 2, red 3 and 4.
func tenants(r *rig, c *store.Client) {
	r.t.Helper()
	for name, guests := range map[string][]byte{"blue": {1, 2}, "red": {3, 4}} {
		r.must(c.AddSwitch(r.limit(), logical.Switch{Name: name, Flood: logical.FloodAll}))
		for _, n := range guests {
			r.must(c.AddPort(r.limit(), name, guestPort(n)))
		}
	}
}

// tenantRig is a host with these, whose guests 1 and 2 have reached each other.
func tenantRig(t *testing.T) (r *rig, c *store.Client, one, two *tap) {
	t.Helper()
	r = plainRig(t, "h1", "172.16.0.1")
	r.begin()
	c = storeOf(r)
	tenants(r, c)
	one, two = r.plug(1), r.plug(2)
	one.reaches(two, "before")
	return r, c, one, two
}

// full has the switch refuse whatever is more than it has in the table where packets
// leave.
func (r *rig) full() {
	r.t.Helper()
	r.host.Allow(regexp.MustCompile(`\|connmgr\||\|ofproto\|`))
	r.quiet()
	full := strings.Count(r.ofctl("dump-flows", "--no-stats", "table=48"), "actions=")
	r.vsctl("--id=@t", "create", "Flow_Table", fmt.Sprintf("flow_limit=%d", full), "overflow_policy=refuse", "--", "set", "Bridge", "br-int", "flow_tables:48=@t")
}

// strayed is a word that a frame of one tenant has, and no other tenant may hear.
const strayed = "<blue's own>"

// mutter has a guest send to every guest and to nobody, from its own and from others'
// addresses, until the test stops it. Whoever hears it of another tenant fails the test.
func (g *tap) mutter(others ...*tap) (stop func()) {
	ctx, cancel := context.WithCancel(g.r.t.Context())
	var ended sync.WaitGroup
	ended.Go(func() {
		for ctx.Err() == nil {
			for _, to := range []byte{2, 3, 4, 99, 255} {
				g.send(g.frame(to, strayed))
			}
			for _, o := range others {
				if o.heard(strayed) {
					g.r.t.Errorf("%s of another tenant heard what %s said", guestOf(o.n), guestOf(g.n))
					return
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
			}
		}
	})
	return func() {
		cancel()
		ended.Wait()
	}
}

// ovs-vswitchd is killed under traffic: the flows are back within a second of its
// socket, and nothing gets from one tenant to the other meanwhile.
func TestSwitchKilledUnderTraffic(t *testing.T) {
	r, _, one, two := tenantRig(t)
	three, four := r.plug(3), r.plug(4)
	three.reaches(four, "before")
	r.quiet()
	held := r.held()
	for range 2 {
		stop := one.mutter(three, four)
		r.must(r.host.KillVswitchd())
		started := make(chan error, 1)
		go func() { started <- r.host.StartVswitchd(r.limit()) }()
		var socket time.Time
		r.until("its socket is there", func() error {
			ctx, cancel := context.WithTimeout(r.limit(), time.Second)
			defer cancel()
			out, err := r.host.Command(ctx, "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", r.host.Path("br-int.mgmt")).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			socket = time.Now()
			return nil
		})
		r.until("the flows are back", func() error {
			if strings.Count(r.held(), "\n") < strings.Count(held, "\n") {
				return errors.New("they are not")
			}
			return nil
		})
		t.Logf("the flows are back %v after the socket", time.Since(socket))
		if d := time.Since(socket); d > time.Second {
			t.Errorf("the flows are back %v after the socket", d)
		}
		stop() // it takes what three and four hear
		three.reaches(four, "after")
		one.reaches(two, "after")
		r.must(<-started)
	}
}

// The switch comes back with its ports' numbers exchanged, while the daemon may still
// have those of before: no packet goes to the wrong guest.
func TestNumbersExchanged(t *testing.T) {
	r, _, one, two := tenantRig(t)
	three := r.plug(3)
	r.quiet()
	numbers := r.numbers("vm2", "vm3")
	stop := one.mutter(three)
	r.must(r.host.KillVswitchd())
	r.vsctl("set", "Interface", "vm2", "ofport_request="+numbers[1], "--", "set", "Interface", "vm3", "ofport_request="+numbers[0])
	r.must(r.host.StartVswitchd(r.limit()))
	if now := r.numbers("vm2", "vm3"); now[0] == numbers[0] {
		t.Fatalf("the numbers stayed: %v", now)
	}
	r.until("vm1 reaches vm2 again", func() error {
		one.send(one.frame(2, "<again>"))
		if !two.heard("<again>") {
			return errors.New("it does not")
		}
		return nil
	})
	stop()
}

func (r *rig) numbers(names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, r.vsctl("get", "Interface", n, "ofport"))
	}
	return all
}

// What the switch refuses is named and set aside, and the rest goes in.
func TestRefusedIsSetAside(t *testing.T) {
	r, c, one, two := tenantRig(t)
	r.full()
	r.must(c.AddRouter(r.limit(), logical.Router{Name: "elsewhere"}))
	three := r.plug(3)
	r.until("the port is named", func() error {
		for _, p := range r.agent.network.Status().Problems {
			if strings.Contains(p, "switch port vm3: ") && strings.Contains(p, "TABLE_FULL") {
				return nil
			}
		}
		return fmt.Errorf("problems: %v, %s", r.agent.network.Status().Problems, r.agent.network.Status().Switch)
	})
	one.reaches(two, "after")
	r.must(c.SetPort(r.limit(), "vm2", func(p *logical.SwitchPort) error { p.Security = false; return nil }))
	r.until("the rest goes in", func() error {
		if s := r.agent.network.Status(); s.Switch != "" || len(s.Problems) != 1 {
			return fmt.Errorf("it tells %+v", s)
		}
		return nil
	})
	r.vsctl("clear", "Bridge", "br-int", "flow_tables")
	r.must(c.SetPort(r.limit(), "vm3", func(p *logical.SwitchPort) error { p.Security = false; return nil }))
	three.reaches(r.plug(4), "when there is room")
	if p := r.agent.network.Status().Problems; len(p) != 0 {
		t.Errorf("problems: %v", p)
	}
}

// More rows than are set aside in one go are refused: the host gets through all of
// them, and the rest goes in.
func TestManyRefused(t *testing.T) {
	r, c, one, two := tenantRig(t)
	r.full()
	r.must(c.AddRouter(r.limit(), logical.Router{Name: "elsewhere"}))
	const bad = 3*16 - 2 // 16 in one go (asides in overlay)
	var plug []string
	for n := byte(10); n < 10+bad; n++ {
		r.must(c.AddPort(r.limit(), "red", guestPort(n)))
		name := guestOf(n)
		plug = append(plug, "--", "add-port", "br-int", name, "--", "set", "Interface", name, "type=internal", "external_ids:iface-id="+name)
	}
	r.vsctl(plug[1:]...)
	r.until("all bad rows are named, and the rest is in", func() error {
		s := r.agent.network.Status()
		if len(s.Problems) != bad || s.Switch != "" {
			return fmt.Errorf("%d problems, %s", len(s.Problems), s.Switch)
		}
		return nil
	})
	r.must(c.SetPort(r.limit(), "vm2", func(p *logical.SwitchPort) error { p.Security = false; return nil }))
	one.reaches(two, "after")
	r.laid(1)
}

// The bridge is deleted by another program: it is made anew with all that is on it,
// and what the guests' interfaces were is theirs to make anew.
func TestBridgeDeleted(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	tenants(r, storeOf(r))
	r.plug(1).reaches(r.plug(2), "before")
	r.quiet()
	r.vsctl("del-br", "br-int")
	r.until("the bridge is there again", func() error {
		_, err := r.host.VSCtl(r.limit(), "--no-wait", "br-exists", "br-int")
		return err
	})
	r.plug(1).reaches(r.plug(2), "after")
}
