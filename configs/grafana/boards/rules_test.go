package boards

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// prometheusDir is where the rules lie that Prometheus reads.
const prometheusDir = "../../prometheus"

// rule is one of a file of rules.
type rule struct {
	Record, Alert, Expr, For string
	Labels, Annotations      map[string]string
}

// rules reads all files of rules.
func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, file := range files(t, prometheusDir+"/rules/*.yaml") {
		var f struct {
			Groups []struct {
				Name  string
				Rules []rule
			}
		}
		decode(t, file, &f)
		for _, g := range f.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

// TestRules holds recording rules and alerts to the table of metrics.
func TestRules(t *testing.T) {
	table := metrics(t)
	for _, r := range rules(t) {
		if r.Record != "" {
			table[r.Record] = metric{labels: groupings(t, r.Expr)}
		}
	}
	for _, r := range rules(t) {
		for _, complaint := range complaints(r.Expr, table) {
			t.Errorf("%s%s: %s", r.Record, r.Alert, complaint)
		}
	}
}

// groupings are the labels that the aggregations of a recording rule leave.
func groupings(t *testing.T, expr string) map[string]bool {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	left := map[string]bool{}
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if n, ok := node.(*parser.AggregateExpr); ok {
			for _, label := range n.Grouping {
				left[label] = true
			}
		}
		return nil
	})
	return left
}

// TestAlerts: each tells what is wrong, for how long it waits, and where it is
// written what to do; and each section of the runbooks is of an alert.
func TestAlerts(t *testing.T) {
	sections := headings(t)
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		anchor := strings.ToLower(r.Alert)
		if !sections[anchor] {
			t.Errorf("%s: docs/runbooks.md has no section of it", r.Alert)
		}
		delete(sections, anchor)
		if r.Annotations["runbook_url"] != pages+"runbooks.md#"+anchor {
			t.Errorf("%s: runbook_url is %s", r.Alert, r.Annotations["runbook_url"])
		}
		if len(r.Annotations["summary"]) < 20 || len(r.Annotations["description"]) < 60 || !strings.Contains(r.Annotations["summary"], "instance") {
			t.Errorf("%s: a summary with the host and a description are wanted", r.Alert)
		}
		if r.For == "" || !slices.Contains([]string{"warning", "critical"}, r.Labels["severity"]) {
			t.Errorf("%s: a time to wait and a severity are wanted", r.Alert)
		}
	}
	for anchor := range sections {
		t.Errorf("docs/runbooks.md#%s is of no alert", anchor)
	}
}

// TestPanelsSee: what panels refer to is there.
func TestPanelsSee(t *testing.T) {
	sections := headings(t)
	for _, b := range boards() {
		for _, r := range b.rows {
			for _, p := range r.panels {
				if p.see != "" && !sections[p.see] {
					t.Errorf("%s: panel %q sees runbooks.md#%s, which is not there", b.uid, p.title, p.see)
				}
			}
		}
	}
}

// headings are the anchors of the sections of the runbooks.
func headings(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../../../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(string(text), -1) {
		anchors[strings.ToLower(m[1])] = true
	}
	return anchors
}

// TestAlertsAreTested: promtool's tests have of each alert one that fires and,
// beside it, what must not; of each recording rule its numbers.
func TestAlertsAreTested(t *testing.T) {
	fires, quiet, text := map[string]bool{}, map[string]bool{}, ""
	for _, file := range files(t, prometheusDir+"/tests/*.yaml") {
		var f struct {
			Tests []struct {
				Alerts []struct {
					Name string     `yaml:"alertname"`
					Want []struct{} `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
				Exprs []struct{ Expr string } `yaml:"promql_expr_test"`
			}
		}
		decode(t, file, &f)
		for _, test := range f.Tests {
			for _, a := range test.Alerts {
				fires[a.Name] = fires[a.Name] || len(a.Want) > 0
				quiet[a.Name] = quiet[a.Name] || len(a.Want) == 0
			}
			for _, e := range test.Exprs {
				text += e.Expr + "\n"
			}
		}
	}
	for _, r := range rules(t) {
		switch {
		case r.Alert != "" && (!fires[r.Alert] || !quiet[r.Alert]):
			t.Errorf("%s: tested to fire %v, not to fire %v", r.Alert, fires[r.Alert], quiet[r.Alert])
		case r.Record != "" && !strings.Contains(text, r.Record):
			t.Errorf("%s: its numbers are not tested", r.Record)
		}
	}
}

// TestPromtool asks Prometheus's own tool.
func TestPromtool(t *testing.T) {
	for _, args := range [][]string{
		append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files(t, prometheusDir+"/rules/*.yaml")...),
		{"check", "config", prometheusDir + "/prometheus.yaml"},
		append([]string{"test", "rules"}, files(t, prometheusDir+"/tests/*.yaml")...),
	} {
		t.Run(strings.Join(args[:2], " "), func(t *testing.T) {
			if out, err := exec.CommandContext(t.Context(), promtool(t), args...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// promtool is the tool; where it is missing the test is left out, and fails
// where CI=true says that everything must be there.
func promtool(t *testing.T) string {
	t.Helper()
	name, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI=true, but this machine lacks package prometheus (promtool)")
		}
		t.Skip("this machine lacks package prometheus (promtool)")
	}
	return name
}

// TestProvisioning: Grafana's provisioning files say what theirs must.
func TestProvisioning(t *testing.T) {
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct{ Name, Type, Access, URL string }
	}
	decode(t, "../provisioning/datasources/sluice.yaml", &sources)
	if sources.APIVersion != 1 || len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" {
		t.Errorf("%+v", sources)
	}
	var boards struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type string
			AllowUI            bool              `yaml:"allowUiUpdates"`
			Options            map[string]string `yaml:"options"`
		}
	}
	decode(t, "../provisioning/dashboards/sluice.yaml", &boards)
	if boards.APIVersion != 1 || len(boards.Providers) != 1 || boards.Providers[0].Type != "file" ||
		boards.Providers[0].AllowUI || boards.Providers[0].Options["path"] == "" {
		t.Errorf("%+v", boards)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return found
}

// decode reads a file; what keys it must not have, promtool and Grafana know.
func decode(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
