package agent

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

// patientClock never comes to putting right what others do to the bridge: what they
// did is to be seen.
type patientClock struct{ wallClock }

func (c patientClock) After(d time.Duration) <-chan time.Time {
	if d == 0 {
		return nil
	}
	return c.wallClock.After(d)
}

// plainNetwork is a host of an overlay without DPDK, with its own store: the switch
// blue, whose port vm1 is here, and a router.
func plainNetwork(t *testing.T) (*rig, *store.Client) {
	t.Helper()
	plain := lab.Options{Unconfigured: true}
	lab.Require(t, lab.Missing(plain)...)
	r := prepare(t, plain)
	r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl|ofproto_dpif_xlate|netdev_vport|dpif)\|`))
	local := overlay.LocalStore{
		RunDir: r.host.RunDir(), File: r.host.Path("sluice.db"), Like: r.host.Path("conf.db"),
		Server: &unixctl.Client{Program: "ovsdb-server", Socket: r.host.DBCtl()},
	}
	r.opt.Network = &overlay.Options{Local: local}
	// A server that gets a database disconnects its clients; the race detector finds
	// libovsdb racing with itself where that is right after it connected.
	if err := store.EnsureLocal(r.limit(), local.Server, local.File, local.Like); err != nil {
		t.Fatal(err)
	}
	r.opt.Clock = patientClock{}
	r.write(dummyOverlay)
	r.start()
	r.laid(1)
	r.vsctl("add-port", "br-int", "tap1", "--", "set", "Interface", "tap1", "type=internal", "external_ids:iface-id=vm1")
	c, err := store.New(store.Options{Endpoints: []string{r.host.DBEndpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for _, err := range []error{
		c.AddSwitch(r.limit(), logical.Switch{Name: "blue"}),
		c.AddPort(r.limit(), "blue", logical.SwitchPort{Name: "vm1", Addresses: []netip.Addr{netip.MustParseAddr("10.0.1.11")}, Security: true}),
		c.AddRouter(r.limit(), logical.Router{Name: "r1"}),
		c.AddLink(r.limit(), store.Link{Router: "r1", Switch: "blue", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.1.1/24")}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.until("vm1 is bound", func() error {
		n, _, err := c.Load(r.limit())
		if err == nil && n.Bound(n.PortByName("vm1").ID) == nil {
			err = errors.New("it is not")
		}
		return err
	})
	return r, c
}

// flows lists what the API shows, by state.
func (r *rig) flows(req api.FlowsRequest) map[api.FlowState][]api.Flow {
	r.t.Helper()
	all := map[api.FlowState][]api.Flow{}
	end, err := r.api.Flows(r.limit(), req, func(f api.Flow) error { all[f.State] = append(all[f.State], f); return nil })
	if err != nil || end.Bridge != "br-int" {
		r.t.Fatalf("%+v %v", end, err)
	}
	return all
}

// What is on the bridge, what is not and what is not ours is told apart, by the
// object it is for.
func TestFlowsShown(t *testing.T) {
	r, _ := plainNetwork(t)
	var all map[api.FlowState][]api.Flow
	r.until("all flows are laid, those of the link too", func() error {
		all = r.flows(api.FlowsRequest{})
		link := slices.ContainsFunc(all[api.FlowLaid], func(f api.Flow) bool { return f.Owners[0].Name == "r1_to_blue" })
		if want := r.laid(1).Flows; len(all) != 1 || len(all[api.FlowLaid]) != want || !link {
			return fmt.Errorf("%d of %d are: %v", len(all[api.FlowLaid]), want, all)
		}
		return nil
	})
	vm1 := r.flows(api.FlowsRequest{Object: "vm1"})[api.FlowLaid]
	if len(vm1) == 0 || slices.ContainsFunc(vm1, func(f api.Flow) bool { return f.Owners[0].Name != "vm1" || f.Owners[0].Kind != "switch port" }) {
		t.Errorf("of vm1: %+v", vm1)
	}
	if some := r.flows(api.FlowsRequest{Object: "switch port/vm1", Table: "out"})[api.FlowLaid]; len(some) != 1 || some[0].Table != int(flows.TableOut) {
		t.Errorf("of vm1 in OUT: %+v", some)
	}
	for _, bad := range []api.FlowsRequest{{Object: "vm9"}, {Object: "router/vm1"}, {Table: "OUTT"}, {Table: "254"}} {
		if _, err := r.api.Flows(r.limit(), bad, nil); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	// Somebody deletes a flow of vm1's, changes another and adds one.
	out := vm1[slices.IndexFunc(vm1, func(f api.Flow) bool { return f.Table == int(flows.TableOut) })]
	in := vm1[slices.IndexFunc(vm1, func(f api.Flow) bool { return f.Table == int(flows.TablePhyIn) })]
	r.ofctl("del-flows", "--strict", fmt.Sprintf("table=%d,priority=%d,%s", out.Table, out.Priority, out.Match))
	r.ofctl("mod-flows", "--strict", fmt.Sprintf("table=%d,priority=%d,%s,actions=drop", in.Table, in.Priority, in.Match))
	r.ofctl("add-flow", "table=77,priority=7,ip,cookie=0xf000000000000000,actions=NORMAL")
	all = r.flows(api.FlowsRequest{})
	if f := all[api.FlowMissing]; len(f) != 1 || f[0].Match != out.Match || f[0].Owners[0].Name != "vm1" {
		t.Errorf("missing: %+v", f)
	}
	if f := all[api.FlowAltered]; len(f) != 1 || f[0].Actions != "drop" || f[0].Wanted != in.Actions {
		t.Errorf("altered: %+v", f)
	}
	if f := all[api.FlowForeign]; len(f) != 1 || f[0].Table != 77 || f[0].Name != "TABLE_77" || len(f[0].Owners) != 0 {
		t.Errorf("foreign: %+v", f)
	}
	x, err := r.api.ExplainFlow(r.limit(), out.Cookie)
	if err != nil || x.Owner == nil || x.Owner.Name != "vm1" || len(x.Flows) != len(vm1) {
		t.Errorf("%+v %v", x, err)
	}
	x, err = r.api.ExplainFlow(r.limit(), "0xf000000000000000")
	if err != nil || x.Owner != nil || len(x.Flows) != 1 || x.Flows[0].State != api.FlowForeign {
		t.Errorf("%+v %v", x, err)
	}
	if _, err := r.api.ExplainFlow(r.limit(), "0xf000000000000001"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("a cookie of nobody's: %v", err)
	}
}

func TestFlowsWithoutANetwork(t *testing.T) {
	b := backend{New(Options{Clock: wallClock{}})}
	if _, err := b.Flows(t.Context(), api.FlowsRequest{}, nil); api.CodeOf(err) != api.CodeConflict {
		t.Error(err)
	}
}
