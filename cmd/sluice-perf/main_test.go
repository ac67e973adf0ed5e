package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/perf/bench"
)

// call runs the program and returns its exit code and what it printed.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(t.Context(), args, &out, &diag)
	return code, out.String(), diag.String()
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		args string
		code int
		says string // on standard error
	}{
		{"", exitMet, ""},
		{"--help", exitMet, ""},
		{"--version", exitMet, ""},
		{"run --help", exitMet, ""},
		{"dance", exitUsage, `unknown command "dance"`},
		{"--fast", exitUsage, "unknown flag: --fast"},
		{"list all", exitUsage, `unexpected argument "all"`},
		{"list -o yaml", exitUsage, `--output "yaml" is none of table, json`},
		{"run", exitUsage, "name scenarios, or say --all"},
		{"run --all plan512", exitUsage, "--all and names exclude each other"},
		{"run --loops 3 plan512", exitUsage, "unknown flag: --loops"},
		{"run nonesuch", exitNotFound, `no scenario "nonesuch"; there are apply`},
		{"report --page nonesuch.md --results nonesuch --data nonesuch", exitFailed, "nonesuch.md"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, stdout, stderr := call(t, strings.Fields(tt.args)...)
			if code != tt.code || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit code %d, want %d; said %q", code, tt.code, stderr)
			}
			if (code == exitMet) == (stdout == "") {
				t.Errorf("printed %q", stdout)
			}
			if code != exitMet && strings.Count(stderr, "\n") != 1 {
				t.Errorf("said more than a line: %q", stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"--help", "list --help", "run --help", "report --help", "sweep --help"} {
		_, stdout, _ := call(t, strings.Fields(args)...)
		path := filepath.Join("testdata", strings.ReplaceAll(strings.ReplaceAll(args, "--", ""), " ", "-")+".txt")
		golden.Check(t, path, stdout)
	}
}

func TestListJSON(t *testing.T) {
	code, stdout, stderr := call(t, "list", "-o", "json")
	var list []listed
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != exitMet {
		t.Fatalf("exit code %d, %v; %s", code, err, stderr)
	}
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	if got, want := strings.Join(names, ", "), bench.Names(bench.Scenarios()); got != want {
		t.Errorf("listed %s, want %s", got, want)
	}
}

// fake is a scenario that measures one number and needs nothing.
func fake(value float64, missing ...string) bench.Scenario {
	return bench.Scenario{
		Name: "fake", Title: "made up", Issue: 2, Method: "Made up.", Quick: true,
		Metrics: []bench.Metric{{Name: "lost", Unit: bench.Count}}, Sides: []string{"ours"},
		Bars:    []bench.Bar{{Text: "none lost", Metric: "lost", Of: "ours", Limit: bench.Limit{Relation: bench.AtMost}}},
		Repeats: bench.Repeats{Least: 2, Most: 2},
		Missing: func(bench.Env) []string { return missing },
		Prepare: func(context.Context, bench.Env) (bench.Rig, error) {
			return bench.Rig{Measure: map[string]func(context.Context) (bench.Sample, error){
				"ours": func(context.Context) (bench.Sample, error) { return bench.Sample{"lost": value}, nil },
			}}, nil
		},
	}
}

// Run writes its samples, and report brings them into the page.
func TestRunAndReport(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // a lock of its own: a measurement may be going on
	for _, tt := range []struct {
		name     string
		scenario bench.Scenario
		flags    []string
		fails    bool
		verdict  string
	}{
		{"met", fake(0), nil, false, "none lost: met, 0"},
		{"not met", fake(3), nil, true, "none lost: not met, 3"},
		{"not measured", fake(0, "hugepages"), nil, false, "not measured: this machine lacks hugepages"},
		{"not measured, strictly", fake(0, "hugepages"), []string{"--strict"}, true, "not measured: this machine lacks hugepages"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, scenarios := t.TempDir(), []bench.Scenario{tt.scenario}
			results := filepath.Join(dir, "results")
			c := runCommand(scenarios)
			var out, progress bytes.Buffer
			c.SetOut(&out)
			c.SetErr(&progress)
			c.SilenceErrors, c.SilenceUsage = true, true
			c.SetArgs(append([]string{"--all", "--results", results}, tt.flags...))
			if err := c.ExecuteContext(t.Context()); (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(out.String(), tt.verdict) {
				t.Errorf("printed %q, want %q in it", out.String(), tt.verdict)
			}
			page, data := filepath.Join(dir, "page.md"), filepath.Join(dir, "data.json")
			const markers = "<!-- begin: written by `sluice-perf report` -->\n<!-- end -->\n"
			if err := os.WriteFile(page, []byte("above\n"+markers+"below\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 { // reporting twice changes nothing
				if err := report(scenarios, results, data, page); err != nil {
					t.Fatal(err)
				}
			}
			kept, err := bench.ReadAll(data)
			if err != nil || len(kept) != 1 {
				t.Fatalf("%d results kept, %v", len(kept), err)
			}
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			if s := string(text); !strings.HasPrefix(s, "above\n") || !strings.HasSuffix(s, "below\n") || strings.Count(s, "none lost") != 1 {
				t.Errorf("the page is\n%s", s)
			}
		})
	}
}

// What was interrupted is told, and replaces no older result.
func TestRunInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s := fake(0)
	prepare := s.Prepare
	s.Prepare = func(ctx context.Context, e bench.Env) (bench.Rig, error) {
		cancel()
		return prepare(ctx, e)
	}
	c := runCommand([]bench.Scenario{s})
	c.SetOut(new(bytes.Buffer))
	c.SetErr(new(bytes.Buffer))
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs([]string{"fake", "--results", dir})
	if err := c.ExecuteContext(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%d files were written, %v", len(files), err)
	}
}
