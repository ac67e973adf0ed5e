package sluice_test

import (
	"slices"
	"strings"
	"testing"
)

// TestHouseBites shows that each law refuses what breaks it, and only that.
func TestHouseBites(t *testing.T) {
	h := readHouse(t)
	tests := []struct {
		path, text string
		want       string // "" = no complaint
	}{
		{"pmd/a.go", `package pmd; import _ "` + module + `/internal/cpuset"`, ""},
		{"pmd/a.go", `package pmd; import _ "` + module + `/internal/finding"`, ""},
		{"pmd/a.go", `package pmd; import _ "` + module + `/vhost"`, "pmd may not import vhost"},
		{"dpdk/a.go", `package dpdk; import x "` + module + `/internal/ovs/ovsdb"`, "dpdk may not import internal/ovs/ovsdb"},
		{"flows/a.go", `package flows; import . "` + module + `/pmd"`, "flows may not import pmd"},
		{"internal/cpuset/a.go", `package cpuset; import _ "` + module + `/internal/host"`, "internal/cpuset may not import internal/host"},
		{"internal/lab/a.go", `package lab; import _ "` + module + `/internal/ovs/unixctl"`, ""},
		{"internal/lab/a.go", `package lab; import _ "` + module + `/internal/agent"`, "internal/lab may not import internal/agent"},
		{"internal/agent/a.go", `package agent; import _ "` + module + `/internal/store"`, ""},
		{"internal/agent/a.go", `package agent; import _ "` + module + `/internal/lab"`, "internal/agent may not import internal/lab"},
		{"internal/agent/a.go", `package agent; import _ "` + module + `/internal/host/hosttest"`, "may not import internal/host/hosttest"},
		{"internal/agent/a_test.go", `package agent_test; import _ "` + module + `/internal/lab"`, ""},
		{"pmd/a_test.go", `package pmd_test; import (_ "` + module + `/pmd"; _ "` + module + `/internal/host/hosttest")`, ""},
		{"pmd/a_test.go", `package pmd_test; import _ "` + module + `/dpdk"`, "pmd may not import dpdk"},
		{"perf/bench/a.go", `package bench; import _ "` + module + `/internal/lab"`, ""},
		{"perf/bench/a.go", `package bench; import _ "` + module + `/cmd/sluiced"`, "perf/bench may not import cmd/sluiced"},
		{"cmd/sluicectl/a.go", `package main; import _ "` + module + `/perf/bench"`, "cmd/sluicectl may not import perf/bench"},
		{"cmd/sluice-perf/a.go", `package main; import _ "` + module + `/perf/bench"`, ""},
		{"internal/new/a.go", `package new`, "package internal/new is not in the table"},
		{"a_test.go", `package sluice_test; import _ "` + module + `/pmd"`, ". may not import pmd"},

		{"monitor/a.go", `package monitor; import _ "github.com/prometheus/client_golang/prometheus"`, ""},
		{"pmd/a.go", `package pmd; import _ "github.com/prometheus/client_golang/prometheus"`, "Prometheus is kept by monitor, internal/agent"},
		{"internal/agent/a.go", `package agent; import _ "github.com/ovn-kubernetes/libovsdb/client"`, "OVSDB is kept by internal/ovs/ovsdb"},
		{"flows/a.go", `package flows; import _ "antrea.io/libOpenflow/openflow15"`, "OpenFlow messages is kept by"},
		{"internal/agent/a.go", `package agent; import _ "github.com/digitalocean/go-openvswitch/ovs"`, "to compare with is kept by"},
		{"internal/agent/a_test.go", `package agent; import _ "github.com/digitalocean/go-openvswitch/ovs"`, ""},
		{"cmd/sluiced/a.go", `package main; import _ "github.com/spf13/viper"`, "settings is kept by configs"},
		{"cmd/sluiced/a.go", `package main; import _ "github.com/spf13/cobra"`, ""},
		{"internal/agent/a.go", `package agent; import _ "github.com/spf13/pflag"`, "command lines is kept by cmd/*, configs"},
		{"pmd/a.go", `package pmd; import _ "go.yaml.in/yaml/v3"`, "YAML is kept by configs"},
		{"pmd/a_test.go", `package pmd; import _ "gopkg.in/yaml.v3"`, "YAML is kept by configs"},
		{"internal/yamlout/a.go", `package yamlout; import _ "go.yaml.in/yaml/v3"`, ""},
		{"internal/api/a.go", `package api; import _ "github.com/containernetworking/cni/pkg/skel"`, "CNI is kept by cmd/sluice-cni"},
		{"internal/agent/a.go", `package agent; import _ "os/exec"`, "other programs is kept by"},
		{"internal/agent/a_test.go", `package agent; import _ "os/exec"`, ""},
		{"cmd/sluicectl/perf.go", `package main; import _ "os/exec"`, ""},
		{"cmd/sluicectl/plan.go", `package main; import _ "os/exec"`, "other programs is kept by"},

		{"pmd/a.go", `package pmd; import "os"; var x, _ = os.ReadFile("a")`, "pmd may not use os.ReadFile"},
		{"pmd/a.go", `package pmd; import "os"; var x = os.Getenv`, "pmd may not use os.Getenv"},
		{"pmd/a.go", `package pmd; import "os"; var x = os.Args`, "pmd may not use os.Args"},
		{"pmd/a.go", `package pmd; import "os"; var x, y = os.ErrNotExist, os.ModeDir`, ""},
		{"pmd/a.go", `package pmd; import w "os"; var x, _ = w.Open("a")`, "pmd may not use w.Open"},
		{"pmd/a.go", `package pmd; import . "os"`, "dot import of os"},
		{"pmd/a.go", `package pmd; import _ "io/ioutil"`, "may not import io/ioutil"},
		{"internal/agent/a.go", `package agent; import "time"; var x = time.Now()`, "internal/agent may not use time.Now"},
		{"internal/agent/a.go", `package agent; import "time"; func f() { go func() { time.NewTicker(1) }() }`, "may not use time.NewTicker"},
		{"internal/agent/a.go", `package agent; import "time"; var x = 3 * time.Second`, ""},
		{"internal/agent/a.go", `package agent; import "path/filepath"; var x, _ = filepath.Glob("*")`, "may not use filepath.Glob"},
		{"internal/agent/a.go", `package agent; import "path/filepath"; var x = filepath.Join("a", "b")`, ""},
		{"internal/agent/a_test.go", `package agent; import "time"; var x = time.Now()`, ""},
		{"internal/ovs/unixctl/a.go", `package unixctl; import "os"; var x, _ = os.ReadFile("a")`, ""},
		{"cmd/sluiced/a.go", `package main; import "time"; var x = time.Now()`, ""},

		{"pmd/a_test.go", `package pmd; func f(t T) { if x { t.Skip("no") } }`, "Skip skips by itself"},
		{"pmd/a_test.go", `package pmd; func f(t T) { t.Skipf("%d", 1) }`, "Skipf skips by itself"},
		{"pmd/a_test.go", `package pmd; func f(t T) { t.SkipNow() }`, "SkipNow skips by itself"},
		{"pmd/a_test.go", `package pmd; func f(t T) { if testing.Short() { t.Skip("long") } }`, ""},
		{"monitor/exposition_test.go", `package monitor; func f(t T) { t.Skip("no promtool") }`, ""},

		{"pmd/a.go", `package util`, "package util is named for nothing it owns"},
		{"pmd/a.go", `package pmd; func init() {}`, "init function"},
		{"pmd/a.go", `package pmd; type T int; func (T) init() {}`, ""},
		{"pmd/a.go", "package pmd\n\n// TO" + "DO: later.\n", "line 3: TO" + "DO"},
		{"pmd/a.go", "package pmd; import \"context\"; var x = context.TO" + "DO()\n", "line 1: TO" + "DO"},
	}
	for _, tt := range tests {
		f, err := parseSource(tt.path, tt.text)
		if err != nil {
			t.Fatalf("%s: %v", tt.text, err)
		}
		complaints := h.check(f)
		bites := slices.ContainsFunc(complaints, func(c string) bool { return strings.Contains(c, tt.want) })
		if tt.want == "" && len(complaints) > 0 || tt.want != "" && !bites {
			t.Errorf("%s: %s\ngot  %q\nwant %q", tt.path, tt.text, complaints, tt.want)
		}
	}
}

func TestPackageCommentsBite(t *testing.T) {
	var files []source
	for name, text := range map[string]string{
		"silent/a.go":       "package silent\n",
		"silent/a_test.go":  "// Package silent has a comment in a test only.\npackage silent\n",
		"terse/a.go":        "// Package terse.\npackage terse\n",
		"detached/a.go":     "// Package detached has a comment that is none.\n\npackage detached\n",
		"talkative/a.go":    "// Package talkative says what it owns.\npackage talkative\n",
		"talkative/more.go": "package talkative\n",
	} {
		f, err := parseSource(name, text)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	want := []string{
		"package detached has no package comment", "package silent has no package comment", "package terse has no package comment",
	}
	if got := packageComments(files); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTablesBite: a table that cannot be read is no licence.
func TestTablesBite(t *testing.T) {
	const head = "\n## Who imports whom\n\n| Rank | Package | May import |\n| --- | --- | --- |\n"
	for row, want := range map[string]string{
		"":                                "no table",
		"| 0 | `a` |\n":                   "2 cells instead of 3",
		"| 0 | `a` | b |\n":               `"b" names 0 packages`,
		"| 0 | `x/a`, `y/a`, `b` | a |\n": `"a" names 2 packages`,
		"| 0 | `a` | nothing |\n| 1 | `a` | nothing |\n": "a has two rows",
		"| 0 | `a` | nothing; mostly |\n":                `unknown remark " mostly"`,
	} {
		if _, err := parseImports(head + row); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", row, err, want)
		}
	}
	if _, err := parseImports("# Architecture\n"); err == nil {
		t.Error("no error without the heading")
	}
	if _, err := parseDoors("\n## Who touches the outside\n\n| What | In Go | Only in |\n| --- | --- | --- |\n| YAML | `y` | `configs` |\n"); err == nil {
		t.Error("no error without the row of " + world)
	}
}
