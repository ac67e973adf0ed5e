package plan_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestDescribeRecorded describes a switch as it was recorded under load: OVS
// 3.1.0 with DPDK, a NIC, a tap device, three guests and two tunnels.
func TestDescribeRecorded(t *testing.T) {
	o := recorded(t, "testdata/3.1.0-dpdk")
	o.OVSVersion, o.DPDKInitialized = "3.1.0", true
	topo := hosttest.Topology(t, "vm2")
	d := plan.Describe(o, topo)
	text, made := adopted(t, o, topo, d)
	text += "left: " + strings.Join(d.Left, "\nleft: ") + "\n"
	for _, c := range made.Changes {
		text += fmt.Sprintf("%s\n", c)
	}
	const file = "testdata/3.1.0-dpdk/adopted.txt"
	golden.Check(t, file, text)
}

// recorded reads what `ovs-vsctl -f json list` (ovs-vsctl(8), "list") printed of
// two tables, and puts ports and bridges around the interfaces as dpif/show has
// them.
func recorded(t *testing.T, dir string) vswitch.Observed {
	t.Helper()
	var o vswitch.Observed
	for _, row := range table(t, filepath.Join(dir, "Open_vSwitch.dump.json")) {
		r := vswitch.ObservedRow{Row: vswitch.Row{ID: vswitch.Root, Settings: vswitch.Settings{}}}
		keep(r.Settings, row, "other_config", "external_ids")
		o.Rows = append(o.Rows, r)
	}
	bridge := bridges(t, filepath.Join(dir, "dpif_show.txt"))
	for _, name := range slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, b := range bridge {
			yield(b)
		}
	})) {
		r := vswitch.ObservedRow{Row: vswitch.Row{ID: vswitch.ID{Table: vswitch.BridgeTable, Name: name}, Parent: vswitch.Root}}
		r.Settings = vswitch.Settings{"datapath_type": "netdev"}
		o.Rows = append(o.Rows, r)
	}
	for _, row := range table(t, filepath.Join(dir, "Interface.dump.json")) {
		name := row["name"].(string)
		port := vswitch.ID{Table: vswitch.PortTable, Name: name}
		o.Rows = append(o.Rows, vswitch.ObservedRow{Row: vswitch.Row{ID: port, Parent: vswitch.ID{Table: vswitch.BridgeTable, Name: bridge[name]}, Settings: vswitch.Settings{}}})
		r := vswitch.ObservedRow{Row: vswitch.Row{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: name}, Parent: port, Settings: vswitch.Settings{}}}
		keep(r.Settings, row, "options", "other_config", "external_ids")
		r.Settings.Set("type", row["type"].(string))
		status := vswitch.Settings{}
		keep(status, row, "status")
		r.Status = &vswitch.InterfaceStatus{Status: map[string]string{}}
		for k, v := range status {
			r.Status.Status[strings.TrimPrefix(k, "status:")] = v
		}
		r.Status.LinkState, _ = row["link_state"].(string)
		r.Status.MACInUse, _ = row["mac_in_use"].(string)
		if mtu, ok := row["mtu"].(float64); ok {
			n := int64(mtu)
			r.Status.MTU = &n
		}
		o.Rows = append(o.Rows, r)
	}
	vswitch.SortObserved(o.Rows)
	return o
}

// table reads one table as rows by column.
func table(t *testing.T, file string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var dump struct {
		Headings []string
		Data     [][]any
	}
	if err := json.Unmarshal(data, &dump); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	for _, values := range dump.Data {
		row := map[string]any{}
		for i, v := range values {
			row[dump.Headings[i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// keep adds map columns: ["map", [["key", "value"], ...]] (RFC 7047, section 5.1).
func keep(s vswitch.Settings, row map[string]any, columns ...string) {
	for _, column := range columns {
		for _, pair := range row[column].([]any)[1].([]any) {
			p := pair.([]any)
			s[column+":"+p[0].(string)] = fmt.Sprint(p[1])
		}
	}
}

// bridges reads which bridge has a port: dpif/show, ofproto/ofproto-dpif.c.
func bridges(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	of, current := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(line, "    "):
			of[word] = current
		case strings.HasPrefix(line, "  "):
			current = strings.TrimSuffix(word, ":")
		}
	}
	return of
}
