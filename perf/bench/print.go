package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes a result as a table for a terminal: the sides with median and
// spread of each metric, then the bars with their verdicts.
func Print(w io.Writer, title string, r Result) error {
	fmt.Fprintf(w, "%s: %s\n", r.Scenario, title)
	if len(r.Missing) > 0 {
		fmt.Fprintf(w, "  not measured: %s\n", sentence(r.Missing))
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, side := range r.Sides {
		if side.Missing != "" {
			fmt.Fprintf(table, "  %s\tleft out: %s\n", side.Name, side.Missing)
			continue
		}
		for _, m := range r.Metrics {
			s := Summarize(side.Samples[m.Name])
			if s.N == 0 {
				fmt.Fprintf(table, "  %s\t%s\tno samples\n", side.Name, m.Name)
				continue
			}
			fmt.Fprintf(table, "  %s\t%s\t%s\t%d samples\n", side.Name, m.Name, spread(s, m.Unit.format), s.N)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i, b := range r.Bars {
		fmt.Fprintf(w, "  bar: %s: %s\n", b.Text, r.Verdicts[i].words(b, r.Metrics))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
	if r.Failed != "" {
		fmt.Fprintf(w, "  failed: %s\n", r.Failed)
	}
	return nil
}

// words prints a verdict: "met, 1.08 times (0.97 times .. 1.21 times)".
func (v Verdict) words(b Bar, metrics []Metric) string {
	if v.State == NotMeasured {
		return string(v.State) + ": " + v.Why
	}
	text := fmt.Sprintf("%s, %s", v.State, spread(v.Summary, func(x float64) string { return b.format(metrics, x) }))
	if v.Straddles {
		text += ", the spread straddles the bar"
	}
	return text
}
