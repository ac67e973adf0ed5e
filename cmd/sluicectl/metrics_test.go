package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/monitor"
)

// TestMetricsList: the table in every form, without a daemon; markdown is the page
// in docs.
func TestMetricsList(t *testing.T) {
	nobody := filepath.Join(shortDir(t), "none.sock")
	list := func(args ...string) console {
		return call{args: append([]string{"metrics", "list"}, args...)}.at(t, nobody)
	}
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(console{stdout: string(page)}, list("--output", "markdown"), cmp.AllowUnexported(console{})); diff != "" {
		t.Errorf("markdown is not docs/metrics.md (-page +printed):\n%s", diff)
	}

	var rows []monitor.Metric
	if err := json.Unmarshal([]byte(list("-o", "json").stdout), &rows); err != nil {
		t.Fatal(err)
	}
	table := list().stdout
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(rows) != len(monitor.Table()) || len(lines) != len(rows)+1 {
		t.Fatalf("%d metrics in the table of the daemon, %d in JSON, %d lines", len(monitor.Table()), len(rows), len(lines))
	}
	for i, m := range rows {
		if got := strings.Fields(lines[i+1])[0]; got != m.Name {
			t.Errorf("line %d is of %s, JSON has %s", i+1, got, m.Name)
		}
	}
	named := list("ovs_drops_total", "ovs_build_info")
	for _, want := range []string{"ovs_drops_total\n", "\n  unit     packets\n", "\n\novs_build_info\n", "\n  unit     -\n", "  meaning  ", "  source   "} {
		if named.code != 0 || !strings.Contains(named.stdout, want) {
			t.Errorf("named: no %q in %s", want, named)
		}
	}
	if got := list("ovs_drop_total"); got.code != 3 || !strings.Contains(got.stderr, `no metric "ovs_drop_total"`) {
		t.Errorf("an unknown name: %s", got)
	}
	if got := list("-o", "yaml"); got.code != 0 || !strings.Contains(got.stdout, "- name: ovs_build_info\n") {
		t.Errorf("yaml: %s", got)
	}
	if got := list("-o", "csv"); got.code != 2 || !strings.Contains(got.stderr, "none of table, json, yaml, markdown") {
		t.Errorf("an unknown form: %s", got)
	}
}
