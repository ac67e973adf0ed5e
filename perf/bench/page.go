package bench

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The lines between which RenderPage's output stands in docs/performance.md.
const (
	pageBegin = "<!-- begin: written by `sluice-perf report` -->"
	pageEnd   = "<!-- end -->"
)

// RenderPage returns what docs/performance.md shows of these results: the machine
// of each run, a table with a row for each bar, notes, and what was not measured.
// Scenarios without a result are among the latter.
func RenderPage(scenarios []Scenario, results []Result) string {
	var b strings.Builder
	renderMachines(&b, results)
	b.WriteString("\n## Results\n\n| Issue | Bar | Scenario | Measured | Beside it | Held against the bar | Verdict |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	var absent []string
	for _, s := range scenarios {
		r, ok := resultOfScenario(results, s.Name)
		if !ok {
			absent = append(absent, fmt.Sprintf("`%s`: not run", s.Name))
			for _, bar := range s.Bars {
				renderRow(&b, s.Issue, s.Name, bar, "", "", "", string(NotMeasured))
			}
			continue
		}
		for i, bar := range r.Bars {
			renderBar(&b, r, bar, r.Verdicts[i])
			if v := r.Verdicts[i]; v.State == NotMeasured {
				absent = append(absent, fmt.Sprintf("`%s`: %s", s.Name, v.Why))
			}
		}
		for _, side := range r.Sides {
			if side.Missing != "" {
				absent = append(absent, fmt.Sprintf("`%s`, side %s: %s", s.Name, side.Name, side.Missing))
			}
		}
	}
	renderList(&b, "Measured without a bar", unbarred(results), "Nothing was.")
	renderList(&b, "Not measured", unique(absent), "Everything was.")
	renderMethods(&b, scenarios, results)
	return b.String()
}

func renderMachines(b *strings.Builder, results []Result) {
	b.WriteString("\n## Machine\n\n")
	var lines []string
	for _, r := range results {
		lines = append(lines, r.Machine.String())
	}
	lines = unique(lines)
	if len(lines) == 0 {
		lines = []string{"Nothing was run yet."}
	}
	for _, line := range lines {
		var names []string
		for _, r := range results {
			if r.Machine.String() == line {
				names = append(names, fmt.Sprintf("`%s` on %s, load %.2f", r.Scenario, r.Started.Format("2006-01-02"), r.Machine.Load))
			}
		}
		fmt.Fprintf(b, "%s\n", line)
		if len(names) > 0 {
			fmt.Fprintf(b, "Measured there: %s (the load average of the minute before the run).\n", strings.Join(names, "; "))
		}
	}
}

// String tells the machine in a line, without its load.
func (m Machine) String() string {
	kind := "machine"
	if m.Virtual {
		kind = "virtual machine"
	}
	known := func(s string) string {
		if s == "" {
			return "unknown"
		}
		return s
	}
	return fmt.Sprintf("%s, %d cores, %s GiB, a %s. %s, Linux %s, Open vSwitch %s, DPDK %s. Sluice %s, %s.",
		known(m.CPU), m.Cores, digits(float64(m.MemoryMiB)/1024), kind, known(m.System), known(m.Kernel), known(m.OVS), known(m.DPDK),
		known(shortRevision(m.Revision)), known(m.Go))
}

func shortRevision(r string) string {
	short := r[:min(12, len(r))]
	if strings.HasSuffix(r, "+") {
		short += " with changes"
	}
	return short
}

func renderBar(b *strings.Builder, r Result, bar Bar, v Verdict) {
	unit := Metric{}
	for _, m := range r.Metrics {
		if m.Name == bar.Metric {
			unit = m
		}
	}
	side := func(name string) string {
		values, why := r.samples(name, bar.Metric)
		if name == "" || why != "" || len(values) == 0 {
			return ""
		}
		return name + ": " + spread(Summarize(values), unit.Unit.format)
	}
	held := ""
	if v.State != NotMeasured {
		held = fmt.Sprintf("%s; %s %s", spread(v.Summary, func(x float64) string { return bar.format(r.Metrics, x) }),
			bar.Limit.Relation, bar.format(r.Metrics, bar.Limit.Value))
	}
	verdict := string(v.State)
	if v.Straddles {
		verdict += " (spread straddles)"
	}
	if r.Quick {
		verdict += " (quick run)"
	}
	renderRow(b, r.Issue, r.Scenario, bar, side(bar.Of), side(cmp.Or(bar.Against, bar.Beside)), held, verdict)
}

// unbarred tells what was measured beside what bars are about.
func unbarred(results []Result) []string {
	var lines []string
	for _, r := range results {
		for _, m := range r.Metrics {
			var told []string
			for _, side := range r.Sides {
				barred := slices.ContainsFunc(r.Bars, func(b Bar) bool {
					return b.Metric == m.Name && (b.Of == side.Name || b.Against == side.Name)
				})
				if values, why := r.samples(side.Name, m.Name); !barred && why == "" && len(values) > 0 {
					told = append(told, side.Name+" "+spread(Summarize(values), m.Unit.format))
				}
			}
			if len(told) > 0 {
				lines = append(lines, fmt.Sprintf("`%s`, %s: %s", r.Scenario, m.Name, strings.Join(told, "; ")))
			}
		}
	}
	return lines
}

func renderRow(b *strings.Builder, issue int, scenario string, bar Bar, of, against, held, verdict string) {
	fmt.Fprintf(b, "| %d | %s | `%s` | %s | %s | %s | %s |\n", issue, cell(bar.Text), scenario, cell(of), cell(against), cell(held), verdict)
}

// cell makes a text safe in a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", " ")
}

func renderList(b *strings.Builder, heading string, lines []string, none string) {
	fmt.Fprintf(b, "\n## %s\n\n", heading)
	if len(lines) == 0 {
		b.WriteString(none + "\n")
	}
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", cell(line))
	}
}

func renderMethods(b *strings.Builder, scenarios []Scenario, results []Result) {
	b.WriteString("\n## Scenarios\n")
	for _, s := range scenarios {
		fmt.Fprintf(b, "\n### %s\n\n%s.\n\n%s\n", s.Name, capital(s.Title), s.Method)
		if r, ok := resultOfScenario(results, s.Name); ok {
			if s.Table {
				renderTable(b, r)
			}
			for _, note := range r.Notes {
				fmt.Fprintf(b, "\n%s\n", note)
			}
		}
	}
}

// renderTable shows every metric of every side that was there.
func renderTable(b *strings.Builder, r Result) {
	head, line := "\n| |", "| --- |"
	for _, m := range r.Metrics {
		head, line = head+" "+m.Name+" |", line+" --- |"
	}
	fmt.Fprintf(b, "%s\n%s\n", head, line)
	for _, side := range r.Sides {
		row := "| " + cell(side.Name) + " |"
		for _, m := range r.Metrics {
			text := "not measured"
			if values, why := r.samples(side.Name, m.Name); why == "" && len(values) > 0 {
				text = spread(Summarize(values), m.Unit.format)
			}
			row += " " + text + " |"
		}
		fmt.Fprintln(b, row)
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func resultOfScenario(results []Result, name string) (Result, bool) {
	for _, r := range results {
		if r.Scenario == name {
			return r, true
		}
	}
	return Result{}, false
}

func unique(lines []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, line := range lines {
		if !seen[line] {
			seen[line] = true
			out = append(out, line)
		}
	}
	return out
}

// ReplacePage returns the page with everything between its markers replaced.
func ReplacePage(page, text string) (string, error) {
	before, rest, ok := strings.Cut(page, pageBegin+"\n")
	_, after, ok2 := strings.Cut(rest, pageEnd)
	if !ok || !ok2 {
		return "", errors.New("the page lacks the lines " + pageBegin + " and " + pageEnd)
	}
	return before + pageBegin + "\n" + text + "\n" + pageEnd + after, nil
}
