package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// plain is a host of the kernel's own devices in a namespace, without DPDK.
var plain = lab.Options{Unconfigured: true}

const underlay = `
apiVersion: sluice/v1
kind: HostProfile
dpdk: {init: "false"}
bridges:
  - name: br-phy
    addresses: [172.31.0.1/24, "fd00:31::1/64"]
    routes: [{to: 172.30.0.0/16, via: 172.31.0.254}]
`

// The daemon makes a bridge's addresses and routes in the host's namespace, OVS
// takes them up for its tunnels, and what somebody takes away comes back.
func TestAddressesOfBridges(t *testing.T) {
	r := prepare(t, plain)
	r.write(underlay)
	d := r.sluiced(often)
	r.addresses("br-phy", "172.31.0.1/24", "fd00:31::1/64")
	r.routed("172.31.0.1/32", "br-phy", "")
	r.routed("172.30.0.0/16", "br-phy", "172.31.0.254")
	d.says(r, "result=converged")

	t.Run("an address is taken away", func(t *testing.T) {
		r := *r
		r.t = t
		r.ip("addr", "del", "172.31.0.1/24", "dev", "br-phy") // and the routes with it
		r.addresses("br-phy", "172.31.0.1/24", "fd00:31::1/64")
		r.routed("172.30.0.0/16", "br-phy", "172.31.0.254")
	})
	t.Run("a route is taken away", func(t *testing.T) {
		r := *r
		r.t = t
		r.ip("route", "del", "172.30.0.0/16")
		r.routed("172.30.0.0/16", "br-phy", "172.31.0.254")
	})
	t.Run("the device is set down", func(t *testing.T) {
		r := *r
		r.t = t
		r.ip("link", "set", "br-phy", "down")
		r.routed("172.30.0.0/16", "br-phy", "172.31.0.254")
	})
	t.Run("what is somebody else's stays", func(t *testing.T) {
		r := *r
		r.t = t
		r.ip("addr", "add", "10.9.9.9/24", "dev", "br-phy")
		r.write(strings.NewReplacer("172.31.0.1/24, ", "172.31.0.2/24, ", "172.30.0.0/16", "172.29.0.0/16").Replace(underlay))
		r.addresses("br-phy", "10.9.9.9/24", "172.31.0.2/24", "fd00:31::1/64")
		r.routed("172.29.0.0/16", "br-phy", "172.31.0.254")
		r.unrouted("172.30.0.0/16")
	})
	t.Run("the profile drops them all", func(t *testing.T) {
		r := *r
		r.t = t
		r.write(underlay[:strings.Index(underlay, "    addresses:")])
		r.addresses("br-phy", "10.9.9.9/24")
		r.unrouted("172.29.0.0/16")
		r.reads("", "--if-exists", "get", "Bridge", "br-phy", "external_ids:sluice.addresses")
	})
}

// A daemon that is killed between the steps of its work on addresses leaves
// nothing behind: the bridge remembers what there is to take away.
func TestKilledWhileSettingAddresses(t *testing.T) {
	r := prepare(t, plain)
	c := connect(t, r.host)
	other := strings.NewReplacer("172.31.0.1/24", "172.31.7.1/24", "172.31.0.254", "172.31.7.254", "fd00:31::1", "fd00:37::1").Replace(underlay)
	for i, profile := range []string{underlay, other, underlay, other} {
		r.write(profile)
		was := r.observed()
		d := r.sluiced()
		if _, err := c.WaitFor(r.limit(), func(o vswitch.Observed) bool { return o.NextCfg > was.NextCfg }); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			r.until("an address is there", func() error {
				if out := r.ip("addr"); !strings.Contains(out, "172.31.7.1") {
					return errors.New(out)
				}
				return nil
			})
		}
		d.kill(t)
	}
	d := r.sluiced(often)
	d.says(r, "result=converged")
	r.addresses("br-phy", "172.31.7.1/24", "fd00:37::1/64")
	r.unrouted("172.31.0.0/24")
	r.routed("172.30.0.0/16", "br-phy", "172.31.7.254")
}

func (r *rig) ip(args ...string) string {
	r.t.Helper()
	out, err := r.host.Command(r.limit(), "ip", args...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// addresses waits until a device has just these, link-local ones apart.
func (r *rig) addresses(device string, want ...string) {
	r.t.Helper()
	r.until(fmt.Sprintf("%s has addresses %v", device, want), func() error {
		out, err := r.host.Command(r.limit(), "ip", "-json", "addr", "show", "dev", device).Output()
		if err != nil {
			return err
		}
		var links []struct {
			Info []struct {
				Local string `json:"local"`
				Bits  int    `json:"prefixlen"`
				Scope string `json:"scope"`
			} `json:"addr_info"`
		}
		if err := json.Unmarshal(out, &links); err != nil {
			return err
		}
		var have []string
		for _, l := range links {
			for _, a := range l.Info {
				if a.Scope != "link" {
					have = append(have, fmt.Sprintf("%s/%d", a.Local, a.Bits))
				}
			}
		}
		slices.Sort(have)
		if !slices.Equal(have, want) {
			return fmt.Errorf("it has %v", have)
		}
		return nil
	})
}

// routes are those that OVS knows.
func (r *rig) routes() ([]appctl.Route, error) {
	text, err := r.host.AppCtl(r.limit(), "ovs/route/show")
	if err != nil {
		return nil, err
	}
	return appctl.ParseRoutes(strings.NewReader(text))
}

// routed waits until OVS knows a route; via is empty for one on the link.
func (r *rig) routed(to, device, via string) {
	r.t.Helper()
	r.until(fmt.Sprintf("OVS knows the route to %s", to), func() error {
		routes, err := r.routes()
		if err != nil {
			return err
		}
		for _, route := range routes {
			if route.Prefix == netip.MustParsePrefix(to) && route.Dev == device && (via == "" || route.Gateway.String() == via) && !route.User {
				return nil
			}
		}
		return fmt.Errorf("it knows %v", routes)
	})
}

// unrouted waits until neither the kernel nor OVS knows a route.
func (r *rig) unrouted(to string) {
	r.t.Helper()
	r.until(fmt.Sprintf("nobody knows a route to %s", to), func() error {
		if out := r.ip("route", "show", to); strings.TrimSpace(out) != "" {
			return fmt.Errorf("the kernel knows %s", out)
		}
		routes, err := r.routes()
		if err != nil {
			return err
		}
		for _, route := range routes {
			if route.Prefix == netip.MustParsePrefix(to) {
				return fmt.Errorf("OVS knows %v", route)
			}
		}
		return nil
	})
}
