package overlay

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/store"
)

// TestNarrow follows a store of ten switches of which this host reaches two, in a row
// over a router, and then others as its ports come and go: its rules are always those
// of the whole network, of which it has a part.
func TestNarrow(t *testing.T) {
	ctx, client := newStore(t)
	must := musts(t)
	must(client.AddRouter(ctx, logical.Router{Name: "r"}))
	for i := range 10 {
		sw := fmt.Sprintf("sw%d", i)
		must(client.AddSwitch(ctx, logical.Switch{Name: sw}))
		for j := range 3 {
			must(client.AddPort(ctx, sw, logical.SwitchPort{Name: fmt.Sprintf("vm%d-%d", i, j), Addresses: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, byte(i), byte(10 + j)})}}))
		}
		if i < 2 {
			gateway := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 1}), 24)
			must(client.AddLink(ctx, store.Link{Router: "r", Switch: sw, Networks: []netip.Prefix{gateway}}))
		}
	}
	updates := make(chan store.Update, 64)
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = client.Run(running, func(u store.Update) { updates <- u }) }()
	defer func() { stop(); <-done }()

	narrow := narrowing{above: 20}
	compiler := flows.New()
	snapshot := new(logical.Snapshot)
	for _, step := range []struct {
		ports []string
		want  int // switch ports: its switches' three each, and the router's two
	}{
		{[]string{"vm0-0"}, 8},
		{[]string{"vm0-0", "vm7-1"}, 11},
		{[]string{"vm7-1"}, 5},
		{nil, 2},
		{[]string{"vm1-2"}, 8},
	} {
		local := flows.Local{Host: "h1", Tunnel: 99, Ports: map[string]openflow.Port{}}
		for i, name := range step.ports {
			local.Ports[name] = openflow.Port(1 + i) //nolint:gosec // few
		}
		whole, _, err := client.Load(ctx)
		must(err)
		rules, _ := flows.Compile(whole, local)
		names := flows.NamesOf(whole)
		var delta logical.Delta
		for {
			compiler.Update(snapshot, delta, local)
			narrow.follow(snapshot, compiler.Need(), client.Narrow)
			if snapshot.Len(logical.KindSwitchPort) == step.want {
				break
			}
			select {
			case u := <-updates:
				snapshot, delta = u.Snapshot, u.Delta
			case <-ctx.Done():
				t.Fatal(errors.Join(ctx.Err(), fmt.Errorf("with %v there are %d ports, want %d", step.ports, snapshot.Len(logical.KindSwitchPort), step.want)))
			}
		}
		if diff := cmp.Diff(rules.Text(names), compiler.Rules().Text(names)); diff != "" {
			t.Fatalf("with %v: of the whole(-), of the part(+)\n%s", step.ports, diff)
		}
	}
}

// TestNarrowNot: a small network is read whole, and so is any where nobody wants less.
func TestNarrowNot(t *testing.T) {
	small, _ := new(logical.Snapshot).With(logical.Changes{})
	for _, n := range []narrowing{{above: 0}, {above: 1}} {
		n.follow(small, flows.Need{Ports: []string{"a"}}, func(*store.Reach) { t.Errorf("%+v asked", n) })
		if n.on {
			t.Errorf("%+v is on", n)
		}
	}
}
