package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// save is a backup, read again.
func (r *rig) save(t *testing.T) *Saved {
	t.Helper()
	var b bytes.Buffer
	must(t, r.client.Backup(limit(t), &b, time.Now()))
	s, err := ParseSaved(b.Bytes())
	must(t, err)
	return s
}

// owners are who had which number, ever.
type owners map[string]logical.UUID

// watch notes the numbers of a network, and complains about one that is another's.
func (o owners) watch(t *testing.T, n *logical.Snapshot) {
	t.Helper()
	note := func(number string, id logical.UUID) {
		if was, ok := o[number]; ok && was != id {
			t.Fatalf("%s was handed out again: to %s, %s had it", number, id, was)
		}
		o[number] = id
	}
	for e := range n.All() {
		switch e := e.(type) {
		case *logical.Datapath:
			note(fmt.Sprintf("datapath key %d", e.Key), e.ID.UUID())
			note(fmt.Sprintf("zone %d", e.Zone), e.ID.UUID())
		case *logical.SwitchPort:
			note(fmt.Sprintf("key %d of datapath %d", e.Key, n.SwitchKey(n.Switch(e.Switch))), e.ID.UUID())
		case *logical.RouterPort:
			note(fmt.Sprintf("key %d of datapath %d", e.Key, n.RouterKey(n.Router(e.Router))), e.ID.UUID())
		}
	}
}

// rested holds the retired keys to those in use: none is both, so that whoever had
// the number, it means one thing.
func (r *rig) rested(t *testing.T, n *logical.Snapshot) {
	t.Helper()
	used := owners{}
	used.watch(t, n)
	results, err := r.client.transact(limit(t), selectOp("Retired_Key"))
	must(t, err)
	rows, err := rowsOf(results[0])
	must(t, err)
	for _, row := range rows {
		var c reader
		c.open(row)
		key, datapath := number[uint64](&c, "key"), number[uint64](&c, "datapath")
		name := map[string]string{
			"datapath": fmt.Sprintf("datapath key %d", key), "zone": fmt.Sprintf("zone %d", key), "port": fmt.Sprintf("key %d of datapath %d", key, datapath),
		}[c.text("kind")]
		if owner, ok := used[name]; ok {
			t.Fatalf("%s is retired, and %s has it", name, owner)
		}
	}
}

// TestRestore saves at random, goes on, and restores: the network is as it was
// saved, and never does a number mean another object than before, while a host is
// cut off that may have flows of any of them.
func TestRestore(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	_, err := r.client.RegisterHost(ctx, logical.Host{Name: "h1", Addresses: []netip.Addr{addr("192.0.2.1")}}, time.Now())
	must(t, err)
	rnd := rand.New(rand.NewPCG(7, 8))
	seen := owners{}
	var saved []*Saved
	var texts []string
	renumbered := 0
	f := r.follow(t, r.dial(t))
	for round := range 12 {
		for range 12 {
			wander(t, r, rnd)
			n, _, err := r.client.Load(ctx)
			must(t, err)
			seen.watch(t, n)
		}
		n, _, err := r.client.Load(ctx)
		must(t, err)
		saved, texts = append(saved, r.save(t)), append(texts, exported(t, n))
		if round%2 == 0 {
			continue
		}
		which := rnd.IntN(len(saved))
		dry, err := r.client.Restore(ctx, saved[which], true)
		must(t, err)
		steps, err := r.client.Restore(ctx, saved[which], false)
		must(t, err)
		if diff := cmp.Diff(dry, steps); diff != "" {
			t.Fatalf("a dry run differs\n%s", diff)
		}
		after, faults, err := r.client.Load(ctx)
		must(t, err)
		if diff := cmp.Diff(texts[which], exported(t, after)); diff != "" || len(faults) > 0 {
			t.Fatalf("%v\n%s", faults, diff)
		}
		if after.Generation() < n.Generation()+seqMargin {
			t.Errorf("generation %d after %d", after.Generation(), n.Generation())
		}
		seen.watch(t, after)
		r.rested(t, after)
		for _, s := range steps {
			renumbered += strings.Count(strings.Join(s.Changes, " "), "key: ")
		}
		f.until(t, "the follower", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.Generation() == after.Generation() })
		if diff := cmp.Diff(describe(after), describe(f.last.Snapshot)); diff != "" {
			t.Fatalf("the follower differs\n%s", diff)
		}
	}
	if renumbered == 0 {
		t.Error("nothing had to be renumbered: the test shows nothing")
	}
}

// TestRestoreLost: the store is gone and made anew; what it handed out after it was
// saved is not known, so counting goes on well above.
func TestRestoreLost(t *testing.T) {
	old := newRig(t)
	ctx := limit(t)
	must(t, old.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, old.client.AddPort(ctx, "web", guest("vm1", "10.0.0.11")))
	_, err := old.client.RegisterHost(ctx, logical.Host{Name: "h1", Addresses: []netip.Addr{addr("192.0.2.1")}}, time.Now())
	must(t, err)
	before, _, err := old.client.Load(ctx)
	must(t, err)
	must(t, old.client.Bind(ctx, "h1", before.PortByName("vm1").ID))
	saved := old.save(t)
	// After that it went on, and was lost.
	must(t, old.client.AddSwitch(ctx, logical.Switch{Name: "late"}))
	must(t, old.client.AddPort(ctx, "web", guest("vm2", "10.0.0.12")))
	late, _, err := old.client.Load(ctx)
	must(t, err)

	r := newRig(t)
	// What the new one handed out meanwhile are numbers of the saved one.
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "meanwhile"}))
	must(t, r.client.AddPort(ctx, "meanwhile", guest("vm9", "10.0.0.19")))
	meanwhile, _, err := r.client.Load(ctx)
	must(t, err)
	seen := owners{}
	seen.watch(t, meanwhile)
	_, err = r.client.RegisterHost(ctx, logical.Host{Name: "h2", Addresses: []netip.Addr{addr("192.0.2.2")}}, time.Now())
	must(t, err)
	_, err = r.client.Restore(ctx, saved, false)
	must(t, err)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "next"}))
	must(t, r.client.AddPort(ctx, "web", guest("vm3", "10.0.0.13")))
	after, _, err := r.client.Load(ctx)
	must(t, err)
	seen.watch(t, after)
	r.rested(t, after)
	for _, name := range []string{"next", "web"} {
		if key := after.SwitchKey(after.SwitchByName(name)); key <= datapathMargin {
			t.Errorf("%s has key %d, which the lost store may have handed out", name, key)
		}
	}
	if key := after.PortByName("vm3").Key; key <= portMargin {
		t.Errorf("vm3 has key %d, which the lost store may have handed out", key)
	}
	vm1 := after.PortByName("vm1")
	if before.PortByName("vm1").ID != vm1.ID || after.Bound(vm1.ID) == nil || after.Bound(vm1.ID).Host != "h1" {
		t.Errorf("vm1 came back as %+v, bound %v", vm1, after.Bound(vm1.ID))
	}
	h1, h2 := after.HostByName("h1"), after.HostByName("h2")
	if h1 == nil || h2 == nil || h1.Index == h2.Index {
		t.Errorf("hosts %+v, %+v", h1, h2)
	}
	if after.Generation() <= late.Generation() {
		t.Errorf("generation %d, the lost store had %d", after.Generation(), late.Generation())
	}
}

// TestParseSaved: what others write is read too, and what is damaged is refused.
func TestParseSaved(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddPort(ctx, "web", guest("vm1", "10.0.0.11")))
	ours := r.save(t)
	theirs, err := ParseSaved([]byte(r.tool(t, "backup", r.DBEndpoint(), Database)))
	must(t, err)
	if diff := cmp.Diff(ours.rows, theirs.rows); diff != "" {
		t.Errorf("ours(-) ovsdb-client's(+)\n%s", diff)
	}
	history, err := os.ReadFile(r.Path("sluice.db"))
	must(t, err)
	if out, err := r.Command(ctx, "ovsdb-tool", "compact", r.Path("sluice.db"), r.Path("compact.db")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(r.Path("compact.db"))
	must(t, err)
	compact, err := ParseSaved(text)
	must(t, err)
	if diff := cmp.Diff(ours.rows, compact.rows); diff != "" {
		t.Errorf("ours(-) a compact file(+)\n%s", diff)
	}
	empty, err := Empty()
	must(t, err)
	if s, err := ParseSaved(empty); err != nil || len(s.rows) > 0 {
		t.Errorf("an empty database: %v, %v", s, err)
	}
	for what, try := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":      {nil, "is not the head of a record"},
		"a history":    {history, "ovsdb-tool compact"},
		"half":         {text[:len(text)-7], "the file ends after"},
		"a changed":    {bytes.Replace(text, []byte("vm1"), []byte("vm7"), 1), "checksum"},
		"a member's":   {[]byte("OVSDB CLUSTER 3 x\n{}\n"), "cluster-to-standalone"},
		"another's":    {record(t, map[string]any{"name": "Open_vSwitch"}), `database "Open_vSwitch"`},
		"a wrong row":  {append(record(t, map[string]any{"name": Database}), record(t, map[string]any{"A": map[string]any{}})...), "no such table"},
		"not a schema": {record(t, []int{1}), "schema:"},
	} {
		if _, err := ParseSaved(try.text); err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: %v, want %s", what, err, try.want)
		}
	}
}

func record(t testing.TB, v any) []byte {
	t.Helper()
	text, err := logRecord(v)
	must(t, err)
	return text
}

// FuzzSaved holds the reader of saved databases to an error or rows with all the
// columns that their schema has.
func FuzzSaved(f *testing.F) {
	schema := map[string]any{"name": Database, "version": "1.0.0", "tables": map[string]any{"A": map[string]any{"columns": map[string]any{
		"n": map[string]any{"type": "integer"}, "s": map[string]any{"type": map[string]any{"key": "string", "min": 0, "max": "unlimited"}},
	}}}}
	f.Add(append(record(f, schema), record(f, map[string]any{"_date": 1, "A": map[string]any{noID: map[string]any{"n": 3}}})...))
	f.Add([]byte("OVSDB JSON -1 x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseSaved(text)
		if err != nil {
			return
		}
		for _, r := range s.rows["A"] {
			_ = r.number("n")
			_ = r.text("n")
		}
	})
}

// TestRestorePort: a key that rests is not taken back, in a switch and in a router.
func TestRestorePort(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	_, err := r.client.RegisterHost(ctx, logical.Host{Name: "h1", Addresses: []netip.Addr{addr("192.0.2.1")}}, time.Now())
	must(t, err)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddRouter(ctx, logical.Router{Name: "lr"}))
	must(t, r.client.AddLink(ctx, Link{Router: "lr", Switch: "web", Networks: []netip.Prefix{prefix("10.0.0.1/24")}}))
	must(t, r.client.AddPort(ctx, "web", guest("stays", "10.0.0.11")))
	must(t, r.client.AddPort(ctx, "web", guest("goes", "10.0.0.12")))
	before, _, err := r.client.Load(ctx)
	must(t, err)
	saved := r.save(t)
	must(t, r.client.DeletePort(ctx, "web", "goes"))
	must(t, r.client.DeleteRouterPort(ctx, "lr", "lr_to_web"))
	steps, err := r.client.Restore(ctx, saved, false)
	must(t, err)
	after, _, err := r.client.Load(ctx)
	must(t, err)
	r.rested(t, after)
	if before.PortByName("stays").Key != after.PortByName("stays").Key || before.PortByName("goes").Key == after.PortByName("goes").Key {
		t.Errorf("keys %+v, %+v", after.PortByName("stays"), after.PortByName("goes"))
	}
	if a, b := before.RouterPortByName("lr_to_web"), after.RouterPortByName("lr_to_web"); a.ID != b.ID || a.Key == b.Key {
		t.Errorf("%+v came back as %+v", a, b)
	}
	var told []string
	for _, s := range steps {
		if s.Op != StepAdd || len(s.Changes) != 1 || !strings.HasPrefix(s.Changes[0], "key: ") {
			t.Errorf("%+v", s)
		}
		told = append(told, s.Name)
	}
	if diff := cmp.Diff([]string{"goes", "lr_to_web"}, told); diff != "" {
		t.Error(diff)
	}
}
