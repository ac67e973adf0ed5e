package store

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// older is a server whose store was made by an earlier release.
func older(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	out, err := r.Command(limit(t), "ovsdb-tool", "create", r.Path("older.db"), "testdata/sluice-0.9.0.ovsschema").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := r.Command(context.Background(), "ovsdb-server", "--remote=punix:"+r.Path("older.sock"), "--unixctl="+r.Path("older.ctl"),
		"-vconsole:off", "--log-file="+r.Path("older.log"), r.Path("older.db"))
	must(t, cmd.Start())
	r.client = r.at(t, "unix:"+r.Path("older.sock"))
	must(t, r.client.WaitMember(limit(t), true))
	return r
}

func (r *rig) at(t testing.TB, endpoints ...string) *Client {
	t.Helper()
	c, err := New(Options{Endpoints: endpoints, Ordered: true})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// TestUpgrade converts a store that an earlier release made while somebody follows
// it: what is in it stays, what is new can be written, and the follower sees both.
func TestUpgrade(t *testing.T) {
	r := older(t)
	ctx := limit(t)
	f := r.follow(t, r.at(t, r.client.o.Endpoints...))
	_, err := r.client.transact(ctx,
		insertOp("Global", "", row{"seq": 1, "next_datapath": 2, "next_zone": 2}),
		insertOp("Datapath", "d", row{"key": 1, "zone": 1, "kind": "switch", "next_port": 1}),
		insertOp("Switch", "", row{"name": "web", "datapath": named("d"), "kind": "overlay", "flood": "none"}),
		insertOp("RBAC_Role", "", row{"name": RoleHost}))
	must(t, err)
	must(t, r.client.AddPort(ctx, "web", guest("vm1", "10.0.0.11")))
	before := f.until(t, "the port", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.PortByName("vm1") != nil }).Snapshot
	// What the schema lacks cannot be written, and the error says so.
	dns := func(s *logical.Switch) error {
		s.DNS = []logical.DNSRecord{{Name: "vm1", Addresses: []netip.Addr{addr("10.0.0.11")}}}
		return nil
	}
	if err := r.client.SetSwitch(ctx, "web", dns); !errors.Is(err, ErrOldSchema) {
		t.Errorf("a column that is not there: %v", err)
	}
	plan, err := r.client.PlanUpgrade(ctx)
	must(t, err)
	ours, err := builtIn()
	must(t, err)
	want := Upgrade{From: "0.9.0", To: ours.version, Added: []string{"table Meter", "column dns of Switch"}}
	if diff := cmp.Diff(want, plan); diff != "" || !plan.Needed() {
		t.Error(diff)
	}
	must(t, r.client.Convert(ctx))
	must(t, r.client.SetSwitch(ctx, "web", dns))
	_, err = r.client.transact(ctx, insertOp("Meter", "", row{"name": "m1", "rate": 1000, "burst": 0, "unit": "kbps"}))
	must(t, err)
	after := f.until(t, "what is new", func(u Update) bool {
		return u.Snapshot != nil && u.Snapshot.Len(logical.KindMeter) == 1 && len(u.Snapshot.SwitchByName("web").DNS) == 1
	}).Snapshot
	if before.PortByName("vm1") != after.PortByName("vm1") {
		t.Error("vm1 was made anew")
	}
	results, err := r.client.transact(ctx, selectOp("RBAC_Permission"))
	must(t, err)
	if rows, _ := rowsOf(results[0]); len(rows) != len(hostPermissions) {
		t.Errorf("%d tables are granted to hosts, not %d", len(rows), len(hostPermissions))
	}
	plan, err = r.client.PlanUpgrade(ctx)
	must(t, err)
	if plan.Needed() {
		t.Errorf("after the upgrade: %+v", plan)
	}
	must(t, r.client.Convert(ctx)) // again: nothing is lost by it
	loaded, _, err := r.client.Load(ctx)
	must(t, err)
	if loaded.Len(logical.KindMeter) != 1 {
		t.Error("the meter is gone")
	}
}

// TestUpgradeCluster converts a cluster, of whose members one is followed.
func TestUpgradeCluster(t *testing.T) {
	text, err := os.ReadFile("testdata/sluice-0.9.0.ovsschema")
	must(t, err)
	c := clusterOf(t, text)
	ctx := limit(t)
	other := (c.leader(t) + 1) % 3
	f := (&rig{Host: c.Host}).follow(t, (&rig{Host: c.Host}).at(t, append(c.endpoints()[other:other+1], c.endpoints()...)...))
	writer := (&rig{Host: c.Host}).at(t, c.endpoints()...)
	must(t, writer.Convert(ctx))
	must(t, writer.AddSwitch(ctx, logical.Switch{Name: "web"}))
	_, err = writer.transact(ctx, insertOp("Meter", "", row{"name": "m1", "rate": 1000, "burst": 0, "unit": "kbps"}))
	must(t, err)
	f.until(t, "what is new", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.Len(logical.KindMeter) == 1 })
	if warnings := Warnings(writer.Members(ctx), nil); len(warnings) > 0 {
		t.Error(warnings)
	}
}

func TestCompareSchemas(t *testing.T) {
	ours := &schema{version: "1.10.0", tables: map[string]map[string]shape{"A": {"x": single}}}
	for version, want := range map[string]string{
		"1.9.9":  "",
		"1.10.0": "",
		"1.10.1": "the store has schema 1.10.1 and this program 1.10.0: use the sluicectl of the later release",
		"2.0.0":  "the store has schema 2.0.0 and this program 1.10.0: use the sluicectl of the later release",
		"x":      `schema version "x" is not x.y.z`,
	} {
		got, err := compareSchemas(&schema{version: version, tables: map[string]map[string]shape{"A": {"x": single, "y": single}}}, ours)
		text := ""
		if err != nil {
			text = err.Error()
		} else if diff := cmp.Diff(Upgrade{From: version, To: "1.10.0", Removed: []string{"column y of A"}}, got); diff != "" {
			t.Error(diff)
		}
		if text != want {
			t.Errorf("%s: %q, want %q", version, text, want)
		}
	}
}
