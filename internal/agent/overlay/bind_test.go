package overlay

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/store"
)

func TestBindings(t *testing.T) {
	const network = `
host h1 192.0.2.1
host h2 192.0.2.2
switch blue 10.0.1.0/24
switch green 10.0.2.0/24
port mine blue 10.0.1.1 on h1
port theirs blue 10.0.1.2 on h2
port nobodys blue 10.0.1.3
port child green 10.0.2.1 tag nobodys:30
port bound green 10.0.2.2 tag mine:31 on h1
port stale blue 10.0.1.4 on h1
port orphan green 10.0.2.4 tag stale:5 on h1
`
	base := logicaltest.Snapshot(network)
	port := func(name string) *logical.SwitchPort { return base.PortByName(name) }
	lost, _ := base.With(logical.Changes{Put: []logical.Entity{
		&logical.Binding{ID: logical.ID[logical.Binding](logicaltest.UUID(logical.KindBinding, "late")), Port: port("mine").ID, Host: "h2", Seq: 1000},
	}})
	none := func(string) bool { return false }
	tests := []struct {
		name     string
		s        *logical.Snapshot
		here     []string
		appeared func(string) bool
		want     string
	}{
		{"as it is", base, []string{"mine", "stale"}, none, "bind [] unbind []"},
		{"a parent comes with its child, what went is unbound", base, []string{"mine", "nobodys"}, none, "bind [nobodys child] unbind [stale orphan]"},
		{"one bound elsewhere", base, []string{"mine", "stale", "theirs"}, none, "bind [theirs] unbind []"},
		{"one that another host took is left to it", lost, []string{"mine", "stale"}, none, "bind [] unbind []"},
		{"one that appears is taken back", lost, []string{"mine", "stale"}, func(n string) bool { return n == "mine" }, "bind [mine] unbind []"},
		{"an interface for a child is none", base, []string{"mine", "stale", "child", "nosuch"}, none, "bind [] unbind []"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ports := map[string]openflow.Port{}
			for i, name := range tt.here {
				ports[name] = openflow.Port(i + 1)
			}
			names := func(ids portIDs) string {
				var all []string
				for p := range tt.s.Ports() {
					if slices.Contains(ids, p.ID) {
						all = append(all, p.Name)
					}
				}
				order := strings.Fields(network)
				slices.SortFunc(all, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
				return fmt.Sprint(all)
			}
			bind, unbind := bindings(tt.s, "h1", ports, tt.appeared)
			if diff := cmp.Diff(tt.want, "bind "+names(bind)+" unbind "+names(unbind)); diff != "" {
				t.Error(diff)
			}
		})
	}
	want := []string{"switch port mine has an interface here and on h2, and works on h2: take external_ids:iface-id from the others"}
	if diff := cmp.Diff(want, twice(lost, "h1")); diff != "" {
		t.Error(diff)
	}
	want[0] = "switch port mine has an interface here and on h1, and works here: take external_ids:iface-id from the others"
	if diff := cmp.Diff(want, twice(lost, "h2")); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkBindings is what a step asks of a fleet's bindings, ten of them here.
func BenchmarkBindings(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("host h0 192.0.2.1\nhost h1 192.0.2.2\n")
			ports := map[string]openflow.Port{}
			for i := range n {
				if i%50 == 0 {
					fmt.Fprintf(&text, "switch s%d key %d\n", i/50, i/50+1)
				}
				host := min(i%(n/10), 1)
				fmt.Fprintf(&text, "port p%d s%d 10.%d.%d.%d on h%d key %d\n", i, i/50, i>>16, i>>8&255, i&255, host, i%50+1)
				if host == 0 {
					ports[fmt.Sprintf("p%d", i)] = openflow.Port(i + 1)
				}
			}
			s := logicaltest.Snapshot(text.String())
			for b.Loop() {
				if bind, unbind := bindings(s, "h0", ports, func(string) bool { return false }); len(bind)+len(unbind) > 0 {
					b.Fatalf("bind %d, unbind %d", len(bind), len(unbind))
				}
				twice(s, "h0")
			}
		})
	}
}

// A port that waits for its guest is left to a host that lives and has it, and taken
// from one that does not, or once the guest is here.
func TestAwaitedGuestsAreLeft(t *testing.T) {
	ctx, c := newStore(t)
	must := musts(t)
	must(c.AddSwitch(ctx, logical.Switch{Name: "blue", Flood: logical.FloodAll}))
	must(c.AddPort(ctx, "blue", logical.SwitchPort{Name: "vm1", MAC: logical.MAC{2, 0, 0, 0, 0, 1}}))
	h2 := logical.Host{Name: "h2", SystemID: "id-of-h2", Addresses: []netip.Addr{netip.MustParseAddr("172.16.0.2")}, Role: logical.RoleNode, Mode: logical.ModeFull}
	_, err := c.RegisterHost(ctx, h2, time.Now())
	must(err)
	n := &Network{clock: wallClock{}}
	s, _, err := c.Load(ctx)
	must(err)
	must(c.Bind(ctx, "h2", s.PortByName("vm1").ID))
	s, _, err = c.Load(ctx)
	must(err)
	for _, tt := range []struct {
		name string
		away bool
		seen time.Duration // ago
		want bool
	}{
		{"it runs on h2", true, 0, false},
		{"its guest is here", false, 0, true},
		{"h2 is dead", true, 2 * store.Live, true},
	} {
		must(c.Report(ctx, logical.HostStatus{Host: "h2", LastSeen: time.Now().Add(-tt.seen)}))
		a := announcement{snapshot: s, host: logical.Host{Name: "h1"}, ports: map[string]openflow.Port{"vm1": 1, "other": 2}, away: map[string]bool{}}
		if tt.away {
			a.away["vm1"] = true
		}
		got, err := n.withoutAwaited(ctx, c, a)
		must(err)
		if (got["vm1"] != 0) != tt.want || got["other"] != 2 || len(a.ports) != 2 {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
