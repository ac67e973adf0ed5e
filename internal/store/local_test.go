package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// TestEmpty: our empty database is the one that ovsdb-tool makes of the schema, as
// the server sees it (it leaves out of a schema what is default).
func TestEmpty(t *testing.T) {
	r := newRig(t)
	must(t, os.WriteFile(r.Path("schema"), Schema(), 0o644))
	out, err := r.Command(limit(t), "ovsdb-tool", "create", r.Path("theirs.db"), r.Path("schema")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	theirs, err := os.ReadFile(r.Path("theirs.db"))
	must(t, err)
	ours, err := Empty()
	must(t, err)
	var served any
	must(t, json.Unmarshal([]byte(r.tool(t, "get-schema", r.DBEndpoint(), Database)), &served))
	head, body, _ := bytes.Cut(theirs, []byte("\n"))
	var made any
	must(t, json.Unmarshal(body, &made))
	if diff := cmp.Diff(made, served); diff != "" {
		t.Errorf("theirs(-) ours, served(+)\n%s", diff)
	}
	if magic := "OVSDB JSON "; !bytes.HasPrefix(head, []byte(magic)) || !bytes.HasPrefix(ours, []byte(magic)) {
		t.Errorf("theirs begins %q, ours %.20q", head, ours)
	}
	must(t, os.WriteFile(r.Path("ours.db"), ours, 0o644))
	// It reads every record and checks its length and its sum.
	log, err := r.Command(limit(t), "ovsdb-tool", "show-log", r.Path("ours.db")).CombinedOutput()
	if err != nil || !strings.Contains(string(log), `"Sluice" schema, version="1.0.0"`) {
		t.Errorf("%v: %s", err, log)
	}
}

// TestLocal: the server forgets what was added when it ends; what was written stays.
func TestLocal(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	r.addDB(t) // is there already
	must(t, r.StopDB(ctx))
	must(t, r.StartDB(ctx))
	if _, _, err := r.client.Load(ctx); !errors.Is(err, ErrNoDatabase) {
		t.Fatalf("after a restart: %v", err)
	}
	r.addDB(t)
	s, _, err := r.client.Load(ctx)
	must(t, err)
	if s.SwitchByName("web") == nil {
		t.Error("the switch did not survive")
	}
	info, err := os.Stat(r.Path("sluice.db"))
	must(t, err)
	like, err := os.Stat(r.Path("conf.db"))
	must(t, err)
	if info.Mode() != like.Mode() {
		t.Errorf("mode %v, conf.db has %v", info.Mode(), like.Mode())
	}
}

// TestLocalRefused: the message says which file and which user.
func TestLocalRefused(t *testing.T) {
	r := newRig(t)
	server := &unixctl.Client{Program: "ovsdb-server", Socket: r.DBCtl()}
	_, err := server.Call(limit(t), "ovsdb-server/remove-db", Database)
	must(t, err)
	must(t, os.WriteFile(r.Path("bad.db"), []byte("no database\n"), 0o644))
	err = EnsureLocal(limit(t), server, r.Path("bad.db"), r.Path("conf.db"))
	if err == nil || !strings.Contains(err.Error(), "cannot open "+r.Path("bad.db")) || !strings.Contains(err.Error(), "user id") {
		t.Errorf("%v", err)
	}
}
