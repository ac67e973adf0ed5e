package ovsdb_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// The schemas of every release that Sluice serves (vswitchd/vswitch.ovsschema)
// take what it writes and give it back.
func TestEverySchema(t *testing.T) {
	files, err := filepath.Glob("testdata/*/Open_vSwitch.ovsschema")
	if err != nil || len(files) < 5 {
		t.Fatalf("only %d schemas found: %v", len(files), err)
	}
	want := bridge("br0", limited("p1", "br0")...)
	want.Rows = append(want.Rows, row(vswitch.OpenvSwitch, ".", "", "other_config:pmd-cpu-mask=2"))
	vswitch.Sort(want.Rows)
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			schema, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			h := lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true, Schema: schema})
			c := dial(t, h)
			o := write(t, c, want)
			if left := vswitch.Diff(o, want); len(left) > 0 {
				t.Errorf("there is left to do: %v", left)
			}
			out, err := h.Command(limit(t), "ovsdb-client", "get-schema-version", h.DBEndpoint(), "Open_vSwitch").Output()
			if err != nil || strings.TrimSpace(string(out)) != o.Schema.Version {
				t.Errorf("schema version is %q, %v; we read %q", out, err, o.Schema.Version)
			}
			again := printed(write(t, dial(t, h), want))
			if diff := cmp.Diff(printed(o), again); diff != "" {
				t.Errorf("a second connection reads (-first +second):\n%s", diff)
			}
			if left := printed(write(t, c, vswitch.Desired{})); left != "Open_vSwitch .\n" {
				t.Errorf("after all was taken back there is\n%s", left)
			}
			if _, err := c.Statistics(limit(t)); err != nil {
				t.Error(err)
			}
		})
	}
}
