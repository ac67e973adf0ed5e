package store

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// A backup is what ovsdb-tool reads, and what ovsdb-client restores: afterwards the
// network is the same, keys and bindings included.
func TestBackup(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddPort(ctx, "web", guest("vm1", "10.0.0.11", "fd00::11")))
	must(t, r.client.AddRouter(ctx, logical.Router{Name: "lr"}))
	must(t, r.client.AddLink(ctx, Link{Router: "lr", Switch: "web", Networks: []netip.Prefix{prefix("10.0.0.1/24")}}))
	before, _, err := r.client.Load(ctx)
	must(t, err)
	must(t, r.client.Bind(ctx, "h1", before.PortByName("vm1").ID))
	before, _, err = r.client.Load(ctx)
	must(t, err)

	file := r.Path("backup.db")
	f, err := os.Create(file)
	must(t, err)
	must(t, r.client.Backup(ctx, f, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	must(t, f.Close())
	out, err := r.Command(ctx, "ovsdb-tool", "db-name", file).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != Database {
		t.Fatalf("ovsdb-tool reads %s: %v", out, err)
	}

	must(t, r.client.DeleteRouter(ctx, "lr", true))
	must(t, r.client.DeleteSwitch(ctx, "web", true))
	restore := r.Command(ctx, "ovsdb-client", "restore", r.DBEndpoint(), Database)
	f, err = os.Open(file)
	must(t, err)
	defer f.Close()
	restore.Stdin = f
	if out, err := restore.CombinedOutput(); err != nil {
		t.Fatalf("restore: %v: %s", err, out)
	}
	after, faults, err := r.client.Load(ctx)
	must(t, err)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if diff := cmp.Diff(exported(t, before), exported(t, after)); diff != "" {
		t.Error(diff)
	}
	p, q := before.PortByName("vm1"), after.PortByName("vm1")
	if p.Key != q.Key || before.SwitchKey(before.SwitchByName("web")) != after.SwitchKey(after.SwitchByName("web")) || after.Bound(q.ID) == nil {
		t.Errorf("%+v came back as %+v, bound %v", p, q, after.Bound(q.ID))
	}
}

// exported is a network as its document.
func exported(t testing.TB, n *logical.Snapshot) string {
	t.Helper()
	text, err := json.MarshalIndent(Export(n), "", "  ")
	must(t, err)
	return string(text)
}

// FuzzDocument holds the parser of documents, and what makes a network of them, to
// an error or a network that is exported as one that parses again.
func FuzzDocument(f *testing.F) {
	files, err := filepath.Glob("../../cmd/sluicectl/testdata/network/import/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ParseDocument(text)
		if err != nil {
			return
		}
		drafted, err := draft(d, new(logical.Snapshot))
		if err != nil {
			return
		}
		p, err := drafted.plan(true)
		if err != nil {
			return
		}
		once := exported(t, p.will)
		again, err := ParseDocument([]byte(once))
		must(t, err)
		drafted, err = draft(again, p.will)
		must(t, err)
		p, err = drafted.plan(true)
		must(t, err)
		if steps := p.steps(); len(steps) > 0 {
			t.Errorf("what was imported is not what was exported:\n%v\n%s", steps, once)
		}
	})
}

// FuzzTupleNet holds the reader of TupleNet's dumps to an error or a document that
// is one of ours.
func FuzzTupleNet(f *testing.F) {
	text, err := os.ReadFile("../../cmd/sluicectl/testdata/network/import/tuplenet.dump")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("/tuplenet/entity_view/LS/a\x7f\nid=1\n"))
	f.Add([]byte("/tuplenet/entity_view/LS/\xff\nid=1\n"))
	f.Add([]byte(`{"kvs":[{"key":"L3R1cGxlbmV0L2VudGl0eV92aWV3L0xTL2E=","value":"aWQ9MQ=="}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, _, err := ParseTupleNet(text)
		if err != nil {
			return
		}
		out, err := json.Marshal(d)
		must(t, err)
		if _, err := ParseDocument(out); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
}
