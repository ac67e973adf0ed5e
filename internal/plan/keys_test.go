package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// TestKeysHaveOneOwner: no setting stands in two tables, under its new name or
// an old one, and each says what it costs.
func TestKeysHaveOneOwner(t *testing.T) {
	owners := map[vswitch.ID]string{}
	own := func(owner string, keys []vswitch.Key) {
		for _, k := range keys {
			for _, name := range []string{k.Name, k.OldName} {
				id := vswitch.ID{Table: k.Table, Name: name}
				if other := owners[id]; name != "" && other != "" {
					t.Errorf("%s is %s's and %s's", id, other, owner)
				}
				if name != "" {
					owners[id] = owner
				}
			}
			judgeKey(t, k)
		}
	}
	own("dpdk", dpdk.Keys())
	own("pmd", pmd.Keys())
	own("vhost", vhost.Keys())
	own("flows", flows.Keys())
	own("monitor/ipfix", ipfix.Keys())
	if got, want := len(plan.Keys()), len(dpdk.Keys())+len(pmd.Keys())+len(vhost.Keys())+len(flows.Keys())+len(ipfix.Keys())+2; got != want {
		t.Errorf("plan.Keys has %d keys, want %d", got, want)
	}
	for _, k := range plan.Keys() {
		if owners[vswitch.ID{Table: k.Table, Name: k.Name}] == "" {
			own("plan", []vswitch.Key{k})
		}
	}
}

func judgeKey(t *testing.T, k vswitch.Key) {
	t.Helper()
	column, key := vswitch.Column(k.Name)
	if !slices.Contains([]vswitch.Class{vswitch.Live, vswitch.PMDRecreation, vswitch.PortRestart, vswitch.RestartNeeded}, k.Class) {
		t.Errorf("%s %s: class %q", k.Table, k.Name, k.Class)
	}
	if k.Class == vswitch.RestartNeeded && k.Table != vswitch.OpenvSwitch {
		t.Errorf("%s %s: only settings of the whole switch need a restart", k.Table, k.Name)
	}
	// vswitchd does not monitor external_ids: writing them disturbs nothing.
	if column == "external_ids" && k.Class != vswitch.Live {
		t.Errorf("%s %s: class %q of an external id", k.Table, k.Name, k.Class)
	}
	if k.OneWay && k.Class != vswitch.RestartNeeded {
		t.Errorf("%s %s: one-way, and no restart is needed", k.Table, k.Name)
	}
	if key == "" && k.Table == vswitch.OpenvSwitch {
		t.Errorf("%s: columns of the switch are not ours to own", k.Name)
	}
	for _, release := range []string{"2.17.12", "3.1.0", "3.6.3", "4.0", ""} {
		// A default means itself, or plans would never converge.
		if d := k.DefaultIn(release); d != "" && k.Meaning(d, release) != d {
			t.Errorf("%s %s: the default %q means %q", k.Table, k.Name, d, k.Meaning(d, release))
		}
	}
}

// TestColumnsExist: every column that a plan may write is in the schema of
// every release from OVS 2.17 on.
func TestColumnsExist(t *testing.T) {
	files, err := filepath.Glob("../ovs/ovsdb/testdata/*/Open_vSwitch.ovsschema")
	if err != nil || len(files) < 5 {
		t.Fatalf("schemas %v: %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Tables map[vswitch.Table]struct {
				Columns map[string]json.RawMessage
			}
		}
		if err := json.Unmarshal(data, &schema); err != nil {
			t.Fatal(err)
		}
		for _, k := range plan.Keys() {
			column, _ := vswitch.Column(k.Name)
			for _, c := range []string{column, "external_ids"} {
				if _, found := schema.Tables[k.Table].Columns[c]; !found {
					t.Errorf("%s: table %s has no column %s", filepath.Base(filepath.Dir(file)), k.Table, c)
				}
			}
		}
	}
}
