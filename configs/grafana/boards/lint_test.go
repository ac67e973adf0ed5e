package boards

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// read reads the committed dashboards strictly, as Grafana's own schema has them.
func read(t *testing.T) map[string]dashboard.Dashboard {
	t.Helper()
	plugins.RegisterDefaultPlugins() // so that panels and targets are read as what they are
	files, err := filepath.Glob(dashboards + "/*.json")
	if err != nil || len(files) != len(boards()) {
		t.Fatalf("%d dashboards, want %d: %v", len(files), len(boards()), err)
	}
	all := map[string]dashboard.Dashboard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard.Dashboard
		err = d.UnmarshalJSONStrict(text)
		// v0.0.18 returns an empty list of errors where it means none.
		if errs, listed := errors.AsType[cog.BuildErrors](err); err != nil && (!listed || len(errs) > 0) {
			t.Fatalf("%s: %v", file, err)
		}
		all[file] = d
	}
	return all
}

// TestLint are the rules of grafana/dashboard-linter, which cannot be had as a
// module: what it wants of a dashboard, its variables, its panels and their targets.
func TestLint(t *testing.T) {
	for file, d := range read(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			lintBoard(t, d)
			for _, v := range d.Templating.List {
				lintVariable(t, v)
			}
			for _, p := range d.Panels {
				if p.Panel != nil {
					lintPanel(t, *p.Panel)
				}
			}
		})
	}
}

func lintBoard(t *testing.T, d dashboard.Dashboard) {
	t.Helper()
	if d.Editable == nil || *d.Editable {
		t.Error("it is editable: changes would be lost with the next provisioning")
	}
	if d.Title == nil || *d.Title == "" || d.Uid == nil || *d.Uid == "" || d.Description == nil || *d.Description == "" {
		t.Error("title, uid and description are wanted")
	}
	var names []string
	for _, v := range d.Templating.List {
		names = append(names, v.Name)
	}
	if len(names) < 3 || !slices.Equal(names[:3], []string{"datasource", "job", "instance"}) {
		t.Errorf("variables %v, want datasource, job and instance first", names)
	}
	seen := map[string]bool{}
	for _, p := range d.Panels {
		if p.Panel == nil {
			continue
		}
		if seen[*p.Panel.Title] {
			t.Errorf("two panels are called %q", *p.Panel.Title)
		}
		seen[*p.Panel.Title] = true
	}
}

func lintVariable(t *testing.T, v dashboard.VariableModel) {
	t.Helper()
	if v.Label == nil || *v.Label == "" {
		t.Errorf("variable %s has no label", v.Name)
	}
	if v.Type == dashboard.VariableTypeDatasource {
		if v.Query == nil || *v.Query.String != "prometheus" {
			t.Errorf("variable %s is of another data source", v.Name)
		}
		return
	}
	if v.Datasource == nil || *v.Datasource.Uid != "${datasource}" {
		t.Errorf("variable %s does not ask $datasource", v.Name)
	}
	if v.Refresh == nil || *v.Refresh != dashboard.VariableRefreshOnTimeRangeChanged {
		t.Errorf("variable %s is not refreshed with the time range", v.Name)
	}
	if v.Multi == nil || !*v.Multi || v.IncludeAll == nil || !*v.IncludeAll || v.AllValue == nil || *v.AllValue != ".+" {
		t.Errorf("variable %s is no choice of several, with all of them as .+", v.Name)
	}
	m := labelValues.FindStringSubmatch(*v.Query.String)
	if m == nil || m[2] != v.Name {
		t.Errorf("variable %s: %s is not the values of that label", v.Name, *v.Query.String)
		return
	}
	table := metrics(t)
	name, _, _ := strings.Cut(m[1], "{")
	if !table[name].labels[m[2]] {
		t.Errorf("variable %s: no metric %s with that label", v.Name, name)
	}
	if _, err := parser.NewParser(parser.Options{}).ParseExpr(concrete(m[1])); err != nil {
		t.Errorf("variable %s: %v", v.Name, err)
	}
}

var labelValues = regexp.MustCompile(`^label_values\((.+), ([a-z]+)\)$`)

// units are the unit ids of Grafana that the boards use.
var units = []string{"short", "percentunit", "s", "bytes", "Bps", "pps", "ops", "dateTimeFromNow"}

func lintPanel(t *testing.T, p dashboard.Panel) {
	t.Helper()
	if p.Title == nil || *p.Title == "" || p.Description == nil || len(*p.Description) < 40 {
		t.Errorf("panel %v: a title and a description that tells what to do are wanted", p.Title)
		return
	}
	if p.Datasource == nil || *p.Datasource.Uid != "${datasource}" {
		t.Errorf("panel %q does not ask $datasource", *p.Title)
	}
	if p.FieldConfig == nil || p.FieldConfig.Defaults.Unit == nil || !slices.Contains(units, *p.FieldConfig.Defaults.Unit) {
		t.Errorf("panel %q has no unit of %v", *p.Title, units)
	}
	if g := p.GridPos; g == nil || g.X+g.W > 24 {
		t.Errorf("panel %q is out of the grid", *p.Title)
	}
	if len(p.Targets) == 0 {
		t.Errorf("panel %q asks nothing", *p.Title)
	}
	for _, target := range p.Targets {
		q, ok := target.(prometheus.Dataquery)
		if !ok {
			t.Errorf("panel %q: a target is %T", *p.Title, target)
			continue
		}
		for _, complaint := range append(complaints(q.Expr, metrics(t)), placed(q.Expr)...) {
			t.Errorf("panel %q: %s: %s", *p.Title, q.Expr, complaint)
		}
		if q.LegendFormat == nil || *q.LegendFormat == "" {
			t.Errorf("panel %q: a target has no legend", *p.Title)
		}
	}
}

// placed says where an expression asks others than the chosen hosts, or has a
// range of its own.
func placed(expr string) []string {
	const job, instance = "JOB", "INSTANCE"
	named := strings.NewReplacer("$__rate_interval", "7d", "$job", job, "$instance", instance).Replace(expr)
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(regexp.MustCompile(`\$[a-z]+`).ReplaceAllString(named, ".+"))
	if err != nil {
		return nil // complaints tells
	}
	var wrong []string
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			has := func(name, value string) bool {
				return slices.ContainsFunc(n.LabelMatchers, func(m *labels.Matcher) bool {
					return m.Name == name && m.Value == value && m.Type == labels.MatchRegexp
				})
			}
			if !has("job", job) || !has("instance", instance) {
				wrong = append(wrong, n.Name+" is not of the chosen job and instance")
			}
		case *parser.MatrixSelector:
			if n.Range.Hours() != 7*24 {
				wrong = append(wrong, "a range that is not $__rate_interval")
			}
		}
		return nil
	})
	return wrong
}
