package flows

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestDepsForget adds and deletes ports of a switch, and moves one to and fro: what is
// known of who reads what does not grow with what was.
func TestDepsForget(t *testing.T) {
	id := func(kind logical.Kind, n int) logical.UUID {
		return logical.UUID{byte(kind), 14: byte(n >> 8), 15: byte(n)}
	}
	port := func(n, sw int) *logical.SwitchPort {
		a := netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)})
		return &logical.SwitchPort{
			ID: logical.ID[logical.SwitchPort](id(logical.KindSwitchPort, n)), Switch: logical.ID[logical.Switch](id(logical.KindSwitch, sw)), Name: fmt.Sprintf("p%d", n),
			Key: logical.PortKey(n + 1), Kind: logical.PortGuest, Addresses: []netip.Addr{a}, MAC: logical.DefaultMAC(a), //nolint:gosec // few
		}
	}
	var rows []logical.Entity
	for i := range 2 {
		rows = append(rows,
			&logical.Datapath{ID: logical.ID[logical.Datapath](id(logical.KindDatapath, i)), Key: logical.DatapathKey(i + 1), Kind: logical.DatapathSwitch}, //nolint:gosec // few
			&logical.Switch{
				ID: logical.ID[logical.Switch](id(logical.KindSwitch, i)), Name: fmt.Sprintf("s%d", i),
				Datapath: logical.ID[logical.Datapath](id(logical.KindDatapath, i)), Kind: logical.SwitchOverlay, Flood: logical.FloodNone,
			})
	}
	rows = append(rows, port(0, 0), port(1, 1))
	local := Local{Host: "h", Ports: map[string]of.Port{"p0": 1, "p1": 2}}
	c := New()
	s, delta := new(logical.Snapshot).With(logical.Changes{Put: rows})
	c.Update(s, delta, local)
	c.Done()
	readers := func() (n int) {
		for _, d := range c.deps {
			n += len(d.units)
		}
		return n
	}
	before, keys, units := readers(), len(c.deps), len(c.units)
	for round := range 20 {
		var all logical.Changes
		for n := range 100 {
			all.Put = append(all.Put, port(2+100*round+n, 0))
		}
		s, delta = s.With(all)
		c.Update(s, delta, local)
		var none logical.Changes
		for _, e := range all.Put {
			none.Delete = append(none.Delete, e.Ref())
		}
		none.Put = []logical.Entity{port(1, round%2)}
		s, delta = s.With(none)
		c.Update(s, delta, local)
		c.Done()
	}
	if len(c.units) != units || len(c.deps) > keys+10 || readers() > 2*before+20 {
		t.Errorf("%d units, %d things and %d readers of them; were %d, %d and %d", len(c.units), len(c.deps), readers(), units, keys, before)
	}
	// Who still reads is still known.
	sw := *s.Switch(logical.ID[logical.Switch](id(logical.KindSwitch, 0)))
	sw.DHCP.Enabled = true
	s, delta = s.With(logical.Changes{Put: []logical.Entity{&sw, &logical.Datapath{ID: sw.Datapath, Key: 77, Kind: logical.DatapathSwitch}}})
	c.Update(s, delta, local)
	want, _ := Compile(s, local)
	if got, want := c.Rules().Text(NamesOf(s)), want.Text(NamesOf(s)); got != want {
		t.Errorf("incremental:\n%s\nfresh:\n%s", got, want)
	}
}
