package ovsdb_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// A refused transaction writes nothing of what was fine in it, and the server's
// own words come back.
func TestRefusedTransactionWritesNothing(t *testing.T) {
	tests := []struct {
		name string
		rows []vswitch.Row
		says string
	}{
		{"a word that is none of the enumeration", []vswitch.Row{row(vswitch.BridgeTable, "br2", "", "fail_mode=sometimes")}, "sometimes is not one of the allowed values"},
		{"a number out of range", []vswitch.Row{row(vswitch.PortTable, "p1", "br1", "tag=5000")}, "5000 is not in the valid range"},
		{"text where a number belongs", []vswitch.Row{row(vswitch.PortTable, "p1", "br1", "tag=blue")}, "expected integer"},
		{"a name that is taken", []vswitch.Row{row(vswitch.PortTable, "br1", "br1"), row(vswitch.IfaceTable, "br1", "br1")}, `multiple rows in "Port" table to have identical values (br1)`},
		{"a port without interface", []vswitch.Row{row(vswitch.PortTable, "p1", "br1")}, "references nonexistent row"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := server(t)
			c := dial(t, h)
			before := write(t, c, bridge("br1"))
			fine := vswitch.Change{ID: vswitch.Root, Op: vswitch.Set, Setting: "other_config:max-idle", New: "10000"}
			changes := []vswitch.Change{fine}
			for _, r := range tt.rows {
				changes = append(changes, create(r))
			}
			_, err := c.Write(limit(t), before, changes)
			refused, ok := errors.AsType[*ovsdb.RefusedError](err)
			if !ok {
				t.Fatalf("Write: %v; want a RefusedError", err)
			}
			if !strings.Contains(refused.Error(), tt.says) {
				t.Errorf("Write says %q, want %q in it", refused, tt.says)
			}
			if diff := cmp.Diff(printed(before), printed(observe(t, dial(t, h)))); diff != "" {
				t.Errorf("the refused transaction wrote (-before +after):\n%s", diff)
			}
		})
	}
}

func create(r vswitch.Row) vswitch.Change {
	return vswitch.Change{ID: r.ID, Op: vswitch.Create, Parent: r.Parent, Row: r}
}

// What changed between Observe and Write stops the whole transaction.
func TestWriteAfterSomebodyElse(t *testing.T) {
	tests := []struct {
		name   string
		theirs []string // by ovs-vsctl
		ours   []vswitch.Change
	}{
		{
			"the same key",
			[]string{"set", "Open_vSwitch", ".", "other_config:max-idle=1"},
			[]vswitch.Change{{ID: vswitch.Root, Op: vswitch.Set, Setting: "other_config:max-idle", New: "2"}},
		},
		{
			"another key of the same map",
			[]string{"set", "Open_vSwitch", ".", "other_config:flow-limit=1"},
			[]vswitch.Change{{ID: vswitch.Root, Op: vswitch.Set, Setting: "other_config:max-idle", New: "2"}},
		},
		{
			"the same column",
			[]string{"set", "Bridge", "br1", "fail_mode=secure"},
			[]vswitch.Change{{ID: id(vswitch.BridgeTable, "br1"), Op: vswitch.Set, Setting: "fail_mode", New: "standalone"}},
		},
		{
			"the row is gone",
			[]string{"del-port", "p1"},
			[]vswitch.Change{{ID: id(vswitch.PortTable, "p1"), Op: vswitch.Set, Setting: "tag", New: "7"}},
		},
		{
			"the row is gone, and only its mark would change",
			[]string{"del-port", "p1"},
			[]vswitch.Change{{ID: id(vswitch.PortTable, "p1"), Op: vswitch.Disown}},
		},
		{
			"the row is another of the same name",
			[]string{"del-port", "p1", "--", "add-port", "br1", "p1"},
			[]vswitch.Change{{ID: id(vswitch.PortTable, "p1"), Op: vswitch.Disown}},
		},
		{
			"a bridge that is to go has got a port",
			[]string{"add-port", "br1", "theirs"},
			[]vswitch.Change{{ID: id(vswitch.BridgeTable, "br1"), Op: vswitch.Delete, Parent: vswitch.Root}},
		},
		{
			"the parent of a new row is gone",
			[]string{"del-br", "br1"},
			[]vswitch.Change{create(row(vswitch.PortTable, "p2", "br1")), create(row(vswitch.IfaceTable, "p2", "br1"))},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := server(t)
			c := dial(t, h)
			o := write(t, c, bridge("br1", row(vswitch.PortTable, "p1", "br1"), row(vswitch.IfaceTable, "p1", "br1", "type=internal")))
			vsctl(t, h, tt.theirs...)
			theirs := printed(observe(t, dial(t, h)))
			also := vswitch.Change{ID: vswitch.Root, Op: vswitch.Set, Setting: "external_ids:hostname", New: "lab"}
			if _, err := c.Write(limit(t), o, append(tt.ours, also)); !errors.Is(err, ovsdb.ErrChanged) {
				t.Errorf("Write: %v; want ErrChanged", err)
			}
			if diff := cmp.Diff(theirs, printed(observe(t, dial(t, h)))); diff != "" {
				t.Errorf("the stopped transaction wrote (-before +after):\n%s", diff)
			}
		})
	}
}

func id(table vswitch.Table, name string) vswitch.ID { return vswitch.ID{Table: table, Name: name} }

// Keys of others in the very maps that are written stay as they are.
func TestForeignKeysStay(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	vsctl(t, h, "set", "Open_vSwitch", ".", "other_config:theirs=1", "external_ids:theirs=2",
		"--", "add-br", "br0", "--", "set", "Bridge", "br0", "other_config:theirs=3", "external_ids:theirs=4")
	until(t, c, func(o vswitch.Observed) bool { _, ok := o.Row(id(vswitch.BridgeTable, "br0")); return ok })
	foreign := func() string {
		return vsctl(t, h, "get", "Open_vSwitch", ".", "other_config:theirs", "external_ids:theirs") +
			vsctl(t, h, "get", "Bridge", "br0", "other_config:theirs", "external_ids:theirs")
	}
	want := foreign()
	ours := vswitch.Desired{Rows: []vswitch.Row{
		row(vswitch.OpenvSwitch, ".", "", "other_config:max-idle=5", "external_ids:hostname=lab"),
		row(vswitch.BridgeTable, "br0", "", "other_config:mac-aging-time=60", "external_ids:sluice.x=1"),
	}}
	for _, d := range []vswitch.Desired{ours, {Rows: []vswitch.Row{row(vswitch.OpenvSwitch, ".", "", "other_config:max-idle=6")}}, {}} {
		write(t, c, d)
		if got := foreign(); got != want {
			t.Errorf("after %v: foreign keys are %s, want %s", d, got, want)
		}
	}
	left := vsctl(t, h, "get", "Open_vSwitch", ".", "other_config", "external_ids") + "\n" + vsctl(t, h, "get", "Bridge", "br0", "other_config", "external_ids")
	if want := "{theirs=\"1\"}\n{theirs=\"2\"}\n{theirs=\"3\"}\n{theirs=\"4\"}"; left != want {
		t.Errorf("after all of ours was taken back:\n%s\nwant\n%s", left, want)
	}
}

// Settings of every kind of column come back as they were written, change, and
// go; what they leave is what a fresh row has.
func TestSettingsRoundTrip(t *testing.T) {
	full := func(n string) vswitch.Desired {
		return bridge("br0",
			row(vswitch.PortTable, "p0", "br0", "vlan_mode=native-tagged", "tag=1"+n, "trunks=2,1"+n+",4095", "other_config:lacp-time=fast", "lacp=active", "bond_mode=balance-tcp"),
			row(vswitch.IfaceTable, "p0", "br0", "type=internal", "mtu_request=150"+n, "ingress_policing_rate=1"+n, "ingress_policing_burst=2"+n,
				"options:n_rxq="+n, "other_config:pmd-rxq-affinity=0:"+n, `external_ids:iface-id=a "b" \c,`+n),
			row(vswitch.QoSTable, "p0", "br0", "type=egress-policer", "other_config:cir="+n))
	}
	bare := bridge("br0", row(vswitch.PortTable, "p0", "br0"), row(vswitch.IfaceTable, "p0", "br0", "type=internal"), row(vswitch.QoSTable, "p0", "br0", "type=egress-policer"))
	h := server(t)
	c := dial(t, h)
	for _, d := range []vswitch.Desired{bare, full("1"), full("2"), bare} {
		o := write(t, c, d)
		for _, want := range d.Rows {
			is, ok := o.Row(want.ID)
			if !ok {
				t.Fatalf("no row %s", want.ID)
			}
			if diff := cmp.Diff(want.Settings, is.Settings); diff != "" {
				t.Errorf("%s (-written +read):\n%s", want.ID, diff)
			}
			if is.Parent != want.Parent {
				t.Errorf("%s is in %s, want %s", want.ID, is.Parent, want.Parent)
			}
		}
		if left := vswitch.Diff(o, d); len(left) > 0 {
			t.Errorf("after a write there is left to do: %v", left)
		}
	}
}

// What nothing asks for writes nothing.
func TestWriteNothing(t *testing.T) {
	c := dial(t, server(t))
	o := observe(t, c)
	cfg, err := c.Write(limit(t), o, nil)
	if err != nil || cfg != o.CurCfg {
		t.Errorf("Write of nothing: configuration %d, %v; want %d", cfg, err, o.CurCfg)
	}
	if now := observe(t, c); now.NextCfg != o.NextCfg {
		t.Errorf("next_cfg went from %d to %d", o.NextCfg, now.NextCfg)
	}
}

// Who looks after a write sees it, whatever became of the writer's context.
func TestWriteIsSeenAtOnce(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	for i := range 100 {
		o := observe(t, c)
		ctx, leave := context.WithCancel(limit(t))
		if i%2 == 1 {
			go leave()
		}
		value := strconv.Itoa(i)
		_, err := c.Write(ctx, o, []vswitch.Change{{ID: vswitch.Root, Op: vswitch.Set, Setting: "other_config:max-idle", New: value}})
		leave()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		root, _ := observe(t, c).Row(vswitch.Root)
		if got := root.Settings["other_config:max-idle"]; (got == value) != (err == nil) {
			t.Fatalf("after a write of %s, which said %v, the mirror shows %s", value, err, got)
		}
	}
}

func TestWaitConfigured(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	o := observe(t, c)
	cfg, err := c.Write(limit(t), o, vswitch.Diff(o, bridge("br0")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(limit(t))
	cancel()
	if _, err := c.WaitConfigured(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("without a switch: %v; want context.Canceled", err)
	}
	if err := h.StartVswitchd(limit(t)); err != nil {
		t.Fatal(err)
	}
	o, err = c.WaitConfigured(limit(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if o.CurCfg < cfg {
		t.Errorf("configuration %d is reached at %d", cfg, o.CurCfg)
	}
}

// A row that goes and comes again in one transaction is one row in the mirror.
func TestMirrorFollowsReplacedRows(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	write(t, c, bridge("br0"))
	for range 20 {
		vsctl(t, h, "--if-exists", "del-port", "p0", "--", "add-port", "br0", "p0", "--", "set", "Interface", "p0", "type=internal",
			"--", "--if-exists", "del-br", "br1", "--", "add-br", "br1")
	}
	want := printed(observe(t, dial(t, h)))
	until(t, c, func(o vswitch.Observed) bool { return printed(o) == want })
}
