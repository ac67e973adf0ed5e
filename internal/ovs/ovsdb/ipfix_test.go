package ovsdb_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// exporters are rows that let bridge br0 export, and a collector set of it.
func exporters() []vswitch.Row {
	set := vswitch.ID{Table: vswitch.CollectorSetTable, Name: "br0/7"}
	br0 := vswitch.ID{Table: vswitch.BridgeTable, Name: "br0"}
	return []vswitch.Row{
		{ID: set, Parent: br0, Settings: vswitch.Settings{"id": "7"}},
		{
			ID: vswitch.ID{Table: vswitch.IPFIXTable, Name: "br0"}, Parent: br0,
			Settings: vswitch.Settings{"targets": "127.0.0.1:4739,[2001:db8::7]:4739", "sampling": "400", "cache_max_flows": "16"},
		},
		{ID: vswitch.ID{Table: vswitch.IPFIXTable, Name: "br0/7"}, Parent: set, Settings: vswitch.Settings{"targets": "127.0.0.1:4739"}},
	}
}

// TestIPFIXRows: exporters and collector sets are made, with their bridge and to one
// that is there, changed, and taken away, by us and by others, and what is left is what
// another program reads.
func TestIPFIXRows(t *testing.T) {
	const set = "br0 7 [127.0.0.1:4739]"
	other := exporters()
	other[1].Settings = vswitch.Settings{"targets": "127.0.0.1:4740", "sampling": "1"}
	foreign := []string{"set", "Bridge", "br0", "ipfix=@i", "--", "--id=@i", "create", "IPFIX", `targets="127.0.0.1:9"`}
	tests := []struct {
		name   string
		first  vswitch.Desired
		theirs []string // by ovs-vsctl, in between
		then   vswitch.Desired
		want   []string
	}{
		{"made with the bridge", bridge("br0", exporters()...), nil, bridge("br0", exporters()...), []string{set, "bridge [127.0.0.1:4739 [2001:db8::7]:4739] 400"}},
		{"made on a bridge", bridge("br0"), nil, bridge("br0", exporters()...), []string{set, "bridge [127.0.0.1:4739 [2001:db8::7]:4739] 400"}},
		{"changed", bridge("br0", exporters()...), nil, bridge("br0", other...), []string{set, "bridge [127.0.0.1:4740] 1"}},
		{"dropped", bridge("br0", exporters()...), nil, bridge("br0"), nil},
		{"bridge dropped", bridge("br0", exporters()...), nil, vswitch.Desired{}, nil},
		{"set dropped", bridge("br0", exporters()...), nil, bridge("br0", exporters()[1]), []string{"bridge [127.0.0.1:4739 [2001:db8::7]:4739] 400"}},
		{"taken away by somebody", bridge("br0", exporters()...), []string{"clear", "Bridge", "br0", "ipfix"}, bridge("br0", exporters()...), []string{set, "bridge [127.0.0.1:4739 [2001:db8::7]:4739] 400"}},
		{"bridge deleted by somebody", bridge("br0", exporters()...), []string{"del-br", "br0"}, vswitch.Desired{}, nil},
		{"bridge deleted by somebody, and wanted", bridge("br0", exporters()...), []string{"del-br", "br0"}, bridge("br0", exporters()...), []string{set, "bridge [127.0.0.1:4739 [2001:db8::7]:4739] 400"}},
		{"somebody else's stays", bridge("br0"), foreign, bridge("br0"), []string{"bridge [127.0.0.1:9] []"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := server(t)
			c := dial(t, h)
			write(t, c, tt.first)
			if tt.theirs != nil {
				vsctl(t, h, tt.theirs...)
			}
			o := write(t, dial(t, h), tt.then)
			if left := vswitch.Diff(o, tt.then); len(left) > 0 {
				t.Errorf("there is left to do: %v", left)
			}
			if diff := cmp.Diff(tt.want, exporting(t, h)); diff != "" {
				t.Errorf("-want +are:\n%s", diff)
			}
		})
	}
}

// exporting reads who exports where: a bridge with its sampling, a set with its number.
func exporting(t *testing.T, h *lab.Host) []string {
	t.Helper()
	list := func(table, columns string) [][]string {
		var rows [][]string
		out := vsctl(t, h, "--format=table", "--no-headings", "--data=json", "--columns="+columns, "list", table)
		for line := range strings.Lines(out) {
			rows = append(rows, strings.Fields(line))
		}
		return rows
	}
	var all []string
	clean := strings.NewReplacer(`["set",[`, "[", `]]`, "]", `"`, "", ",", " ")
	targets := map[string][2]string{}
	for _, r := range list("IPFIX", "_uuid,targets,sampling") {
		to := clean.Replace(r[1])
		if !strings.HasPrefix(to, "[") || strings.HasPrefix(to, "[2") {
			to = "[" + to + "]"
		}
		targets[r[0]] = [2]string{to, clean.Replace(r[2])}
	}
	for _, r := range list("Bridge", "ipfix") {
		if x, ok := targets[r[0]]; ok {
			all = append(all, "bridge "+x[0]+" "+x[1])
		}
	}
	for _, r := range list("Flow_Sample_Collector_Set", "id,ipfix") {
		all = append(all, "br0 "+r[0]+" "+targets[r[1]][0])
	}
	slices.Sort(all)
	return all
}
