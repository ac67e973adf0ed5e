package ovsdb_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

func TestDialWithoutServer(t *testing.T) {
	endpoint := "unix:" + filepath.Join(t.TempDir(), "db.sock")
	_, err := ovsdb.Dial(limit(t), endpoint, nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Dial: %v; want fs.ErrNotExist", err)
	}
	if want := "database " + endpoint + ": connect: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("Dial says\n%v\nwant\n%s", err, want)
	}
}

func TestDialWithoutPermission(t *testing.T) {
	h := server(t)
	if err := os.Chmod(h.DBSocket(), 0); err != nil {
		t.Fatal(err)
	}
	err := asNobody(func() error {
		c, err := ovsdb.Dial(limit(t), h.DBEndpoint(), nil)
		if err == nil {
			c.Close()
		}
		return err
	})
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Dial: %v; want fs.ErrPermission", err)
	}
}

// asNobody runs f on a thread that opens files as user nobody.
func asNobody(f func() error) error {
	if os.Geteuid() != 0 {
		return f()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its credentials
		if err := unix.Setfsuid(65534); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

func TestDialThatNobodyAnswers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := server(t)
	if _, err := ovsdb.Dial(ctx, h.DBEndpoint(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial with a canceled context: %v", err)
	}
}

// A schema that lacks what Sluice reads is told in words, not used.
func TestDialOldSchema(t *testing.T) {
	schema := doctored(t, "Interface", "mtu_request")
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true, Schema: schema})
	_, err := ovsdb.Dial(limit(t), h.DBEndpoint(), nil)
	want := "schema 8.3.0 has no column Interface.mtu_request: Sluice needs the schema of OVS 2.17 or later"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Dial: %v\nwant %q in it", err, want)
	}
	if err != nil && strings.Contains(err.Error(), "validation") {
		t.Errorf("Dial speaks of itself: %v", err)
	}
}

// doctored is the oldest schema without one column.
func doctored(t *testing.T, table, column string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/2.17.12/Open_vSwitch.ovsschema")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	delete(schema, "cksum")
	columns := schema["tables"].(map[string]any)[table].(map[string]any)["columns"].(map[string]any)
	if _, ok := columns[column]; !ok {
		t.Fatalf("%s has no column %s to take away", table, column)
	}
	delete(columns, column)
	text, err = json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "doctored.ovsschema")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A database in which nobody ran `ovs-vsctl init` gets its root row.
func TestDialEmptyDatabase(t *testing.T) {
	h := server(t)
	vsctl(t, h, "--all", "destroy", "Open_vSwitch")
	c := dial(t, h)
	if _, ok := observe(t, c).Row(vswitch.Root); !ok {
		t.Fatal("after Dial the mirror has no root row")
	}
	if n := strings.Count(vsctl(t, h, "--columns=_uuid", "list", "Open_vSwitch"), "_uuid"); n != 1 {
		t.Fatalf("the database has %d root rows", n)
	}
	write(t, c, bridge("br0"))
	if out := vsctl(t, h, "list-br"); out != "br0" {
		t.Errorf("the database has bridges %q, want br0", out)
	}
}

// Many that meet an empty database at once make one row.
func TestDialEmptyDatabaseTogether(t *testing.T) {
	h := server(t)
	vsctl(t, h, "--all", "destroy", "Open_vSwitch")
	ctx := limit(t)
	errs := make(chan error)
	for range 8 {
		go func() {
			c, err := ovsdb.Dial(ctx, h.DBEndpoint(), nil)
			if err == nil {
				c.Close()
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestServerEnds(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	o := observe(t, c)
	if err := h.StopDB(limit(t)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-limit(t).Done():
		t.Fatal("Done is not closed after the server ended")
	}
	if _, err := c.Observe(t.Context()); !errors.Is(err, ovsdb.ErrClosed) {
		t.Errorf("Observe: %v; want ErrClosed", err)
	}
	if _, err := c.Write(t.Context(), o, vswitch.Diff(o, bridge("br0"))); !errors.Is(err, ovsdb.ErrClosed) {
		t.Errorf("Write: %v; want ErrClosed", err)
	}
	if _, err := c.WaitConfigured(t.Context(), 1000); !errors.Is(err, ovsdb.ErrClosed) {
		t.Errorf("WaitConfigured: %v; want ErrClosed", err)
	}
	if _, err := c.Statistics(t.Context()); !errors.Is(err, ovsdb.ErrClosed) {
		t.Errorf("Statistics: %v; want ErrClosed", err)
	}
}

func TestClose(t *testing.T) {
	h := server(t)
	for range 50 { // the end of a connection has several moments
		c := dial(t, h)
		c.Close()
		c.Close()
		<-c.Done()
		if _, err := c.Observe(t.Context()); !errors.Is(err, ovsdb.ErrClosed) {
			t.Fatalf("Observe after Close: %v; want ErrClosed", err)
		}
	}
}
