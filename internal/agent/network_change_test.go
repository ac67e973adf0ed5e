package agent

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor"
)

// The profile names another integration bridge: the network is laid on that one.
func TestIntegrationBridgeChanged(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	tenants(r, storeOf(r))
	r.plug(1).reaches(r.plug(2), "before")
	r.write(plainOverlay("h1", "172.16.0.1", ", integration: br-new"))
	r.until("the network is laid on the new bridge", func() error {
		out, err := r.host.Command(r.limit(), "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", r.host.Path("br-new.mgmt")).CombinedOutput()
		if err != nil || strings.Count(string(out), "\n") < 20 {
			return fmt.Errorf("%w: %d flows", err, strings.Count(string(out), "\n"))
		}
		return nil
	})
	r.laid(1)
}

// The profile names another option class while flows refer to the former one: laying
// goes on with that and says so, over a start of the daemon too, and the new one takes
// its place when it can.
func TestOptionClassChanged(t *testing.T) {
	r, c, one, two := tenantRig(t)
	_, err := c.RegisterHost(r.limit(), logical.Host{Name: "h2", Addresses: []netip.Addr{netip.MustParseAddr("172.16.0.2")}, Role: logical.RoleNode, Mode: logical.ModeFull}, time.Now())
	r.must(err)
	r.must(c.AddPort(r.limit(), "blue", guestPort(6)))
	n, _, err := c.Load(r.limit())
	r.must(err)
	r.must(c.Bind(r.limit(), "h2", n.PortByName("vm6").ID))
	r.until("the other host is reached", func() error {
		if !strings.Contains(strings.ToLower(r.held()), "tun_metadata0") {
			return errors.New("it is not:\n" + r.held())
		}
		return nil
	})
	r.quiet()
	was := r.ofctl("dump-tlv-map")
	if !strings.Contains(was, "0xff01") {
		t.Fatalf("the options are %s", was)
	}
	r.write(plainOverlay("h1", "172.16.0.1", ", optionClass: 0xff05"))
	told := func() error {
		s := r.agent.network.Status()
		if s.Switch != "" || !strings.Contains(fmt.Sprint(s.Problems), "flows still refer to class 0xff01") {
			return fmt.Errorf("it tells %+v", s)
		}
		return nil
	}
	r.until("it is told", told)
	r.stop()
	r.start()
	r.await(monitor.ResultConverged)
	r.until("it is told after a start of the daemon", told)
	one.reaches(two, "with the former class")
	r.must(c.AddPort(r.limit(), "blue", guestPort(5)))
	one.reaches(r.plug(5), "what is new")
	r.ofctl("del-flows")
	r.until("the new class is in", func() error {
		if now := r.ofctl("dump-tlv-map"); !strings.Contains(now, "0xff05") {
			return errors.New(now)
		}
		return nil
	})
	one.reaches(two, "with the new class")
	if s := r.laid(1); len(s.Problems) != 0 {
		t.Errorf("problems: %v", s.Problems)
	}
}

// Meters with other rates, as another release made them, and ones that nobody wants:
// the former get the rates of now, and the latter go.
func TestMetersChanged(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	r.quiet()
	was := sorted(r.ofctl("dump-meters"))
	r.stop()
	r.ofctl("mod-meter", "meter=1,pktps,burst,band=type=drop,rate=7,burst_size=7")
	r.ofctl("mod-meter", "meter=2,kbps,burst,band=type=drop,rate=500,burst_size=500")
	r.ofctl("add-meter", "meter=77,pktps,band=type=drop,rate=7")
	if sorted(r.ofctl("dump-meters")) == was {
		t.Fatal("the meters are as before")
	}
	r.start()
	r.until("the meters are as before", func() error {
		if now := sorted(r.ofctl("dump-meters")); now != was {
			return errors.New(now)
		}
		return nil
	})
	r.laid(1)
}
